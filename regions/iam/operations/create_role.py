"""CreateRole: make a role, and say who may assume it.

Source: IAM API Reference, CreateRole.
"""

from typing import Any, Final

from regions.iam.changes import Role
from regions.iam.directory import Directory
from regions.iam.documents import check_trust
from regions.iam.errors import EntityAlreadyExists
from regions.iam.holders import check_boundary
from regions.iam.identifiers import ID_BYTES, ROLE, unique_id
from regions.iam.quotas import check_quota
from regions.iam.shapes import role_shape
from regions.iam.tagging import new_tags
from regions.iam.wants import on
from regions.service.operation import Desk, Values

#: How long its sessions may last when nobody says.
SESSION_S: Final = 3_600


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    name, account = parameters["RoleName"], desk.account
    if directory.taken(Role, account, name):
        raise EntityAlreadyExists(f"Role with name {name} already exists.")
    check_quota("RolesPerAccount", directory.count(Role, account) + 1)
    check_trust(parameters["AssumeRolePolicyDocument"], directory)
    role = Role(
        account=account,
        name=name,
        path=parameters.get("Path", "/"),
        role_id=unique_id(ROLE, account, directory.vault.draw(ID_BYTES)),
        created_ns=desk.now_ns,
        trust=parameters["AssumeRolePolicyDocument"],
        max_session_s=parameters.get("MaxSessionDuration", SESSION_S),
        description=parameters.get("Description", ""),
        boundary=check_boundary(desk, parameters),
        tags=new_tags(Role, parameters),
    )
    desk.change(role)
    return {"Role": role_shape(directory, role, whole=True)}


OPERATION = on("CreateRole", Role, "RoleName", _perform)
