"""GetLogEvents: a page of one stream's events, and tokens for the pages before and after it.

Source: CloudWatch Logs API Reference, GetLogEvents.
"""

from typing import Any

from regions.logs.pages import PAGE_EVENTS_MAX, fitting
from regions.logs.places import read_walk_token, walk_token
from regions.logs.state import Place
from regions.logs.wants import find_stream, on_stream
from regions.service.operation import Desk, Values

_FOR_EVER = 1 << 62


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    stream = find_stream(desk, parameters)
    start: Place = (parameters.get("startTime", 0), 0)
    end: Place = (parameters.get("endTime", _FOR_EVER), 0)
    begin, stop = stream.between(start, end)
    token = parameters.get("nextToken")
    forward = parameters.get("startFromHead", False)
    place: Place | None = None
    if token is not None:
        direction, place = read_walk_token(token)
        forward = direction == "f"
        if forward:
            begin = max(begin, stream.between((0, 0), (place[0], place[1] + 1))[1])
        else:
            stop = min(stop, stream.between(place, place)[0])
    found = stream.events[begin:stop] if begin < stop else []
    limit = parameters.get("limit", PAGE_EVENTS_MAX)
    shown = fitting(found, limit) if forward else fitting(found[::-1], limit)[::-1]
    if shown:
        before, after = shown[0].place, shown[-1].place
    elif place is None:  # Whatever comes into the range will be after it.
        before, after = end, start
    elif forward:  # The token that came is given back; the other leads to what was seen last.
        before, after = (place[0], place[1] + 1), place
    else:
        before, after = place, (place[0], max(0, place[1] - 1))
    return {
        "events": [
            {
                "timestamp": event.place[0],
                "message": event.message,
                "ingestionTime": event.ingested_ms,
            }
            for event in shown
        ],
        "nextForwardToken": walk_token("f", after),
        "nextBackwardToken": walk_token("b", before),
    }


OPERATION = on_stream("GetLogEvents", _perform, read_only=True)
