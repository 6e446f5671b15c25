"""FilterLogEvents: events of a whole log group that match a pattern, in order of time.

Source: CloudWatch Logs API Reference, FilterLogEvents.
"""

import heapq
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from regions.api.errors import InvalidParameterException
from regions.logs.errors import ResourceNotFoundException
from regions.logs.filter_pattern import FilterPattern, compile_pattern
from regions.logs.pages import PAGE_EVENTS_MAX, fitting
from regions.logs.pattern_error import PatternError
from regions.logs.places import event_id, page_token, place_of_id, read_page_token
from regions.logs.state import Event, Group, Place, Stream
from regions.logs.wants import NO_STREAM, find_group, on_group
from regions.service.operation import Desk, Values

_FOR_EVER = (1 << 62, 0)


def readable(text: str) -> FilterPattern:
    """Return a pattern.

    Raises:
      InvalidParameterException: it is none.
    """
    try:
        return compile_pattern(text)
    except PatternError as error:
        raise InvalidParameterException(str(error)) from None


def _streams(group: Group, parameters: Values) -> list[Stream]:
    names, prefix = parameters.get("logStreamNames"), parameters.get("logStreamNamePrefix")
    if names is not None and prefix is not None:
        raise InvalidParameterException(
            "Only one of the logStreamNames and logStreamNamePrefix can be specified."
        )
    if names is None:
        return [s for name, s in group.streams.items() if name.startswith(prefix or "")]
    if not frozenset(names) <= group.streams.keys():
        raise ResourceNotFoundException(NO_STREAM)
    return [group.streams[name] for name in dict.fromkeys(names)]


def _found(
    streams: list[Stream], low: Place, high: Place, *, forward: bool
) -> Iterator[tuple[Event, str]]:
    """Yield the events of all streams from ``low`` on and before ``high``, with their stream."""

    def of(stream: Stream) -> Iterator[tuple[Event, str]]:
        begin, stop = stream.between(low, high)
        indices = range(begin, stop) if forward else range(stop - 1, begin - 1, -1)
        return ((stream.events[index], stream.made.name) for index in indices)

    key: Callable[[tuple[Event, str]], Place] = lambda pair: pair[0].place  # noqa: E731 - its type
    return heapq.merge(*(of(stream) for stream in streams), key=key, reverse=not forward)


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    group = find_group(desk, parameters)
    pattern = readable(parameters.get("filterPattern", ""))
    streams = _streams(group, parameters)
    forward = parameters.get("startFromHead", True)
    low: Place = (parameters.get("startTime", 0), 0)
    # Here the end belongs to the range.
    high: Place = (parameters["endTime"] + 1, 0) if "endTime" in parameters else _FOR_EVER
    if high < low:
        raise InvalidParameterException("endTime must be greater than or equal to startTime.")
    if "nextToken" in parameters:
        (text,) = read_page_token(parameters["nextToken"], 1)
        last = place_of_id(text)
        if forward:
            low = max(low, (last[0], last[1] + 1))
        else:
            high = min(high, last)
    matching = (
        pair
        for pair in _found(streams, low, high, forward=forward)
        if pattern.extract(pair[0].message) is not None
    )
    limit = parameters.get("limit", PAGE_EVENTS_MAX)
    pairs = dict(islice(matching, limit + 1))
    shown = fitting(list(pairs), limit)
    answer: dict[str, Any] = {
        "events": [
            {
                "logStreamName": pairs[event],
                "timestamp": event.place[0],
                "message": event.message,
                "ingestionTime": event.ingested_ms,
                "eventId": event_id(event.place),
            }
            for event in shown
        ],
        "searchedLogStreams": [],
    }
    if len(shown) < len(pairs):
        answer["nextToken"] = page_token(event_id(shown[-1].place))
    return answer


OPERATION = on_group("FilterLogEvents", _perform, read_only=True)
