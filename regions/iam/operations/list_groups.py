"""ListGroups: the groups of the account, by name.

Source: IAM API Reference, ListGroups.
"""

from typing import Any

from regions.iam.changes import Group
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.shapes import group_shape
from regions.iam.wants import on_account
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    found = directory.all_of(Group, desk.account, parameters.get("PathPrefix", "/"))
    return page(
        parameters,
        "Groups",
        found,
        lambda group: group.name,
        lambda group: group_shape(directory, group),
    )


OPERATION = on_account("ListGroups", _perform)
