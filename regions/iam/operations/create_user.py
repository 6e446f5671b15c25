"""CreateUser: make a user, who may do nothing yet.

Source: IAM API Reference, CreateUser.
"""

from typing import Any

from regions.iam.changes import User
from regions.iam.directory import Directory
from regions.iam.errors import EntityAlreadyExists
from regions.iam.holders import check_boundary
from regions.iam.identifiers import ID_BYTES, USER, unique_id
from regions.iam.quotas import check_quota
from regions.iam.shapes import user_shape
from regions.iam.tagging import new_tags
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    name, account = parameters["UserName"], desk.account
    if directory.taken(User, account, name):
        raise EntityAlreadyExists(f"User with name {name} already exists.")
    check_quota("UsersPerAccount", directory.count(User, account) + 1)
    user = User(
        account=account,
        name=name,
        path=parameters.get("Path", "/"),
        user_id=unique_id(USER, account, directory.vault.draw(ID_BYTES)),
        created_ns=desk.now_ns,
        boundary=check_boundary(desk, parameters),
        tags=new_tags(User, parameters),
    )
    desk.change(user)
    return {"User": user_shape(directory, user, whole=True)}


OPERATION = on("CreateUser", User, "UserName", _perform)
