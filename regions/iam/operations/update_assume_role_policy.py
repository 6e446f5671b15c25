"""UpdateAssumeRolePolicy: say anew who may assume a role.

Source: IAM API Reference, UpdateAssumeRolePolicy.
"""

from typing import Any

from regions.iam.changes import Role
from regions.iam.directory import Directory
from regions.iam.documents import check_trust
from regions.iam.wants import on
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    role = directory.find(Role, desk.account, parameters["RoleName"])
    check_trust(parameters["PolicyDocument"], directory)
    desk.change(changed(role, trust=parameters["PolicyDocument"]))
    return {}


OPERATION = on("UpdateAssumeRolePolicy", Role, "RoleName", _perform)
