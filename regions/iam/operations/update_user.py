"""UpdateUser: give a user another name or path; keys and groups stay his.

Source: IAM API Reference, UpdateUser.
"""

from typing import Any

from regions.iam.changes import Gone, User
from regions.iam.directory import Directory
from regions.iam.errors import EntityAlreadyExists
from regions.iam.wants import on
from regions.service.operation import Desk, Values
from sim.quick import changed


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    account = desk.account
    user = directory.find(User, account, parameters["UserName"])
    name = parameters.get("NewUserName", user.name)
    if name.lower() != user.name.lower() and directory.taken(User, account, name):
        raise EntityAlreadyExists(f"User with name {name} already exists.")
    keys = directory.keys_of(account, user.name)
    groups = directory.groups_of(account, user.name)
    desk.change(Gone(kind="user", account=account, name=user.name))
    desk.change(changed(user, name=name, path=parameters.get("NewPath", user.path)))
    if name != user.name:
        for key in keys:
            desk.change(changed(key, user=name))
        for group in groups:
            members = (name if one == user.name else one for one in group.members)
            desk.change(changed(group, members=tuple(members)))
    return {}


OPERATION = on("UpdateUser", User, "UserName", _perform)
