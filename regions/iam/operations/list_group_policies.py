"""ListGroupPolicies: names of a group's own policies.

Source: IAM API Reference, ListGroupPolicies.
"""

from regions.iam.changes import Group
from regions.iam.holders import list_inline
from regions.iam.wants import on

OPERATION = on("ListGroupPolicies", Group, "GroupName", list_inline(Group), read_only=True)
