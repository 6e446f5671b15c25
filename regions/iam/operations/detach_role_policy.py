"""DetachRolePolicy: take a managed policy from a role.

Source: IAM API Reference, DetachRolePolicy.
"""

from regions.iam.changes import Role
from regions.iam.holders import detach
from regions.iam.wants import on

OPERATION = on("DetachRolePolicy", Role, "RoleName", detach(Role))
