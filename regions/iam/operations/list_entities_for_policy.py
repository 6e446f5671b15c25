"""ListEntitiesForPolicy: who has a managed policy, or is limited by it.

Source: IAM API Reference, ListEntitiesForPolicy.
"""

from typing import Any, Final

from regions.iam.changes import Group, Role, User
from regions.iam.directory import Directory
from regions.iam.pages import page
from regions.iam.wants import on_policy_arn
from regions.service.operation import Desk, Values

#: EntityFilter -> whom it lets through; the managed-policy filters are of ListPolicies' kin.
_FILTERS: Final = {"User": User, "Role": Role, "Group": Group}
_MEMBERS: Final = {User: "PolicyUsers", Role: "PolicyRoles", Group: "PolicyGroups"}


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    directory: Directory = desk.state
    arn, prefix = parameters["PolicyArn"], parameters.get("PathPrefix", "/")
    directory.policy(arn, desk.account)
    bounds = parameters.get("PolicyUsageFilter") == "PermissionsBoundary"
    found = directory.bounded_by if bounds else directory.holders_of
    wanted = parameters.get("EntityFilter")
    holders: list[User | Role | Group] = [
        holder
        for holder in found(arn, desk.account)
        if holder.path.startswith(prefix)
        and (wanted is None or isinstance(holder, _FILTERS.get(wanted, ())))
    ]
    holders.sort(key=_key)
    body = page(parameters, "Holders", holders, _key, lambda holder: holder)
    shown: list[User | Role | Group] = body.pop("Holders")
    for cls, member in _MEMBERS.items():
        body[member] = [_shape(holder) for holder in shown if type(holder) is cls]
    return body


def _key(holder: User | Role | Group) -> str:
    return f"{type(holder).__name__}/{holder.name}".lower()


def _shape(holder: User | Role | Group) -> dict[str, str]:
    kind = type(holder).__name__
    number = getattr(holder, f"{kind.lower()}_id")
    return {f"{kind}Name": holder.name, f"{kind}Id": number}


OPERATION = on_policy_arn("ListEntitiesForPolicy", _perform, read_only=True)
