"""UntagRole: take tags from a role.

Source: IAM API Reference, UntagRole.
"""

from regions.iam.changes import Role
from regions.iam.tagging import untag
from regions.iam.wants import on

OPERATION = on("UntagRole", Role, "RoleName", untag(Role))
