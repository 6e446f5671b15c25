"""UpdateRole: say what a role is for, and how long its sessions may last.

Source: IAM API Reference, UpdateRole.
"""

from typing import Any

from regions.iam.changes import Role
from regions.iam.directory import Directory
from regions.iam.wants import on
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    role = directory.find(Role, desk.account, parameters["RoleName"])
    desk.change(
        changed(
            role,
            description=parameters.get("Description", role.description),
            max_session_s=parameters.get("MaxSessionDuration", role.max_session_s),
        )
    )
    return {}


OPERATION = on("UpdateRole", Role, "RoleName", _perform)
