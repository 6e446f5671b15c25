"""PutUserPermissionsBoundary: limit a user to what a managed policy allows.

Source: IAM API Reference, PutUserPermissionsBoundary.
"""

from regions.iam.changes import User
from regions.iam.holders import put_boundary
from regions.iam.wants import on

OPERATION = on("PutUserPermissionsBoundary", User, "UserName", put_boundary(User))
