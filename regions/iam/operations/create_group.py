"""CreateGroup: make a group, with nobody in it.

Source: IAM API Reference, CreateGroup.
"""

from typing import Any

from regions.iam.changes import Group
from regions.iam.directory import Directory
from regions.iam.errors import EntityAlreadyExists
from regions.iam.identifiers import GROUP, ID_BYTES, unique_id
from regions.iam.quotas import check_quota
from regions.iam.shapes import group_shape
from regions.iam.wants import on
from regions.service.operation import Desk, Values


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    name, account = parameters["GroupName"], desk.account
    if directory.taken(Group, account, name):
        raise EntityAlreadyExists(f"Group with name {name} already exists.")
    check_quota("GroupsPerAccount", directory.count(Group, account) + 1)
    group = Group(
        account=account,
        name=name,
        path=parameters.get("Path", "/"),
        group_id=unique_id(GROUP, account, directory.vault.draw(ID_BYTES)),
        created_ns=desk.now_ns,
    )
    desk.change(group)
    return {"Group": group_shape(directory, group)}


OPERATION = on("CreateGroup", Group, "GroupName", _perform)
