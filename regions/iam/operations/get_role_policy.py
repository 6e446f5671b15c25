"""GetRolePolicy: the text of a policy of a role's own.

Source: IAM API Reference, GetRolePolicy.
"""

from regions.iam.changes import Role
from regions.iam.holders import get_inline
from regions.iam.wants import on

OPERATION = on("GetRolePolicy", Role, "RoleName", get_inline(Role), read_only=True)
