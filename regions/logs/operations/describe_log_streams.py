"""DescribeLogStreams: the streams of a log group, by name or by the time of their last event.

Source: CloudWatch Logs API Reference, DescribeLogStreams and LogStream; storedBytes of a stream
is always 0 since 2019.
"""

from typing import Any

from regions.api.errors import InvalidParameterException
from regions.logs.places import event_id, page, stream_arn
from regions.logs.state import Stream
from regions.logs.wants import find_group, on_group
from regions.service.operation import Desk, Values


def _shape(region: str, stream: Stream) -> dict[str, Any]:
    made, events = stream.made, stream.events
    shape: dict[str, Any] = {
        "logStreamName": made.name,
        "creationTime": made.created_ms,
        "arn": stream_arn(region, made.account, made.group, made.name),
        "storedBytes": 0,
    }
    if events:
        shape["firstEventTimestamp"] = events[0].place[0]
        shape["lastEventTimestamp"] = events[-1].place[0]
        shape["lastIngestionTime"] = stream.ingested_ms
        shape["uploadSequenceToken"] = event_id(events[-1].place)
    return shape


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    by_time = parameters.get("orderBy") == "LastEventTime"
    prefix = parameters.get("logStreamNamePrefix", "")
    if by_time and prefix:
        raise InvalidParameterException("Cannot order by LastEventTime with a logStreamNamePrefix.")
    streams = find_group(desk, parameters).streams
    found = [
        _shape(desk.region, stream) for name, stream in streams.items() if name.startswith(prefix)
    ]
    found.sort(key=lambda shape: shape["logStreamName"])
    if by_time:
        found.sort(key=lambda shape: shape.get("lastEventTimestamp", 0))
    if parameters.get("descending", False):
        found.reverse()
    return page(found, parameters, "logStreams", "logStreamName")


OPERATION = on_group("DescribeLogStreams", _perform, read_only=True)
