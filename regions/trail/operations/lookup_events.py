"""LookupEvents: search the event history of one region, newest first.

Source: AWS CloudTrail API Reference, LookupEvents.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import (
    InvalidLookupAttributesException,
    InvalidTimeRangeException,
)
from regions.trail.history import Query
from regions.trail.json_shape import json_text
from regions.trail.kept import Kept
from regions.trail.operation import Desk, Operation, refuse_unmodelled

#: Events of one answer, unless fewer are asked for. Source: API Reference, MaxResults.
PAGE_MAX: Final = 50
#: Only one attribute can be looked up at a time. Source: API Reference, LookupAttributes.
ATTRIBUTES_MAX: Final = 1


def _event(event: Kept) -> dict[str, Any]:
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
    )


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    refuse_unmodelled(parameters, "EventCategory")
    query, token = _query(desk, parameters), parameters.get("NextToken", "")
    page, following = desk.archive.history.look_up(query, token, desk.now_ns)
    body: dict[str, Any] = {"Events": [_event(event) for event in page]}
    if following:
        body["NextToken"] = following
    return body


OPERATION = Operation(name="LookupEvents", perform=_perform, read_only=True)
