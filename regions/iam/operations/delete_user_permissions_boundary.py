"""DeleteUserPermissionsBoundary: take the limit of a user away.

Source: IAM API Reference, DeleteUserPermissionsBoundary.
"""

from regions.iam.changes import User
from regions.iam.holders import delete_boundary
from regions.iam.wants import on

OPERATION = on("DeleteUserPermissionsBoundary", User, "UserName", delete_boundary(User))
