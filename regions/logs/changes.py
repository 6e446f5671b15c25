"""What changes the state of CloudWatch Logs, as its journal keeps it.

Whoever owns a thing is named by account: a region's log groups of all accounts are in one state.
What does not belong here: what a change does (state.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.service.outbox import OUTBOX_CHANGES
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup(Message):
    """There is such a log group; one of the same name takes over its settings."""

    account: str
    name: str
    created_ms: int
    retention_days: int = 0  #: 0: events are kept for ever
    tags: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroupDeleted(Message):
    """A log group is gone, with all that was in it."""

    account: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStream(Message):
    """There is such an empty stream."""

    account: str
    group: str
    name: str
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStreamDeleted(Message):
    """A stream is gone, with its events."""

    account: str
    group: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsKept(Message):
    """Events were added to a stream: times and messages side by side."""

    account: str
    group: str
    stream: str
    ingested_ms: int
    first: int  #: number of the first event; each next one has the next number
    times_ms: tuple[int, ...]
    messages: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFilter(Message):
    """A filter counts into a metric; one of the same name is replaced."""

    account: str
    group: str
    name: str
    pattern: str
    transformation: dict[str, Any]  #: in the members of the API
    created_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFilterDeleted(Message):
    """A filter counts no more."""

    account: str
    group: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCounted(Message):
    """A metric has grown."""

    account: str
    namespace: str
    metric: str
    dimensions: str  #: ``name=value`` in order of names, joined by commas
    total: float  #: sum of the values
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Message):
    """An alarm watches a metric; one of the same name is replaced."""

    account: str
    name: str
    namespace: str
    metric: str
    threshold: float  #: the sum of a period that raises it
    period_s: int
    topic: str  #: ARN, of whom it tells


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmFed(Message):
    """A metric has grown that an alarm watches."""

    account: str
    name: str
    period: int  #: number of the period since 1970
    total: float  #: of that period so far
    raised: int  #: the last period that raised it; -1: none yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicy(Message):
    """A policy of an account's log groups; one of the same name is replaced."""

    account: str
    name: str
    document: str
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicyDeleted(Message):
    """A policy of an account's log groups is gone."""

    account: str
    name: str


#: Ids in the journal of this service alone.
CHANGES: Final[dict[int, type[Any]]] = OUTBOX_CHANGES | {
    20: Alarm,
    21: AlarmFed,
    1: LogGroup,
    2: LogGroupDeleted,
    3: LogStream,
    4: LogStreamDeleted,
    5: EventsKept,
    6: MetricFilter,
    7: MetricFilterDeleted,
    8: MetricCounted,
    9: ResourcePolicy,
    10: ResourcePolicyDeleted,
}
