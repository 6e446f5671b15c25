"""TagRole: set tags of a role.

Source: IAM API Reference, TagRole.
"""

from regions.iam.changes import Role
from regions.iam.tagging import tag
from regions.iam.wants import on

OPERATION = on("TagRole", Role, "RoleName", tag(Role))
