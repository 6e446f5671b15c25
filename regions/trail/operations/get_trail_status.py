"""GetTrailStatus: whether a trail logs, and how its delivery from this region goes.

Source: AWS CloudTrail API Reference, GetTrailStatus.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.json_shape import timestamp
from regions.trail.operation import Desk, Operation
from sim.units import NS_PER_SECOND


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find(parameters["Name"])
    delivery = desk.archive.delivery(found.arn)
    body: dict[str, Any] = {"IsLogging": found.is_logging}
    if delivery.error:
        body["LatestDeliveryError"] = delivery.error
    # The service also answers in older members, as text.
    attempt = timestamp(delivery.attempt_ns // NS_PER_SECOND) if delivery.attempt_ns else ""
    body["LatestDeliveryAttemptTime"] = attempt
    body["LatestDeliveryAttemptSucceeded"] = ""
    if delivery.latest_ns:
        body["LatestDeliveryTime"] = delivery.latest_ns // NS_PER_SECOND
        body["LatestDeliveryAttemptSucceeded"] = timestamp(delivery.latest_ns // NS_PER_SECOND)
    body["TimeLoggingStarted"] = body["TimeLoggingStopped"] = ""
    if found.logging:
        start = found.logging[-1].start_ns // NS_PER_SECOND
        body |= {"StartLoggingTime": start, "TimeLoggingStarted": timestamp(start)}
        stops = [stretch.stop_ns for stretch in found.logging if stretch.stop_ns]
        if stops:
            stop = stops[-1] // NS_PER_SECOND
            body |= {"StopLoggingTime": stop, "TimeLoggingStopped": timestamp(stop)}
    return body


OPERATION = Operation(name="GetTrailStatus", perform=_perform, read_only=True)
