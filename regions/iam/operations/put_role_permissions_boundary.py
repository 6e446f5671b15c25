"""PutRolePermissionsBoundary: limit a role to what a managed policy allows.

Source: IAM API Reference, PutRolePermissionsBoundary.
"""

from regions.iam.changes import Role
from regions.iam.holders import put_boundary
from regions.iam.wants import on

OPERATION = on("PutRolePermissionsBoundary", Role, "RoleName", put_boundary(Role))
