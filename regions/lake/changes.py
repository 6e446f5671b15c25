"""What changes the state of a lake, as its journal keeps it.

Events are no part of the journal: they have files of their own (events.py).
What does not belong here: what a change does (state.py).
Source: CloudTrail API Reference, EventDataStore, Channel, Query and ImportsListItem.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.trail.selectors import AdvancedSelector, FieldSelector, InsightSelectors, Selectors
from regions.trail.trails import Logging
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDataStore(Message):
    """One event data store; one of the same id takes over its settings."""

    store_id: str  #: a UUID, and the name of its table
    account: str
    name: str
    created_ns: int  #: calendar
    updated_ns: int = 0  #: calendar; 0: never
    multi_region: bool = True
    retention_days: int = 366
    protected: bool = True  #: against deletion
    billing: str = "EXTENDABLE_RETENTION_PRICING"
    kms_key_id: str = ""  #: as given; "": a key of the service
    ingestion: tuple[Logging, ...] = ()  #: when it took events in, in order of time
    selectors: tuple[Selectors, ...] = ()  #: in order of time, at least one; advanced ones only
    deleted_ns: int = 0  #: calendar time of DeleteEventDataStore; 0: it is there
    tags: tuple[tuple[str, str], ...] = ()  #: (key, value), sorted by key
    insights: InsightSelectors = field(default_factory=InsightSelectors)
    insights_to: str = ""  #: ARN of the event data store for its Insights events
    max_event_size: str = "Standard"  #: or ``Large``
    context_keys: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (TagContext ..., keys)
    aggregation: tuple[tuple[str, tuple[str, ...]], ...] = ()  #: (event category, templates)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDataStoreGone(Message):
    """An event data store and its events are gone for ever."""

    store_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Message):
    """One channel; one of the same id takes over its settings."""

    channel_id: str  #: a UUID
    account: str
    name: str
    source: str  #: ``Custom``, or a partner's name
    stores: tuple[str, ...]  #: ids of the event data stores that it leads to
    created_ns: int
    tags: tuple[tuple[str, str], ...] = ()
    attempt_ns: int = 0  #: calendar time of the last event that was handed in; 0: none
    attempt_id: str = ""
    success_ns: int = 0  #: and of the last one that was taken
    success_id: str = ""
    error_code: str = ""  #: of the last one that was not taken


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGone(Message):
    """A channel is gone."""

    channel_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicy(Message):
    """The policy of an event data store or a channel."""

    arn: str
    document: str  #: JSON; "": it has none any more


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStarted(Message):
    """A query waits for its turn."""

    query_id: str  #: a UUID
    account: str
    statement: str  #: as its caller wrote it
    sql: str = field(repr=False)  #: as DuckDB takes it
    stores: tuple[str, ...]  #: ids of those that it reads
    created_ns: int
    alias: str = ""  #: of the sample query that it is; "": none
    deliver_to: str = ""  #: ``s3://BUCKET/PREFIX``; "": nowhere
    bucket_site: str = ""  #: who holds that bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryEnded(Message):
    """A query ended, with a result or without."""

    query_id: str
    status: str  #: FINISHED, FAILED, CANCELLED or TIMED_OUT
    message: str = ""  #: why it failed
    rows: int = 0  #: of the result
    scanned: int = 0  #: events that it looked at
    scanned_bytes: int = 0
    took_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryDelivered(Message):
    """The result of a query lies in its bucket, or could not be put there."""

    query_id: str
    status: str  #: SUCCESS, FAILED, ACCESS_DENIED or RESOURCE_NOT_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryForgotten(Message):
    """The result of a query is kept no longer."""

    query_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Message):
    """One copy of log files into an event data store, and how far it is."""

    import_id: str  #: a UUID
    account: str
    store_id: str
    location: str  #: ``s3://BUCKET/PREFIX``
    bucket_region: str
    role_arn: str
    bucket_site: str  #: who holds the bucket
    status: str  #: IN_PROGRESS, FAILED, STOPPED or COMPLETED
    created_ns: int
    updated_ns: int
    start: int = 0  #: seconds since 1970: only events from then on
    end: int = 0  #: and until then; 0: all
    after: str = ""  #: the last key that was looked at
    prefixes: int = 0  #: folders with log files so far
    files: int = 0
    events: int = 0
    failures: tuple[tuple[str, str, str], ...] = ()  #: (location, type of error, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class CursorAt(Message):
    """Every event of a region before this place is in the stores that want it, durably."""

    region: str
    next: int  #: as HistoryPage says it; -1: nobody wants events of that region any more


#: Ids in the journal of this service alone.
CHANGES: Final[dict[int, type[Any]]] = {
    1: EventDataStore,
    2: EventDataStoreGone,
    3: Channel,
    4: ChannelGone,
    5: ResourcePolicy,
    6: QueryStarted,
    7: QueryEnded,
    8: QueryDelivered,
    9: QueryForgotten,
    10: Import,
    11: CursorAt,
    20: Selectors,
    21: AdvancedSelector,
    22: FieldSelector,
    23: InsightSelectors,
    24: Logging,
}
