"""UntagPolicy: take tags from a managed policy.

Source: IAM API Reference, UntagPolicy.
"""

from regions.iam.changes import Policy
from regions.iam.tagging import untag
from regions.iam.wants import on_policy_arn

OPERATION = on_policy_arn("UntagPolicy", untag(Policy))
