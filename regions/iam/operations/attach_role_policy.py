"""AttachRolePolicy: attach a managed policy to a role.

Source: IAM API Reference, AttachRolePolicy.
"""

from regions.iam.changes import Role
from regions.iam.holders import attach
from regions.iam.wants import on

OPERATION = on("AttachRolePolicy", Role, "RoleName", attach(Role))
