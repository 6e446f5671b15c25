"""ListRoles: the roles of the account, by name.

Source: IAM API Reference, ListRoles.
"""

from typing import Any

from regions.iam.changes import Role
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import role_shape
from regions.iam.wants import on_account
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    found = directory.all_of(Role, desk.account, parameters.get("PathPrefix", "/"))
    return page(
        parameters,
        "Roles",
        found,
        lambda role: role.name,
        lambda role: role_shape(directory, role),
    )


OPERATION = on_account("ListRoles", _perform)
