"""What IAM's actions need to be allowed, and on what: parts that actions are made of.

What does not belong here: what an action does (holders.py, operations/).
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity
and Access Management".
"""

from collections.abc import Callable
from typing import Any, Final

from regions.api.errors import ValidationError
from regions.iam.changes import Group, Policy, Role, User
from regions.iam.directory import KINDS, Directory
from regions.iam.identifiers import entity_arn
from regions.service.operation import Desk, Operation, Values, Wanted

Perform = Callable[[Desk, Values], dict[str, Any]]
NO_USER: Final = "Must specify userName when calling with non-User credentials"


def user_name(desk: Desk, parameters: Values) -> str:
    """Return the user that a call is about: by default the caller; "" is the account's root.

    Raises:
      ValidationError: the caller is no user, and names none.
    """
    name: str | None = parameters.get("UserName")
    if name is not None:
        return name
    principal = desk.call.principal
    if principal.kind not in ("IAMUser", "Root"):
        raise ValidationError(NO_USER)
    return principal.user_name if principal.kind == "IAMUser" else ""


def tags_of(parameters: Values) -> dict[str, str]:
    """Return the tags that a request brings."""
    return {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())}


def _keys(parameters: Values, boundary: str) -> dict[str, str | tuple[str, ...]]:
    """Return IAM's own condition keys, lower-cased."""
    keys: dict[str, str | tuple[str, ...]] = {}
    if "PolicyArn" in parameters:
        keys["iam:policyarn"] = parameters["PolicyArn"]
    boundary = parameters.get("PermissionsBoundary") or boundary
    if boundary:
        keys["iam:permissionsboundary"] = boundary
    return keys


def _wanted(desk: Desk, parameters: Values, action: str, cls: Any, name: str) -> Wanted:
    directory: Directory = desk.state
    kind, account = KINDS[cls], desk.account
    if cls is User and not name:
        arn = f"arn:{directory.partition}:iam::{account}:root"
        return Wanted(action=action, resource=arn, account=account)
    found: User | Role | Group | Policy | None = directory.seek(cls, account, name)
    path = parameters.get("Path", "/") if found is None else found.path
    tags = {} if found is None or isinstance(found, Group) else dict(found.tags)
    keys = _keys(parameters, getattr(found, "boundary", ""))
    keys |= {f"iam:resourcetag/{tag.lower()}": value for tag, value in tags.items()}
    return Wanted(
        action=action,
        resource=entity_arn(directory.partition, account, kind, path, name),
        account=account,
        resource_tags=tags,
        request_tags=tags_of(parameters),
        keys=keys,
    )


def on(
    name: str,
    cls: type[User | Role | Group | Policy],
    member: str,
    perform: Perform,
    *,
    read_only: bool = False,
) -> Operation:
    """Return an action on a user, role, group or policy that a parameter names."""

    def wants(desk: Desk, parameters: Values) -> Wanted:
        called = user_name(desk, parameters) if cls is User else parameters[member]
        return _wanted(desk, parameters, f"iam:{name}", cls, called)

    return Operation(name=name, perform=perform, read_only=read_only, wants=wants)


def on_policy_arn(name: str, perform: Perform, *, read_only: bool = False) -> Operation:
    """Return an action on a managed policy that PolicyArn names."""

    def wants(desk: Desk, parameters: Values) -> Wanted:
        arn = parameters["PolicyArn"]
        policy = desk.state.seek_arn(Policy, arn)
        tags = {} if policy is None else dict(policy.tags)
        return Wanted(
            action=f"iam:{name}",
            resource=arn,
            account=desk.account,
            resource_tags=tags,
            request_tags=tags_of(parameters),
        )

    return Operation(name=name, perform=perform, read_only=read_only, wants=wants)


def on_account(name: str, perform: Perform) -> Operation:
    """Return an action that looks at a whole account."""

    def wants(desk: Desk, parameters: Values) -> Wanted:  # noqa: ARG001 - they ask for no resource
        return Wanted(action=f"iam:{name}", resource="*", account=desk.account)

    return Operation(name=name, perform=perform, read_only=True, wants=wants)
