"""TagUser: set tags of a user.

Source: IAM API Reference, TagUser.
"""

from regions.iam.changes import User
from regions.iam.tagging import tag
from regions.iam.wants import on

OPERATION = on("TagUser", User, "UserName", tag(User))
