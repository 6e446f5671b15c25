"""What the actions of CloudWatch Logs need to be allowed, and on what.

Every log group's resource is written with an empty stream, as refusals of the service show it, so
a policy needs ``log-group:NAME:*`` to cover it.
What does not belong here: what an action does (operations/).
Source: Service Authorization Reference, "Amazon CloudWatch Logs"; CloudWatch Logs User Guide,
"Identity and access management": ARNs with ``:*``; resources in refusals as observed.
"""

import json
from collections.abc import Callable
from typing import Any

from regions.api.errors import InvalidParameterException
from regions.logs.errors import ResourceNotFoundException
from regions.logs.places import group_arn, stream_arn
from regions.logs.state import Group, LogsState, Stream
from regions.service.operation import Desk, Operation, Values, Wanted

Perform = Callable[[Desk, Values], dict[str, Any]]

NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."


def group_name(desk: Desk, parameters: Values) -> tuple[str, str]:
    """Return account and name of the group that a call is about.

    Raises:
      InvalidParameterException: it names none, or one in two ways.
    """
    name: str = parameters.get("logGroupName", "")
    identifier: str = parameters.get("logGroupIdentifier", "")
    if bool(name) == bool(identifier):
        raise InvalidParameterException(
            "Exactly one of logGroupName or logGroupIdentifier must be specified"
        )
    if name or not identifier.startswith("arn:"):
        return desk.account, name or identifier
    parts = identifier.split(":", 6)
    if len(parts) < 7 or parts[2] != "logs" or parts[3] != desk.region or parts[5] != "log-group":
        raise InvalidParameterException(f"logGroupIdentifier {identifier} is no log group here")
    return parts[4], parts[6].removesuffix(":*")


def find_group(desk: Desk, parameters: Values) -> Group:
    """Return the group that a call is about.

    Raises:
      ResourceNotFoundException: there is no such group.
    """
    state: LogsState = desk.state
    group = state.groups.get(group_name(desk, parameters))
    if group is None:
        raise ResourceNotFoundException(NO_GROUP)
    group.forget(now_ms(desk))
    return group


def find_stream(desk: Desk, parameters: Values) -> Stream:
    """Return the stream that a call is about.

    Raises:
      ResourceNotFoundException: there is no such group or stream.
    """
    stream = find_group(desk, parameters).streams.get(parameters["logStreamName"])
    if stream is None:
        raise ResourceNotFoundException(NO_STREAM)
    return stream


def now_ms(desk: Desk) -> int:
    """Return the calendar time of a call."""
    return desk.now_ns // 1_000_000


def policy_of(state: LogsState, account: str) -> str:
    """Return an account's resource policies as one document; "" if it has none."""
    documents = [
        json.loads(policy.document)
        for (owner, _), policy in sorted(state.policies.items())
        if owner == account
    ]
    if not documents:
        return ""
    statements: list[Any] = []
    for document in documents:
        found = document["Statement"]
        statements += found if isinstance(found, list) else [found]
    # The texts of two policies may have the same Sid; what is evaluated needs none.
    unnamed = [
        {name: value for name, value in statement.items() if name != "Sid"}
        for statement in statements
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": unnamed})


def _wanted(desk: Desk, action: str, account: str, name: str, stream: str) -> Wanted:
    state: LogsState = desk.state
    group = state.groups.get((account, name))
    return Wanted(
        action=f"logs:{action}",
        resource=stream_arn(desk.region, account, name, stream),
        account=account,
        policy=policy_of(state, account),
        resource_tags=None if group is None else dict(group.made.tags),
    )


def on_group(
    name: str, perform: Perform, *, read_only: bool = False, recorded: bool = True
) -> Operation:
    """Return an action on a log group."""

    def wants(desk: Desk, parameters: Values) -> Wanted:
        account, group = group_name(desk, parameters)
        wanted = _wanted(desk, name, account, group, "")
        if "tags" not in parameters:
            return wanted
        return Wanted(
            action=wanted.action,
            resource=group_arn(desk.region, account, group),
            account=account,
            policy=wanted.policy,
            request_tags=parameters["tags"],
        )

    return Operation(
        name=name, perform=perform, read_only=read_only, wants=wants, recorded=recorded
    )


def on_stream(
    name: str, perform: Perform, *, read_only: bool = False, recorded: bool = True
) -> Operation:
    """Return an action on a stream."""

    def wants(desk: Desk, parameters: Values) -> Wanted:
        account, group = group_name(desk, parameters)
        return _wanted(desk, name, account, group, parameters["logStreamName"])

    return Operation(
        name=name, perform=perform, read_only=read_only, wants=wants, recorded=recorded
    )


def on_account(name: str, perform: Perform, *, read_only: bool = False) -> Operation:
    """Return an action on everything of an account."""

    def wants(desk: Desk, _: Values) -> Wanted:
        return _wanted(desk, name, desk.account, "", "")

    return Operation(name=name, perform=perform, read_only=read_only, wants=wants)


def on_any(name: str, perform: Perform, *, read_only: bool = False) -> Operation:
    """Return an action that has no resource."""

    def wants(desk: Desk, _: Values) -> Wanted:
        return Wanted(action=f"logs:{name}", resource="*", account=desk.account)

    return Operation(name=name, perform=perform, read_only=read_only, wants=wants)
