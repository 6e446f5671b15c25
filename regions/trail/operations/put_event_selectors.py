"""PutEventSelectors: which events a trail delivers from now on.

Basic and advanced selectors replace each other: what is put is all that holds afterwards.
Source: AWS CloudTrail API Reference, PutEventSelectors. The texts on both and on neither are ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.errors import InvalidEventSelectorsException
from regions.trail.operation import Desk, Operation
from regions.trail.selector_rules import read_advanced, read_basic, shown_advanced, shown_basic
from regions.trail.selectors import Selectors


def answer(arn: str, selectors: Selectors) -> dict[str, Any]:
    """Return the body that PutEventSelectors and GetEventSelectors answer with."""
    if selectors.advanced:
        advanced = [shown_advanced(one) for one in selectors.advanced]
        return {"TrailARN": arn, "AdvancedEventSelectors": advanced}
    return {"TrailARN": arn, "EventSelectors": [shown_basic(one) for one in selectors.basic]}


def _read(parameters: Mapping[str, Any], now_ns: int) -> Selectors:
    basic, advanced = parameters.get("EventSelectors"), parameters.get("AdvancedEventSelectors")
    if basic is not None and advanced is not None:
        raise InvalidEventSelectorsException(
            "Specify either EventSelectors or AdvancedEventSelectors, not both."
        )
    if basic is None and advanced is None:
        raise InvalidEventSelectorsException(
            "Specify either EventSelectors or AdvancedEventSelectors."
        )
    if advanced is not None:
        return Selectors(since_ns=now_ns, basic=(), advanced=read_advanced(advanced))
    return Selectors(since_ns=now_ns, basic=read_basic(basic or ()))


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find_at_home(parameters["TrailName"])
    selectors = _read(parameters, desk.now_ns)
    held = (*found.selectors, selectors)
    desk.changed.append(replace(found, selectors=held, version=found.version + 1))
    return answer(found.arn, selectors)


OPERATION = Operation(name="PutEventSelectors", perform=_perform, read_only=False)
