"""ListGroupsForUser: the groups that a user is in.

Source: IAM API Reference, ListGroupsForUser.
"""

from typing import Any

from regions.iam.changes import User
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import group_shape
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    user = directory.find(User, desk.account, parameters["UserName"])
    return page(
        parameters,
        "Groups",
        directory.groups_of(user.account, user.name),
        lambda group: group.name,
        lambda group: group_shape(directory, group),
    )


OPERATION = on("ListGroupsForUser", User, "UserName", _perform, read_only=True)
