"""PutEventSelectors: which management events a trail delivers from now on.

Source: AWS CloudTrail API Reference, PutEventSelectors; an event is logged if any selector
matches. One basic selector is modelled; data resources and advanced selectors are not.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from regions.errors import InvalidEventSelectorsException
from regions.trail.operation import Desk, Operation, refuse_unmodelled
from regions.trail.selectors import BasicSelector, Selectors

#: Sources that can be left out. Source: API Reference, EventSelector.
EXCLUDABLE: Final = ("kms.amazonaws.com", "rdsdata.amazonaws.com")


def answer(arn: str, selectors: Selectors) -> dict[str, Any]:
    """Return the body that PutEventSelectors and GetEventSelectors answer with."""
    return {"TrailARN": arn, "EventSelectors": [_shown(one) for one in selectors.basic]}


def _shown(basic: BasicSelector) -> dict[str, Any]:
    kind = "All" if basic.read and basic.write else "ReadOnly"
    if not basic.read:
        kind = "WriteOnly"
    return {
        "ReadWriteType": kind,
        "IncludeManagementEvents": basic.management,
        "DataResources": [],
        "ExcludeManagementEventSources": list(basic.excluded_sources),
    }


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    refuse_unmodelled(parameters, "AdvancedEventSelectors")
    chosen: list[Mapping[str, Any]] = list(parameters.get("EventSelectors") or ())
    if len(chosen) != 1:
        raise InvalidEventSelectorsException(
            f"{len(chosen)} event selectors are not modelled; one is"
        )
    refuse_unmodelled(chosen[0], "DataResources")
    excluded = tuple(chosen[0].get("ExcludeManagementEventSources") or ())
    for source in excluded:
        if source not in EXCLUDABLE:
            raise InvalidEventSelectorsException(
                f"Invalid value for ExcludeManagementEventSources: {source}"
            )
    kind = chosen[0].get("ReadWriteType", "All")
    found = desk.find_at_home(parameters["TrailName"])
    basic = BasicSelector(
        read=kind != "WriteOnly",
        write=kind != "ReadOnly",
        management=chosen[0].get("IncludeManagementEvents", True),
        excluded_sources=excluded,
    )
    selectors = Selectors(since_ns=desk.now_ns, basic=(basic,))
    held = (*found.selectors, selectors)
    desk.changed.append(replace(found, selectors=held, version=found.version + 1))
    return answer(found.arn, selectors)


OPERATION = Operation(name="PutEventSelectors", perform=_perform, read_only=False)
