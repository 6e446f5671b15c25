"""PutRolePolicy: give a role a policy of its own, or another text of it.

Source: IAM API Reference, PutRolePolicy.
"""

from regions.iam.changes import Role
from regions.iam.holders import put_inline
from regions.iam.wants import on

OPERATION = on("PutRolePolicy", Role, "RoleName", put_inline(Role))
