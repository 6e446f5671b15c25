"""ListUserTags: the tags of a user.

Source: IAM API Reference, ListUserTags.
"""

from regions.iam.changes import User
from regions.iam.tagging import list_tags
from regions.iam.wants import on

OPERATION = on("ListUserTags", User, "UserName", list_tags(User), read_only=True)
