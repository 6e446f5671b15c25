"""What an event data store is: its status at a moment, and which events it takes in.

What does not belong here: the API around it (operations/), and its events (events.py).
Source: CloudTrail User Guide, "CloudTrail Lake concepts and terminology" and "Manage event data
store lifecycles"; API Reference, CreateEventDataStore; quotas.
"""

from dataclasses import replace
from typing import Final

from regions.lake.changes import EventDataStore
from regions.names import partition
from regions.trail.kept import Kept
from regions.trail.selectors import (
    CALL_RATE,
    ERROR_RATE,
    INSIGHT,
    AdvancedSelector,
    FieldSelector,
    Selectors,
    selected,
)
from regions.trail.trails import covers, switched
from sim.units import days, seconds

#: Event data stores of an account in one region, those that wait for their deletion left out.
STORES_MAX: Final = 10
#: Days that events are kept at most at a price fixed for seven years.
RETENTION_FIXED: Final = 2557
#: One year and the first day of the next.
RETENTION_DEFAULT: Final = 366
#: MaxEventSize: 256 KB of an event, or 1 MB.
STANDARD: Final = "Standard"
LARGE: Final = "Large"
EXTENDABLE: Final = "EXTENDABLE_RETENTION_PRICING"
FIXED: Final = "FIXED_RETENTION_PRICING"

#: From DeleteEventDataStore to the end of the store. Source: User Guide.
PENDING_NS: Final = days(7)
#: How long a store starts or stops to take events in; chosen.
SETTLING_NS: Final = seconds(10)

CREATED: Final = "CREATED"
ENABLED: Final = "ENABLED"
STOPPED: Final = "STOPPED_INGESTION"
PENDING_DELETION: Final = "PENDING_DELETION"

#: Categories of events that come from trails' regions; other stores are filled by channels.
OF_CALLS: Final = frozenset({"Management", "Data", "NetworkActivity"})

DEFAULT_SELECTOR: Final = AdvancedSelector(
    name="Default management events",
    fields=(FieldSelector(field="eventCategory", equals=("Management",)),),
)


def store_arn(region: str, account: str, store_id: str) -> str:
    """Return the ARN of an event data store."""
    return f"arn:{partition(region)}:cloudtrail:{region}:{account}:eventdatastore/{store_id}"


def channel_arn(region: str, account: str, channel_id: str) -> str:
    """Return the ARN of a channel."""
    return f"arn:{partition(region)}:cloudtrail:{region}:{account}:channel/{channel_id}"


def category_of(store: EventDataStore) -> str:
    """Return the category of the events that a store is for, by its first selector."""
    named = (selector.category for selector in store.selectors[-1].advanced)
    return next(filter(None, named), "Management")


def status(store: EventDataStore, now_ns: int) -> str:
    """Return the status of an event data store at a moment."""
    if store.deleted_ns:
        return PENDING_DELETION
    last = store.ingestion[-1] if store.ingestion else None
    if last is None:
        return STOPPED if now_ns - store.created_ns >= SETTLING_NS else CREATED
    if last.stop_ns:
        return STOPPED if now_ns - last.stop_ns >= SETTLING_NS else "STOPPING_INGESTION"
    if now_ns - last.start_ns >= SETTLING_NS:
        return ENABLED
    return CREATED if last.start_ns == store.created_ns else "STARTING_INGESTION"


def is_over(store: EventDataStore, now_ns: int) -> bool:
    """Say whether a deleted store is past its last day."""
    return bool(store.deleted_ns) and now_ns >= store.deleted_ns + PENDING_NS


def ingesting(store: EventDataStore, now_ns: int, *, on: bool) -> EventDataStore:
    """Return a store that takes events in from now on, or no more."""
    return replace(store, ingestion=switched(store.ingestion, now_ns, on=on), updated_ns=now_ns)


def reads(store: EventDataStore, home: str, region: str) -> bool:
    """Say whether a store takes in events of calls in a region now.

    Args:
      home: the region where the store is.
    """
    going_on = bool(store.ingestion) and not store.ingestion[-1].stop_ns and not store.deleted_ns
    here = store.multi_region or region == home
    return going_on and here and category_of(store) in OF_CALLS


def takes(store: EventDataStore, event: Kept) -> bool:
    """Say whether a store wants an event of a region that it reads."""
    if event.account != store.account or not covers(store.ingestion, event.time_ns):
        return False
    held = next((s for s in reversed(store.selectors) if s.since_ns <= event.time_ns), None)
    return held is not None and selected(held, event)


def wants_insight(store: EventDataStore, event: Kept) -> bool:
    """Say whether an Insights event is one that a store has wanted, for another store to keep."""
    if event.category != INSIGHT or event.account != store.account:
        return False
    kind = ERROR_RATE if event.error_code else CALL_RATE
    since_ns = store.insights.since_ns
    return event.time_ns >= since_ns and any(kind == one for one, _ in store.insights.types)


def oldest_ns(store: EventDataStore, now_ns: int) -> int:
    """Return the eventTime before which a store keeps no events."""
    return now_ns - days(store.retention_days)


def reselected(
    store: EventDataStore, advanced: tuple[AdvancedSelector, ...], now_ns: int
) -> EventDataStore:
    """Return a store with other selectors from now on."""
    fresh = Selectors(since_ns=now_ns, basic=(), advanced=advanced)
    return replace(store, selectors=(*store.selectors, fresh))
