"""DeleteRolePermissionsBoundary: take the limit of a role away.

Source: IAM API Reference, DeleteRolePermissionsBoundary.
"""

from regions.iam.changes import Role
from regions.iam.holders import delete_boundary
from regions.iam.wants import on

OPERATION = on("DeleteRolePermissionsBoundary", Role, "RoleName", delete_boundary(Role))
