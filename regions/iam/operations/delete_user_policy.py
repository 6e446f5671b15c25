"""DeleteUserPolicy: take a policy of its own from a user.

Source: IAM API Reference, DeleteUserPolicy.
"""

from regions.iam.changes import User
from regions.iam.holders import delete_inline
from regions.iam.wants import on

OPERATION = on("DeleteUserPolicy", User, "UserName", delete_inline(User))
