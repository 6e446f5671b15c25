"""ListRules: the rules of an account, by name.

Source: EventBridge API Reference, ListRules and Rule.
"""

from typing import Any

from regions.events.changes import Rule
from regions.events.places import DEFAULT_BUS, check_bus, page, rule_arn
from regions.service.operation import Desk, Operation, Values, Wanted


def rule_shape(region: str, rule: Rule) -> dict[str, Any]:
    """Return a rule as answers show it."""
    shape: dict[str, Any] = {
        "Name": rule.name,
        "Arn": rule_arn(region, rule.account, rule.name),
        "EventPattern": rule.pattern,
        "State": rule.state,
        "EventBusName": DEFAULT_BUS,
    }
    return shape | ({"Description": rule.description} if rule.description else {})


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    check_bus(parameters.get("EventBusName", DEFAULT_BUS), desk.region, desk.account)
    prefix = parameters.get("NamePrefix", "")
    found = [
        rule_shape(desk.region, ruled.rule)
        for ruled in desk.state.of_account(desk.account)
        if ruled.rule.name.startswith(prefix)
    ]
    return page(found, "Name", parameters, "Rules")


def _wants(desk: Desk, _: Values) -> Wanted:
    arn = rule_arn(desk.region, desk.account, "*")
    return Wanted(action="events:ListRules", resource=arn, account=desk.account)


OPERATION = Operation(name="ListRules", perform=_perform, read_only=True, wants=_wants)
