"""ListUserPolicies: names of a user's own policies.

Source: IAM API Reference, ListUserPolicies.
"""

from regions.iam.changes import User
from regions.iam.holders import list_inline
from regions.iam.wants import on

OPERATION = on("ListUserPolicies", User, "UserName", list_inline(User), read_only=True)
