"""TagPolicy: set tags of a managed policy.

Source: IAM API Reference, TagPolicy.
"""

from regions.iam.changes import Policy
from regions.iam.tagging import tag
from regions.iam.wants import on_policy_arn

OPERATION = on_policy_arn("TagPolicy", tag(Policy))
