"""DeleteRole: make an end of a role that has nothing any more.

Source: IAM API Reference, DeleteRole.
"""

from typing import Any

from regions.iam.changes import Gone, Role
from regions.iam.directory import Directory
from regions.iam.holders import check_bare
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    role = directory.find(Role, desk.account, parameters["RoleName"])
    check_bare(role)
    desk.change(Gone(kind="role", account=role.account, name=role.name))
    return {}


OPERATION = on("DeleteRole", Role, "RoleName", _perform)
