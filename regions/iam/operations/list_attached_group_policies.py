"""ListAttachedGroupPolicies: the managed policies of a group.

Source: IAM API Reference, ListAttachedGroupPolicies.
"""

from regions.iam.changes import Group
from regions.iam.holders import list_attached
from regions.iam.wants import on

OPERATION = on(
    "ListAttachedGroupPolicies", Group, "GroupName", list_attached(Group), read_only=True
)
