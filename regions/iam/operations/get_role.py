"""GetRole: a role, and who may assume it.

Source: IAM API Reference, GetRole.
"""

from typing import Any

from regions.iam.changes import Role
from regions.iam.directory import Directory
from regions.iam.shapes import role_shape
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    role = directory.find(Role, desk.account, parameters["RoleName"])
    return {"Role": role_shape(directory, role, whole=True)}


OPERATION = on("GetRole", Role, "RoleName", _perform, read_only=True)
