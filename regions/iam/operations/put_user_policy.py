"""PutUserPolicy: give a user a policy of its own, or another text of it.

Source: IAM API Reference, PutUserPolicy.
"""

from regions.iam.changes import User
from regions.iam.holders import put_inline
from regions.iam.wants import on

OPERATION = on("PutUserPolicy", User, "UserName", put_inline(User))
