"""ListUsers: the users of the account, by name.

Source: IAM API Reference, ListUsers.
"""

from typing import Any

from regions.iam.changes import User
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import user_shape
from regions.iam.wants import on_account
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    found = directory.all_of(User, desk.account, parameters.get("PathPrefix", "/"))
    return page(
        parameters,
        "Users",
        found,
        lambda user: user.name,
        lambda user: user_shape(directory, user),
    )


OPERATION = on_account("ListUsers", _perform)
