"""What users, roles and groups have in common: policies of their own, attached ones, a boundary.

Each function makes what one action does, for one class of holders.
What does not belong here: which actions there are (operations/).
Source: IAM API Reference; texts as observed.
"""

from typing import Any

from regions.iam.changes import Group, Role, User
from regions.iam.directory import KINDS, Directory
from regions.iam.documents import INLINE_MAX, check_policy, size_of
from regions.iam.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from regions.iam.pages import page
from regions.iam.quotas import check_quota
from regions.iam.shapes import encoded
from regions.iam.wants import Perform
from regions.service.operation import Desk, Values
from sim.quick import changed

Class = type[User] | type[Role] | type[Group]
Bounded = type[User] | type[Role]


def _find(desk: Desk, cls: Any, parameters: Values) -> Any:
    directory: Directory = desk.state
    return directory.find(cls, desk.account, parameters[f"{cls.__name__}Name"])


def _no_inline(cls: Class, name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {KINDS[cls]} policy with name {name} cannot be found.")


# Policies of their own.


def put_inline(cls: Class) -> Perform:
    """Return what gives a holder a policy of its own, or another text of it."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder, document = _find(desk, cls, parameters), parameters["PolicyDocument"]
        check_policy(document)
        inline = dict(holder.inline) | {parameters["PolicyName"]: document}
        kind = KINDS[cls]
        if size_of(inline.values()) > INLINE_MAX[kind]:
            raise LimitExceeded(
                f"Maximum policy size of {INLINE_MAX[kind]} bytes exceeded for {kind} {holder.name}"
            )
        desk.change(changed(holder, inline=tuple(inline.items())))
        return {}

    return perform


def get_inline(cls: Class) -> Perform:
    """Return what shows a policy of a holder's own."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder, name = _find(desk, cls, parameters), parameters["PolicyName"]
        document = dict(holder.inline).get(name)
        if document is None:
            raise _no_inline(cls, name)
        return {
            f"{cls.__name__}Name": holder.name,
            "PolicyName": name,
            "PolicyDocument": encoded(document),
        }

    return perform


def list_inline(cls: Class) -> Perform:
    """Return what lists the policies of a holder's own."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        names = sorted((name for name, _ in _find(desk, cls, parameters).inline), key=str.lower)
        return page(parameters, "PolicyNames", names, str, str)

    return perform


def delete_inline(cls: Class) -> Perform:
    """Return what takes a policy of its own from a holder."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder, name = _find(desk, cls, parameters), parameters["PolicyName"]
        inline = dict(holder.inline)
        if name not in inline:
            raise _no_inline(cls, name)
        del inline[name]
        desk.change(changed(holder, inline=tuple(inline.items())))
        return {}

    return perform


# Managed policies.


def _attachable(desk: Desk, arn: str) -> None:
    directory: Directory = desk.state
    if directory.visible(arn, desk.account) is None:
        raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")


def attach(cls: Class) -> Perform:
    """Return what attaches a managed policy to a holder; to do it twice changes nothing."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder, arn = _find(desk, cls, parameters), parameters["PolicyArn"]
        _attachable(desk, arn)
        if arn not in holder.attached:
            check_quota(f"PoliciesPer{cls.__name__}", len(holder.attached) + 1)
            desk.change(changed(holder, attached=(*holder.attached, arn)))
        return {}

    return perform


def detach(cls: Class) -> Perform:
    """Return what takes a managed policy from a holder."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder, arn = _find(desk, cls, parameters), parameters["PolicyArn"]
        if arn not in holder.attached:
            raise NoSuchEntity(f"Policy {arn} was not found.")
        left = tuple(one for one in holder.attached if one != arn)
        desk.change(changed(holder, attached=left))
        return {}

    return perform


def list_attached(cls: Class) -> Perform:
    """Return what lists the managed policies of a holder."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        directory: Directory = desk.state
        prefix = parameters.get("PathPrefix", "/")
        attached = _find(desk, cls, parameters).attached
        policies = [directory.policy(arn, desk.account) for arn in attached]
        found = [directory.arn(one) for one in policies if one.path.startswith(prefix)]

        def shape(arn: str) -> dict[str, Any]:
            return {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}

        return page(parameters, "AttachedPolicies", sorted(found, key=str.lower), str, shape)

    return perform


# The boundary, and the end.


def put_boundary(cls: Bounded) -> Perform:
    """Return what limits a holder to what a managed policy allows."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder, arn = _find(desk, cls, parameters), parameters["PermissionsBoundary"]
        _attachable(desk, arn)
        desk.change(changed(holder, boundary=arn))
        return {}

    return perform


def delete_boundary(cls: Bounded) -> Perform:
    """Return what takes a holder's limit away."""

    def perform(desk: Desk, parameters: Values) -> dict[str, Any]:
        holder = _find(desk, cls, parameters)
        if not holder.boundary:
            raise NoSuchEntity(f"{cls.__name__} {holder.name} has no permissions boundary set.")
        desk.change(changed(holder, boundary=""))
        return {}

    return perform


def check_boundary(desk: Desk, parameters: Values) -> str:
    """Return the boundary that a new user or role gets, "" for none.

    Raises:
      NoSuchEntity: there is no such policy.
    """
    arn: str = parameters.get("PermissionsBoundary", "")
    if arn:
        _attachable(desk, arn)
    return arn


def check_bare(holder: User | Role | Group) -> None:
    """Accept that a holder is deleted, as far as policies go.

    Raises:
      DeleteConflict: it has some.
    """
    if holder.inline:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
    if holder.attached:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
