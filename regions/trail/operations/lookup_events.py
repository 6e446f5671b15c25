"""LookupEvents: search the event history of one region, newest first.

Source: AWS CloudTrail API Reference, LookupEvents.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import (
    InvalidEventCategoryException,
    InvalidLookupAttributesException,
    InvalidMaxResultsException,
    InvalidTimeRangeException,
)
from regions.trail.history import Query
from regions.trail.json_shape import json_text
from regions.trail.kept import Kept
from regions.trail.operation import Desk, Operation
from regions.trail.selectors import INSIGHT, MANAGEMENT

#: Events of one answer, unless fewer are asked for. Source: API Reference, MaxResults.
PAGE_MAX: Final = 50
#: Only one attribute can be looked up at a time. Source: API Reference, LookupAttributes.
ATTRIBUTES_MAX: Final = 1
#: The one event category that may be asked for. Source: API Reference, EventCategory.
INSIGHTS: Final = "insight"


def show_event(event: Kept) -> dict[str, Any]:
    """Return an event as LookupEvents and ListInsightsData answer."""
    body: dict[str, Any] = {
        "EventId": event.event_id,
        "EventName": event.name,
        "ReadOnly": "true" if event.read_only else "false",
    }
    if event.access_key_id:
        body["AccessKeyId"] = event.access_key_id
    body["EventTime"] = event.second
    body["EventSource"] = event.source
    if event.username:
        body["Username"] = event.username
    body["Resources"] = [
        {"ResourceType": kind, "ResourceName": arn} for kind, arn in event.resources
    ]
    body["CloudTrailEvent"] = json_text(event.record)
    return body


def _query(desk: Desk, parameters: Mapping[str, Any]) -> Query:
    attributes = parameters.get("LookupAttributes") or ()
    if len(attributes) > ATTRIBUTES_MAX:
        raise InvalidLookupAttributesException(
            "You can specify only one lookup attribute at a time."
        )
    attribute = attributes[0] if attributes else {"AttributeKey": "", "AttributeValue": ""}
    start, end = int(parameters.get("StartTime", 0)), int(parameters.get("EndTime", 2**33))
    if start > end:
        raise InvalidTimeRangeException("The start time must be earlier than the end time.")
    return Query(
        account=desk.account,
        attribute=attribute["AttributeKey"],
        value=attribute["AttributeValue"],
        start=start,
        end=end,
        page=parameters.get("MaxResults", PAGE_MAX),
        category=INSIGHT if parameters.get("EventCategory") else MANAGEMENT,
    )


def _early(parameters: Mapping[str, Any]) -> None:
    """Refuse what the service has errors of its own for."""
    size, category = parameters.get("MaxResults", PAGE_MAX), parameters.get("EventCategory")
    if isinstance(size, int) and not 1 <= size <= PAGE_MAX:
        raise InvalidMaxResultsException(
            f"A max results value of {size} is invalid. Specify max results between 1 and"
            f" {PAGE_MAX}."
        )
    if category not in (None, INSIGHTS):
        raise InvalidEventCategoryException(
            f"Event category {category} is invalid. The only valid value is {INSIGHTS}."
        )


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    query, token = _query(desk, parameters), parameters.get("NextToken", "")
    page, following = desk.archive.history.look_up(query, token, desk.now_ns)
    body: dict[str, Any] = {"Events": [show_event(event) for event in page]}
    if following:
        body["NextToken"] = following
    return body


OPERATION = Operation(name="LookupEvents", perform=_perform, read_only=True, early=_early)
