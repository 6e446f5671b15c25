"""ListRoleTags: the tags of a role.

Source: IAM API Reference, ListRoleTags.
"""

from regions.iam.changes import Role
from regions.iam.tagging import list_tags
from regions.iam.wants import on

OPERATION = on("ListRoleTags", Role, "RoleName", list_tags(Role), read_only=True)
