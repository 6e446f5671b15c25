"""PutLogEvents: a batch of events for one stream; metric filters count what is taken.

Sequence tokens are accepted and ignored.
Source: CloudWatch Logs API Reference, PutLogEvents: sizes, order and ages; an event may be as
large as a batch since April 2025.
"""

from itertools import pairwise
from typing import Any, Final

from regions.api.errors import InvalidParameterException
from regions.logs.changes import EventsKept
from regions.logs.counting import counted
from regions.logs.places import event_id
from regions.logs.state import MS_PER_DAY, event_size
from regions.logs.wants import find_group, find_stream, now_ms, on_stream
from regions.service.operation import Desk, Values
from regions.trail.operation import refuse_unmodelled

BATCH_BYTES_MAX: Final = 1_048_576
SPAN_MAX_MS: Final = MS_PER_DAY
OLDEST_MS: Final = 14 * MS_PER_DAY
NEWEST_MS: Final = 2 * 3_600_000


def _check(times_ms: list[int], messages: list[str]) -> None:
    size = sum(event_size(message) for message in messages)
    if size > BATCH_BYTES_MAX:
        raise InvalidParameterException(
            f"Upload too large: {size} bytes exceeds limit of {BATCH_BYTES_MAX}"
        )
    if any(later < earlier for earlier, later in pairwise(times_ms)):
        raise InvalidParameterException(
            "Log events in a single PutLogEvents request must be in chronological order."
        )


def _rejected(times_ms: list[int], now_ms: int, oldest_ms: int) -> tuple[int, int, dict[str, int]]:
    """Return where the events that are taken begin and end, and what is told of the others."""
    told = {}
    too_old = sum(time < now_ms - OLDEST_MS for time in times_ms)
    expired = sum(time < oldest_ms for time in times_ms)
    too_new = sum(time <= now_ms + NEWEST_MS for time in times_ms)
    if too_new < len(times_ms):
        told["tooNewLogEventStartIndex"] = too_new
    if too_old:
        told["tooOldLogEventEndIndex"] = too_old
    if expired > too_old:
        told["expiredLogEventEndIndex"] = expired
    return max(too_old, expired), too_new, told


def _perform(desk: Desk, parameters: Values) -> dict[str, Any]:
    refuse_unmodelled(parameters, "entity")
    group, stream = find_group(desk, parameters), find_stream(desk, parameters)
    times_ms = [event["timestamp"] for event in parameters["logEvents"]]
    messages = [event["message"] for event in parameters["logEvents"]]
    _check(times_ms, messages)
    begin, end, told = _rejected(times_ms, now_ms(desk), group.oldest_ms(now_ms(desk)))
    taken, texts = times_ms[begin:end], messages[begin:end]
    if taken and taken[-1] - taken[0] > SPAN_MAX_MS:
        raise InvalidParameterException(
            "The batch of log events in a single PutLogEvents request cannot span more than"
            " 24 hours."
        )
    if taken:
        desk.change(
            EventsKept(
                account=group.made.account,
                group=group.made.name,
                stream=stream.made.name,
                ingested_ms=now_ms(desk),
                first=desk.state.numbers,
                times_ms=tuple(taken),
                messages=tuple(texts),
            )
        )
        for change in counted(group, texts):
            desk.change(change)
    last = stream.events[-1].place if stream.events else (0, 0)
    answer: dict[str, Any] = {"nextSequenceToken": event_id(last)}
    return answer | ({"rejectedLogEventsInfo": told} if told else {})


OPERATION = on_stream("PutLogEvents", _perform, recorded=False)
