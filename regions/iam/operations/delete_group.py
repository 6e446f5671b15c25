"""DeleteGroup: make an end of a group that has nothing any more.

Source: IAM API Reference, DeleteGroup.
"""

from typing import Any

from regions.iam.changes import Gone, Group
from regions.iam.directory import Directory
from regions.iam.errors import DeleteConflict
from regions.iam.holders import check_bare
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    group = directory.find(Group, desk.account, parameters["GroupName"])
    check_bare(group)
    if group.members:
        raise DeleteConflict("Cannot delete entity, must remove users from group first.")
    desk.change(Gone(kind="group", account=group.account, name=group.name))
    return {}


OPERATION = on("DeleteGroup", Group, "GroupName", _perform)
