"""What CloudWatch Logs of one region knows: groups, streams, events, filters, metrics.

An event's place is (time in ms, number): it orders events within and across streams.
What does not belong here: what a call may do with it (operations/), and disks.
Source: CloudWatch Logs API Reference, PutLogEvents (26 bytes an event) and DescribeLogGroups.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from regions.logs.changes import (
    Alarm,
    AlarmFed,
    EventsKept,
    LogGroup,
    LogGroupDeleted,
    LogStream,
    LogStreamDeleted,
    MetricCounted,
    MetricFilter,
    MetricFilterDeleted,
    ResourcePolicy,
    ResourcePolicyDeleted,
)
from regions.service.outbox import Outbox, Parcel, ParcelDone
from sim.wire import Message

#: What an event counts beside its message, in bytes.
EVENT_OVERHEAD: Final = 26
MS_PER_DAY: Final = 86_400_000
#: Bytes of one journal entry when the state is written afresh, but for one large event; chosen.
_BATCH_BYTES: Final = 1_048_576

Place = tuple[int, int]
#: Account, namespace, name, dimensions.
Metric = tuple[str, str, str, str]


class Event(NamedTuple):
    """One log event; events order by place."""

    place: Place
    message: str
    ingested_ms: int

    @property
    def size(self) -> int:
        """Bytes that it counts."""
        return event_size(self.message)


def event_size(message: str) -> int:
    """Return how many bytes an event with this message counts."""
    return len(message.encode()) + EVENT_OVERHEAD


@dataclass(slots=True)
class Stream:
    """One stream and its events, in order."""

    made: LogStream
    events: list[Event] = field(default_factory=list)
    ingested_ms: int = 0  #: when events came last
    size: int = 0  #: bytes that its events count

    def add(self, events: list[Event]) -> None:
        """Take events in, wherever they belong."""
        late = bool(self.events) and events[0].place < self.events[-1].place
        self.events.extend(events)
        self.size += sum(event.size for event in events)
        if late:
            self.events.sort()

    def between(self, low: Place, high: Place) -> tuple[int, int]:
        """Return the indices of the events from ``low`` on, and before ``high``."""
        return (
            bisect_left(self.events, low, key=_place),
            bisect_left(self.events, high, key=_place),
        )

    def forget(self, before_ms: int) -> None:
        """Drop events that are older."""
        if self.events and self.events[0].place[0] < before_ms:
            end = bisect_left(self.events, (before_ms, 0), key=_place)
            self.size -= sum(event.size for event in self.events[:end])
            del self.events[:end]


def _place(event: Event) -> Place:
    return event.place


@dataclass(slots=True)
class Group:
    """One log group with all that is in it."""

    made: LogGroup
    streams: dict[str, Stream] = field(default_factory=dict)
    filters: dict[str, MetricFilter] = field(default_factory=dict)

    def oldest_ms(self, now_ms: int) -> int:
        """Return the time of the oldest events that are kept."""
        days = self.made.retention_days
        return now_ms - days * MS_PER_DAY if days else 0

    def forget(self, now_ms: int) -> None:
        """Drop what is past its retention."""
        oldest_ms = self.oldest_ms(now_ms)
        if oldest_ms > 0:
            for stream in self.streams.values():
                stream.forget(oldest_ms)

    def stored_bytes(self) -> int:
        """Return how many bytes the events count."""
        return sum(stream.size for stream in self.streams.values())


class LogsState:
    """The state of the service in one region, changed by messages alone."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str], Group] = {}  #: account, name
        self.metrics: dict[Metric, tuple[float, int]] = {}  #: sum of values, samples
        self.policies: dict[tuple[str, str], ResourcePolicy] = {}  #: account, name
        self.alarms: dict[tuple[str, str], Alarm] = {}  #: account, name
        self.levels: dict[tuple[str, str], AlarmFed] = {}
        self.outbox = Outbox()
        self.numbers = 1  #: of the next event; 0 is before all of them

    def of_account(self, account: str) -> list[Group]:
        """Return the groups of an account, by name."""
        return [self.groups[key] for key in sorted(self.groups) if key[0] == account]

    def apply(self, change: Message) -> None:
        """Take one change over."""
        _APPLY[type(change)](self, change)

    def put_group(self, change: LogGroup) -> None:
        """Make a group, or change its settings."""
        group = self.groups.get((change.account, change.name))
        if group is None:
            self.groups[change.account, change.name] = Group(change)
        else:
            group.made = change

    def add_events(self, change: EventsKept) -> None:
        """Take events in, and drop what is past its retention by then."""
        group = self.groups[change.account, change.group]
        group.forget(change.ingested_ms)
        stream = group.streams[change.stream]
        pairs = zip(change.times_ms, change.messages, strict=True)
        stream.add(
            [
                Event((time_ms, change.first + offset), message, change.ingested_ms)
                for offset, (time_ms, message) in enumerate(pairs)
            ]
        )
        stream.ingested_ms = max(stream.ingested_ms, change.ingested_ms)
        self.numbers = max(self.numbers, change.first + len(change.times_ms))

    def count(self, change: MetricCounted) -> None:
        """Let a metric grow."""
        metric = (change.account, change.namespace, change.metric, change.dimensions)
        total, samples = self.metrics.get(metric, (0.0, 0))
        self.metrics[metric] = (total + change.total, samples + change.samples)

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        for group in self.groups.values():
            yield group.made
            yield from group.filters.values()
            for stream in group.streams.values():
                yield stream.made
                yield from _kept(stream)
        for (account, namespace, metric, dimensions), (total, samples) in self.metrics.items():
            yield MetricCounted(
                account=account,
                namespace=namespace,
                metric=metric,
                dimensions=dimensions,
                total=total,
                samples=samples,
            )
        yield from self.policies.values()
        yield from self.alarms.values()
        yield from self.levels.values()
        yield from self.outbox.changes()


