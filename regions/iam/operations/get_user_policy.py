"""GetUserPolicy: the text of a policy of a user's own.

Source: IAM API Reference, GetUserPolicy.
"""

from regions.iam.changes import User
from regions.iam.holders import get_inline
from regions.iam.wants import on

OPERATION = on("GetUserPolicy", User, "UserName", get_inline(User), read_only=True)
