"""ListAttachedUserPolicies: the managed policies of a user.

Source: IAM API Reference, ListAttachedUserPolicies.
"""

from regions.iam.changes import User
from regions.iam.holders import list_attached
from regions.iam.wants import on

OPERATION = on("ListAttachedUserPolicies", User, "UserName", list_attached(User), read_only=True)
