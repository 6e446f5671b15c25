"""GetTrailStatus: whether a trail logs, and how its delivery from this region goes.

Source: AWS CloudTrail API Reference, GetTrailStatus.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.deliveries import CLOUDWATCH_LOGS, DIGEST, NOTIFICATION, Deliveries
from regions.trail.operation import Desk, Operation
from regions.trail.record import timestamp
from regions.trail.trails import TrailSettings
from sim.units import NS_PER_SECOND


def _text(time_ns: int) -> str:
    """Return a time as the older members say it, "" of none."""
    return timestamp(time_ns // NS_PER_SECOND) if time_ns else ""


def _times(times_ns: Mapping[str, int]) -> dict[str, Any]:
    return {member: time_ns // NS_PER_SECOND for member, time_ns in times_ns.items() if time_ns}


def _logging(settings: TrailSettings) -> dict[str, Any]:
    start_ns = settings.logging[-1].start_ns if settings.logging else 0
    stop_ns = max((stretch.stop_ns for stretch in settings.logging), default=0)
    return {
        "IsLogging": settings.is_logging,
        **_times({"StartLoggingTime": start_ns, "StopLoggingTime": stop_ns}),
        "TimeLoggingStarted": _text(start_ns),
        "TimeLoggingStopped": _text(stop_ns),
    }


def _delivery(delivery: Deliveries) -> dict[str, Any]:
    notification, digest = delivery.health[NOTIFICATION], delivery.health[DIGEST]
    logs = delivery.health[CLOUDWATCH_LOGS]
    errors = {
        "LatestDeliveryError": delivery.error,
        "LatestNotificationError": notification.error,
        "LatestCloudWatchLogsDeliveryError": logs.error,
        "LatestDigestDeliveryError": digest.error,
    }
    times_ns = {
        "LatestDeliveryTime": delivery.latest_ns,
        "LatestNotificationTime": notification.latest_ns,
        "LatestCloudWatchLogsDeliveryTime": logs.latest_ns,
        "LatestDigestDeliveryTime": digest.latest_ns,
    }
    return {
        **{member: error for member, error in errors.items() if error},
        **_times(times_ns),
        # The service also answers in older members, as text.
        "LatestDeliveryAttemptTime": _text(delivery.attempt_ns),
        "LatestDeliveryAttemptSucceeded": _text(delivery.latest_ns),
        "LatestNotificationAttemptTime": _text(notification.attempt_ns),
        "LatestNotificationAttemptSucceeded": _text(notification.latest_ns),
    }


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find(parameters["Name"])
    return _logging(found) | _delivery(desk.archive.delivery(found.arn))


OPERATION = Operation(name="GetTrailStatus", perform=_perform, read_only=True)
