"""PutInsightSelectors: which Insights a trail has from now on; an empty list switches them off.

Insights of event data stores are not modelled.
Source: AWS CloudTrail API Reference, PutInsightSelectors and InsightSelector; User Guide, "Working
with CloudTrail Insights": rates need write management events, or data events, to be logged, errors
need events of their category. The texts are ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from regions.errors import InvalidInsightSelectorsException, InvalidParameterCombinationException
from regions.trail.operation import Desk, Operation, refuse_unmodelled
from regions.trail.selectors import (
    DATA,
    MANAGEMENT,
    AdvancedSelector,
    BasicSelector,
    InsightSelectors,
    Selectors,
)

RATE: Final = "ApiCallRateInsight"


def the_trail(parameters: Mapping[str, Any]) -> str:
    """Return the trail that a call names, which may name an event data store instead.

    Raises:
      InvalidParameterCombinationException: it names both or neither.
      UnsupportedOperationException: it names an event data store.
    """
    stores = [m for m in ("EventDataStore", "InsightsDestination") if parameters.get(m)]
    name: str = parameters.get("TrailName") or ""
    if name and stores:
        raise InvalidParameterCombinationException(
            f"TrailName cannot be specified together with {stores[0]}."
        )
    refuse_unmodelled(parameters, *stores)
    if not name:
        raise InvalidParameterCombinationException("TrailName must be specified.")
    return name


def answer(arn: str, insights: InsightSelectors) -> dict[str, Any]:
    """Return the body that PutInsightSelectors and GetInsightSelectors answer with."""
    shown = [{"InsightType": t, "EventCategories": list(c)} for t, c in insights.types]
    return {"TrailARN": arn, "InsightSelectors": shown}


def _basic(one: BasicSelector, category: str, *, writes: bool) -> bool:
    logs = one.management if category == MANAGEMENT else bool(one.data)
    return logs and (one.write or not writes)


def _advanced(one: AdvancedSelector, category: str, *, writes: bool) -> bool:
    fields = {field.field: field for field in one.fields}
    reads_only = "readOnly" in fields and fields["readOnly"].equals == ("true",)
    return fields["eventCategory"].equals == (category,) and not (writes and reads_only)


def _logs(selectors: Selectors, category: str, *, writes: bool) -> bool:
    """Say whether a trail logs events of a category, or at least those that write."""
    basic = any(_basic(one, category, writes=writes) for one in selectors.basic)
    return basic or any(_advanced(one, category, writes=writes) for one in selectors.advanced)


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find_at_home(the_trail(parameters))
    types: dict[str, tuple[str, ...]] = {}
    for chosen in parameters["InsightSelectors"]:
        kind = chosen.get("InsightType")
        if kind is None or kind in types:
            fault = "is missing" if kind is None else f"{kind} is given more than once"
            raise InvalidInsightSelectorsException(f"InsightType {fault}.")
        types[kind] = tuple(chosen.get("EventCategories") or (MANAGEMENT,))
        for category in types[kind]:
            writes = kind == RATE and category == MANAGEMENT
            if not _logs(found.selectors[-1], category, writes=writes):
                events = {MANAGEMENT: "management", DATA: "data"}[category]
                needed = f"write {events}" if writes else events
                raise InvalidInsightSelectorsException(
                    f"{kind} needs {needed} events, which trail {found.arn} does not log."
                )
    insights = InsightSelectors(since_ns=desk.now_ns, types=tuple(types.items()))
    held = (*found.insights, insights)
    desk.changed.append(replace(found, insights=held, version=found.version + 1))
    return answer(found.arn, insights)


OPERATION = Operation(name="PutInsightSelectors", perform=_perform, read_only=False)
