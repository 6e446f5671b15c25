"""DeleteUser: make an end of a user that has nothing any more.

Source: IAM API Reference, DeleteUser.
"""

from typing import Any

from regions.iam.changes import Gone, User
from regions.iam.directory import Directory
from regions.iam.errors import DeleteConflict
from regions.iam.holders import check_bare
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    user = directory.find(User, desk.account, parameters["UserName"])
    check_bare(user)
    if directory.keys_of(user.account, user.name):
        raise DeleteConflict("Cannot delete entity, must delete access keys first.")
    if directory.groups_of(user.account, user.name):
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    desk.change(Gone(kind="user", account=user.account, name=user.name))
    return {}


OPERATION = on("DeleteUser", User, "UserName", _perform)
