"""PutEventConfiguration: how large, rich and aggregated the events of a trail may be from now on.

What a call does not name stays as it is; an empty list takes context keys or aggregations away.
Event data stores are not modelled here.
Source: AWS CloudTrail API Reference, PutEventConfiguration. The texts are ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.errors import InvalidParameterCombinationException, InvalidParameterException
from regions.trail.operation import Desk, Operation
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
    size = parameters.get("MaxEventSize", found.max_event_size)
    context_keys, aggregation = found.context_keys, found.aggregation
    if "ContextKeySelectors" in parameters:
        chosen = parameters["ContextKeySelectors"]
        context_keys = tuple((one["Type"], tuple(one["Equals"])) for one in chosen)
        if len(dict(context_keys)) != len(context_keys):
            raise InvalidParameterException("Each type of context keys can be given once.")
    if "AggregationConfigurations" in parameters:
        wanted = parameters["AggregationConfigurations"]
        aggregation = tuple((one["EventCategory"], tuple(one["Templates"])) for one in wanted)
    if context_keys and size != "Large":
        raise InvalidParameterCombinationException(
            "ContextKeySelectors need a MaxEventSize of Large."
        )
    settings = replace(
        found,
        max_event_size=size,
        context_keys=context_keys,
        aggregation=aggregation,
        version=found.version + 1,
    )
    desk.changed.append(settings)
    return answer(settings)


OPERATION = Operation(name="PutEventConfiguration", perform=_perform, read_only=False)
