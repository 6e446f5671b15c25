"""GetGroup: a group and the users in it.

Source: IAM API Reference, GetGroup.
"""

from typing import Any

from regions.iam.changes import Group, User
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import group_shape, user_shape
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    group = directory.find(Group, desk.account, parameters["GroupName"])
    users = [directory.find(User, group.account, name) for name in group.members]
    users.sort(key=lambda user: user.name.lower())
    body = page(
        parameters,
        "Users",
        users,
        lambda user: user.name,
        lambda user: user_shape(directory, user),
    )
    return {"Group": group_shape(directory, group), **body}


OPERATION = on("GetGroup", Group, "GroupName", _perform, read_only=True)
