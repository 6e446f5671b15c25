"""ListRolePolicies: names of a role's own policies.

Source: IAM API Reference, ListRolePolicies.
"""

from regions.iam.changes import Role
from regions.iam.holders import list_inline
from regions.iam.wants import on

OPERATION = on("ListRolePolicies", Role, "RoleName", list_inline(Role), read_only=True)
