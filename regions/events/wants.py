"""What the actions of EventBridge need to be allowed, and on what; and what they find.

What does not belong here: what an action does (operations/).
Source: Service Authorization Reference, "Amazon EventBridge".
"""

from collections.abc import Callable
from typing import Any

from regions.events.errors import InvalidEventPatternException, ResourceNotFoundException
from regions.events.pattern import PatternError, Test, compile_pattern
from regions.events.places import DEFAULT_BUS, check_bus, rule_arn
from regions.events.state import EventsState, Ruled
from regions.service.operation import Desk, Operation, Values, Wanted

Perform = Callable[[Desk, Values], dict[str, Any]]


def seek_rule(desk: Desk, parameters: Values, member: str = "Name") -> Ruled | None:
    """Return the rule that a call is about, None if there is no such.

    Raises:
      ResourceNotFoundException: there is no such bus.
    """
    check_bus(parameters.get("EventBusName", DEFAULT_BUS), desk.region, desk.account)
    state: EventsState = desk.state
    return state.rules.get((desk.account, parameters[member]))


def find_rule(desk: Desk, parameters: Values, member: str = "Name") -> Ruled:
    """Return the rule that a call is about.

    Raises:
      ResourceNotFoundException: there is no such rule or bus.
    """
    found = seek_rule(desk, parameters, member)
    if found is None:
        raise ResourceNotFoundException(
            f"Rule {parameters[member]} does not exist on EventBus {DEFAULT_BUS}."
        )
    return found


def readable(text: str) -> Test:
    """Return an event pattern.

    Raises:
      InvalidEventPatternException: it is none.
    """
    try:
        return compile_pattern(text)
    except PatternError as error:
        raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from None


def on_rule(
    name: str, perform: Perform, *, member: str = "Name", read_only: bool = False
) -> Operation:
    """Return an action on a rule that a parameter names."""

    def wants(desk: Desk, parameters: Values) -> Wanted:
        found = desk.state.rules.get((desk.account, parameters[member]))
        tags = {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", ())}
        return Wanted(
            action=f"events:{name}",
            resource=rule_arn(desk.region, desk.account, parameters[member]),
            account=desk.account,
            resource_tags=None if found is None else found.rule.tags,
            request_tags=tags or None,
        )

    return Operation(name=name, perform=perform, read_only=read_only, wants=wants)
