"""DescribeLogGroups: the log groups of an account, by name.

Source: CloudWatch Logs API Reference, DescribeLogGroups and LogGroup.
"""

from typing import Any

from regions.api.errors import InvalidParameterException
from regions.logs.places import group_arn, page
from regions.logs.state import Group
from regions.logs.wants import now_ms, on_account
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled


def _shape(region: str, group: Group) -> dict[str, Any]:
    made = group.made
    arn = group_arn(region, made.account, made.name)
    shape: dict[str, Any] = {
        "logGroupName": made.name,
        "creationTime": made.created_ms,
        "metricFilterCount": len(group.filters),
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "storedBytes": group.stored_bytes(),
        "logGroupClass": "STANDARD",
    }
    if made.retention_days:
        shape["retentionInDays"] = made.retention_days
    return shape


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "accountIdentifiers", "includeLinkedAccounts")
    prefix, part = parameters.get("logGroupNamePrefix"), parameters.get("logGroupNamePattern")
    if prefix is not None and part is not None:
        raise InvalidParameterException(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )
    wanted = frozenset(parameters.get("logGroupIdentifiers", ()))
    found = []
    for group in desk.state.of_account(desk.account):
        name = group.made.name
        if not name.startswith(prefix or "") or (part or "").lower() not in name.lower():
            continue
        names = {name, group_arn(desk.region, desk.account, name)}
        if wanted and not names & wanted:
            continue
        if parameters.get("logGroupClass", "STANDARD") == "STANDARD":
            group.forget(now_ms(desk))
            found.append(_shape(desk.region, group))
    return page(found, parameters, "logGroups", "logGroupName")


OPERATION = on_account("DescribeLogGroups", _perform, read_only=True)
