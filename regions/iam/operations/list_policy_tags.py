"""ListPolicyTags: the tags of a managed policy.

Source: IAM API Reference, ListPolicyTags.
"""

from regions.iam.changes import Policy
from regions.iam.tagging import list_tags
from regions.iam.wants import on_policy_arn

OPERATION = on_policy_arn("ListPolicyTags", list_tags(Policy), read_only=True)