def _put_stream(state: LogsState, change: LogStream) -> None:
    state.groups[change.account, change.group].streams[change.name] = Stream(change)


def _delete_stream(state: LogsState, change: LogStreamDeleted) -> None:
    del state.groups[change.account, change.group].streams[change.name]


def _put_filter(state: LogsState, change: MetricFilter) -> None:
    state.groups[change.account, change.group].filters[change.name] = change


def _delete_filter(state: LogsState, change: MetricFilterDeleted) -> None:
    del state.groups[change.account, change.group].filters[change.name]


def _delete_group(state: LogsState, change: LogGroupDeleted) -> None:
    del state.groups[change.account, change.name]


def _put_policy(state: LogsState, change: ResourcePolicy) -> None:
    state.policies[change.account, change.name] = change


def _delete_policy(state: LogsState, change: ResourcePolicyDeleted) -> None:
    del state.policies[change.account, change.name]


def _put_alarm(state: LogsState, change: Alarm) -> None:
    state.alarms[change.account, change.name] = change


def _feed_alarm(state: LogsState, change: AlarmFed) -> None:
    state.levels[change.account, change.name] = change


def _send(state: LogsState, change: Parcel | ParcelDone) -> None:
    state.outbox.apply(change)


_APPLY: Final[dict[type[Any], Callable[[LogsState, Any], None]]] = {
    LogGroup: LogsState.put_group,
    LogGroupDeleted: _delete_group,
    LogStream: _put_stream,
    LogStreamDeleted: _delete_stream,
    EventsKept: LogsState.add_events,
    MetricFilter: _put_filter,
    MetricFilterDeleted: _delete_filter,
    MetricCounted: LogsState.count,
    ResourcePolicy: _put_policy,
    ResourcePolicyDeleted: _delete_policy,
    Alarm: _put_alarm,
    AlarmFed: _feed_alarm,
    Parcel: _send,
    ParcelDone: _send,
}


def _kept(stream: Stream) -> Iterator[EventsKept]:
    """Yield entries for all events of a stream: runs that came together and follow each other."""
    made = stream.made
    run: list[Event] = []
    size = 0
    for event in [*stream.events, None]:
        follows = (
            event is not None
            and bool(run)
            and size + event.size <= _BATCH_BYTES
            and event.place[1] == run[-1].place[1] + 1
            and event.ingested_ms == run[-1].ingested_ms
        )
        if run and not follows:
            yield EventsKept(
                account=made.account,
                group=made.group,
                stream=made.name,
                ingested_ms=run[0].ingested_ms,
                first=run[0].place[1],
                times_ms=tuple(one.place[0] for one in run),
                messages=tuple(one.message for one in run),
            )
            run, size = [], 0
        if event is not None:
            run.append(event)
            size += event.size


def with_retention(group: Group, days: int) -> LogGroup:
    """Return the settings of a group with another retention; 0: for ever."""
    return replace(group.made, retention_days=days)
