"""ListAttachedRolePolicies: the managed policies of a role.

Source: IAM API Reference, ListAttachedRolePolicies.
"""

from regions.iam.changes import Role
from regions.iam.holders import list_attached
from regions.iam.wants import on

OPERATION = on("ListAttachedRolePolicies", Role, "RoleName", list_attached(Role), read_only=True)
