"""UntagUser: take tags from a user.

Source: IAM API Reference, UntagUser.
"""

from regions.iam.changes import User
from regions.iam.tagging import untag
from regions.iam.wants import on

OPERATION = on("UntagUser", User, "UserName", untag(User))
