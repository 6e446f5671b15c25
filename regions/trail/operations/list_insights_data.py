"""ListInsightsData: the Insights events of a trail that were recorded in this region.

Those of event data stores are asked of the store that has them, by a query.
Source: AWS CloudTrail API Reference, ListInsightsData. The texts are ours.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import InvalidParameterException
from regions.trail.history import Query
from regions.trail.operation import Desk, Operation
from regions.trail.operations.lookup_events import PAGE_MAX, show_event
from regions.trail.selectors import INSIGHT

#: Source: API Reference, Dimensions.
DIMENSIONS: Final = ("EventId", "EventName", "EventSource")


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    desk.find(parameters["InsightSource"])
    dimensions = dict(parameters.get("Dimensions") or {})
    if len(dimensions) > 1 or any(name not in DIMENSIONS for name in dimensions):
        raise InvalidParameterException(f"Dimensions: expected one of {', '.join(DIMENSIONS)}.")
    start, end = parameters.get("StartTime", 0), parameters.get("EndTime", 2**33)
    if start > end:
        raise InvalidParameterException("StartTime must not be later than EndTime.")
    attribute, value = next(iter(dimensions.items()), ("", ""))
    query = Query(
        account=desk.account,
        attribute=attribute,
        value=value,
        start=int(start),
        end=int(end),
        page=parameters.get("MaxResults", PAGE_MAX),
        category=INSIGHT,
    )
    token = parameters.get("NextToken", "")
    page, following = desk.archive.history.look_up(query, token, desk.now_ns)
    body: dict[str, Any] = {"Events": [show_event(event) for event in page]}
    return body | ({"NextToken": following} if following else {})


OPERATION = Operation(name="ListInsightsData", perform=_perform, read_only=True)
