"""RemoveUserFromGroup: take a user out of a group; one who is not in it does not matter.

Source: IAM API Reference, RemoveUserFromGroup.
"""

from typing import Any

from regions.iam.changes import Group, User
from regions.iam.directory import Directory
from regions.iam.wants import on
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    group = directory.find(Group, desk.account, parameters["GroupName"])
    user = directory.find(User, desk.account, parameters["UserName"])
    left = tuple(name for name in group.members if name != user.name)
    desk.change(changed(group, members=left))
    return {}


OPERATION = on("RemoveUserFromGroup", Group, "GroupName", _perform)
