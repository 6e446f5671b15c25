"""PutEventConfiguration of a trail, whose events are of the usual size and never enriched.

A trail can have aggregations, which are not modelled: the documentation shows two examples, and
leaves open what else of each template a summary tells, and how many values of it.
Event data stores are not modelled here.
Source: AWS CloudTrail API Reference, PutEventConfiguration; User Guide, "Enrich CloudTrail events
by adding resource tag keys and IAM global condition keys": events of trails have no eventContext.
The texts are ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterCombinationException
from regions.lake.stores import LARGE, STANDARD
from regions.trail.operation import Desk, Operation, refuse_unmodelled
from regions.trail.operations.put_insight_selectors import the_trail
from regions.trail.trails import TrailSettings


def answer(settings: TrailSettings) -> dict[str, Any]:
    """Return the body that PutEventConfiguration and GetEventConfiguration answer with."""
    return {
        "TrailARN": settings.arn,
        "MaxEventSize": settings.max_event_size,
        "ContextKeySelectors": [
            {"Type": kind, "Equals": list(keys)} for kind, keys in settings.context_keys
        ],
        "AggregationConfigurations": [
            {"Templates": list(templates), "EventCategory": category}
            for category, templates in settings.aggregation
        ],
    }


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find_at_home(the_trail(parameters))
    if parameters.get("MaxEventSize") == LARGE:
        raise InvalidParameterCombinationException(
            "MaxEventSize Large is for event data stores, not for trails."
        )
    if parameters.get("ContextKeySelectors"):
        raise InvalidParameterCombinationException(
            "ContextKeySelectors are for event data stores, not for trails."
        )
    refuse_unmodelled(parameters, "AggregationConfigurations")
    # An earlier version of this service has kept such settings.
    settings = replace(
        found,
        max_event_size=STANDARD,
        context_keys=(),
        aggregation=(),
        version=found.version + 1,
    )
    desk.changed.append(settings)
    return answer(settings)


OPERATION = Operation(name="PutEventConfiguration", perform=_perform, read_only=False)
