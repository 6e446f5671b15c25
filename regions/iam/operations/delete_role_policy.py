"""DeleteRolePolicy: take a policy of its own from a role.

Source: IAM API Reference, DeleteRolePolicy.
"""

from regions.iam.changes import Role
from regions.iam.holders import delete_inline
from regions.iam.wants import on

OPERATION = on("DeleteRolePolicy", Role, "RoleName", delete_inline(Role))
