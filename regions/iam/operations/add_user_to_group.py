"""AddUserToGroup: put a user into a group; to do it twice changes nothing.

Source: IAM API Reference, AddUserToGroup.
"""

from typing import Any

from regions.iam.changes import Group, User
from regions.iam.directory import Directory
from regions.iam.quotas import check_quota
from regions.iam.wants import on
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    group = directory.find(Group, desk.account, parameters["GroupName"])
    user = directory.find(User, desk.account, parameters["UserName"])
    if user.name not in group.members:
        check_quota("GroupsPerUser", len(directory.groups_of(user.account, user.name)) + 1)
        desk.change(changed(group, members=(*group.members, user.name)))
    return {}


OPERATION = on("AddUserToGroup", Group, "GroupName", _perform)
