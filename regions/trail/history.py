"""Event history: what took place in one region in the last 90 days, and the look-up in it.

It is on from the account's creation, needs no trail and cannot be switched off.
What does not belong here: disks (archive.py), trails (trails.py), or the API's parameters
(operations/lookup_events.py).
Source: CloudTrail User Guide, "Viewing events with event history"; API Reference, LookupEvents.
"""

import hashlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from regions.errors import InvalidNextTokenException
from regions.trail.event_store import EventStore
from regions.trail.id_times import IdTimes
from regions.trail.kept import Kept
from regions.trail.selectors import MANAGEMENT
from sim.units import NS_PER_SECOND, days

#: How long an event can be looked up, to the second. Source: User Guide.
HISTORY_SECONDS: Final = 90 * 24 * 3600
#: Event ids are remembered a month longer, so that a record which comes again from an old log is
#: known; what is older than this on arrival counts as known too. Chosen.
REMEMBERED_NS: Final = days(121)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked up."""

    account: str
    attribute: str = ""  #: one of ATTRIBUTES, or none
    value: str = ""
    start: int = 0  #: seconds since 1970, inclusive
    end: int = 2**62  #: the same
    page: int = 50
    category: str = MANAGEMENT  #: or INSIGHT

    @property
    def word(self) -> str:
        """What must occur in a record that is looked up, "" if nothing need."""
        return "" if self.attribute in {"EventId", "ReadOnly"} else self.value


#: The eight attributes that LookupEvents can filter by, and how each compares.
ATTRIBUTES: Final[dict[str, Callable[[Kept, str], bool]]] = {
    "EventId": lambda event, value: event.event_id == value,
    "EventName": lambda event, value: event.name == value,
    "ReadOnly": lambda event, value: event.read_only == (value == "true"),
    "Username": lambda event, value: event.username == value,
    "ResourceType": lambda event, value: any(kind == value for kind, _ in event.resources),
    "ResourceName": lambda event, value: any(
        value in (arn, arn.rpartition("/")[2]) for _, arn in event.resources
    ),
    "EventSource": lambda event, value: event.source == value,
    "AccessKeyId": lambda event, value: event.access_key_id == value,
}


def matches(query: Query, event: Kept) -> bool:
    """Say whether an event is one that is looked up; data events never are."""
    if event.account != query.account or event.category != query.category:
        return False
    return not query.attribute or ATTRIBUTES[query.attribute](event, query.value)


class History:
    """All events of one region that can still be looked up, by arrival and by time."""

    def __init__(self) -> None:
        self._events = EventStore()
        #: Times of the events that can be looked up, sorted, and the sequence of each; of equal
        #: times in order of arrival.
        self._times = array("q")
        self._sequences = array("q")
        self._known = IdTimes()  #: all that were taken in lately
        self._forget_ns = 0  #: when old events are looked for again
        self._latest_ns = 0  #: the newest event time

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[Kept]:
        return iter(self._events)

    def get(self, sequence: int) -> Kept | None:
        """Return one event by its place in the order of arrival, if it is still kept."""
        return self._events.get(sequence)

    def since(self, sequence: int, head: int) -> Iterator[Kept]:
        """Yield the events with ``sequence <= place < head`` in order of arrival."""
        events = self._events
        first = events.first(sequence)
        for place in range(head if first is None else first, head):
            event = events.get(place)
            if event is not None:
                yield event

    def knows(self, event_id: str, time_ns: int, now_ns: int) -> bool:
        """Say whether that event was taken in before, or is too old to tell."""
        present_ns = self._present_ns(max(self._latest_ns, time_ns), now_ns)
        return event_id in self._known or time_ns < present_ns - REMEMBERED_NS

    def _present_ns(self, latest_ns: int, now_ns: int) -> int:
        """Return the time that nothing is thrown away ahead of.

        A calendar that jumps forward must not cost records: it is believed only as far as the
        events, which AZs date by the time that they agree on, have come.
        """
        return min(now_ns, latest_ns)

    def add(self, event: Kept, now_ns: int) -> None:
        """Take in an event and forget what is too old to be looked up."""
        self._known.add(event.event_id, event.time_ns)
        self._events.add(event)
        place = bisect_right(self._times, event.time_ns)
        self._times.insert(place, event.time_ns)
        self._sequences.insert(place, event.sequence)
        self._latest_ns = max(self._latest_ns, event.time_ns)
        self._forget(self._present_ns(self._latest_ns, now_ns))

    def first_since(self, time_ns: int) -> int:
        """Return the sequence with which events of then on begin; those before may have some."""
        low = bisect_left(self._times, time_ns)
        return min(self._sequences[low:], default=2**62)

    def look_up(self, query: Query, token: str, now_ns: int) -> tuple[list[Kept], str]:
        """Return one page, newest first, and the token of the next page or "".

        Raises:
          InvalidNextTokenException: the token was not given for this query.
        """
        oldest = max(query.start, now_ns // NS_PER_SECOND - HISTORY_SECONDS)
        low = bisect_left(self._times, oldest * NS_PER_SECOND)
        high = bisect_left(self._times, (query.end + 1) * NS_PER_SECOND)
        if query.attribute == "EventId":
            found_ns = self._known.get(query.value)
            time_ns = -1 if found_ns is None else found_ns
            low = max(low, bisect_left(self._times, time_ns))
            high = min(high, bisect_right(self._times, time_ns))
        if token:
            high = min(high, self._place_of(*self._read_token(query, token)))
        page: list[Kept] = []
        events, sequences = self._events, self._sequences
        for place in range(high - 1, low - 1, -1):
            sequence = sequences[place]
            if query.word and not events.might_hold(sequence, query.word):
                continue
            event = events.get(sequence)
            if event is not None and matches(query, event):
                if len(page) == query.page:
                    last = page[-1]
                    return page, f"{_digest(query)}{last.time_ns:016x}{last.sequence:012x}"
                page.append(event)
        return page, ""

    def _place_of(self, time_ns: int, sequence: int) -> int:
        """Return where an event stands in the order of time."""
        place = bisect_left(self._times, time_ns)
        while place < len(self._times) and (
            (self._times[place], self._sequences[place]) < (time_ns, sequence)
        ):
            place += 1
        return place

    def _read_token(self, query: Query, token: str) -> tuple[int, int]:
        digest, time, sequence = token[:16], token[16:32], token[32:]
        if digest != _digest(query):
            raise InvalidNextTokenException("Invalid pagination token.")
        return int(time, 16), int(sequence, 16)

    def _forget(self, now_ns: int) -> None:
        """Forget what is too old; once a day, so that it costs next to nothing."""
        if now_ns < self._forget_ns:
            return
        self._forget_ns = now_ns + days(1)
        oldest_ns = (now_ns // NS_PER_SECOND - HISTORY_SECONDS) * NS_PER_SECOND
        gone = bisect_left(self._times, oldest_ns)
        for sequence in self._sequences[:gone]:
            self._events.remove(sequence)
        del self._times[:gone], self._sequences[:gone]
        self._known.forget_before(now_ns - REMEMBERED_NS)


def _digest(query: Query) -> str:
    """Return 16 hexadecimal digits that differ for every other query."""
    return hashlib.sha256(repr(query).encode()).hexdigest()[:16]
