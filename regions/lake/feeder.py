"""Brings the events of all regions into the event data stores that want them; nothing polls.

A region's trail says that there is news; then its records are read page by page, each is offered
to every store, and only when those of a page are durable the place of the next one is kept. After
a power cut a page may so come twice: a store knows events by their ids.
What does not belong here: what a store wants (stores.py), and files (events.py).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from regions.lake.changes import CursorAt, EventDataStore
from regions.lake.events import EventFiles, StoredEvent
from regions.lake.messages import DataWish, FollowHistory, HistoryUnwanted, InsightWish
from regions.lake.state import LakeState
from regions.lake.stores import LARGE, reads, takes, wants_insight
from regions.trail.data_events import asks_data
from regions.trail.enrichment import event_context
from regions.trail.group_commit import Then
from regions.trail.json_shape import json_text, large_json_text
from regions.trail.kept import Kept, kept
from regions.trail.messages import HistoryPage
from regions.trail.record import AuditRecord
from sim.actor import Actor
from sim.clock import Timer
from sim.units import seconds
from sim.wire import Message

#: A trail that does not answer in this time is asked again after a pause that doubles; chosen.
READ_TIMEOUT_NS: Final = seconds(10)
PAUSE_NS: Final = seconds(1)
PAUSE_MAX_NS: Final = seconds(60)

#: An event of a page: what is looked at, and all of it.
Found = tuple[Kept, AuditRecord]


class Feeder:
    """Follows the trails of the regions whose events some store wants.

    Args:
      actor: the lake.
      home: its region.
      trails: region -> its Trail actor.
      keep: writes a change into the lake's journal.
      durable: calls back once all that was written is durable.
    """

    def __init__(
        self,
        actor: Actor,
        home: str,
        trails: Mapping[str, str],
        state: LakeState,
        files: EventFiles,
        *,
        keep: Callable[[Message], None],
        durable: Callable[[Then], None],
    ) -> None:
        self._actor, self._home, self._trails = actor, home, trails
        self._state, self._files = state, files
        self._keep, self._durable = keep, durable
        self._reading: set[str] = set()
        self._news: set[str] = set()  #: regions that have told of more while they were read
        self._pauses: dict[str, Timer] = {}
        self._failures: dict[str, int] = {}

    def wake(self) -> None:
        """Read wherever some store wants events, and forget the places where none does."""
        for region, trail in self._trails.items():
            if region in self._reading:
                self._news.add(region)
            elif self._readers(region):
                self._read(region)
            elif region in self._state.cursors:
                self._place(region, -1)
                self._actor.send(trail, HistoryUnwanted())

    def heard(self, region: str, sender: str) -> None:
        """A trail has news."""
        if not self._readers(region):
            self._actor.send(sender, HistoryUnwanted())
        elif region in self._reading:
            self._news.add(region)
        else:
            self._read(region)

    def _readers(self, region: str) -> list[EventDataStore]:
        stores = self._state.stores.values()
        return [store for store in stores if reads(store, self._home, region)]

    def _read(self, region: str) -> None:
        """Ask for the next page."""
        timer = self._pauses.pop(region, None)
        if timer is not None:
            timer.cancel()
        readers = self._readers(region)
        if region in self._reading or not readers:
            return
        self._reading.add(region)
        after = self._state.cursors.get(region)
        since_ns = min(store.ingestion[-1].start_ns for store in readers)
        wishes = tuple(wish for store in readers for wish in _wishes(store))
        ask = FollowHistory(after=after or 0, since_ns=since_ns, wishes=wishes)

        def then(answer: Any) -> None:
            if isinstance(answer, HistoryPage):
                self._take(region, answer)
            else:
                self._failed(region)

        self._actor.call(self._trails[region], ask, then, timeout_ns=READ_TIMEOUT_NS)

    def _take(self, region: str, page: HistoryPage) -> None:
        self._failures.pop(region, None)
        found = [(kept(0, record, b""), record) for record in page.records]
        for store in list(self._state.stores.values()):
            if reads(store, self._home, region) or _read_lately(store, self._home, region):
                self._offer(store, found)
                self._offer_insights(store, found)

        def durable() -> None:
            self._reading.discard(region)
            if self._readers(region):
                self._place(region, page.next)
            more = page.truncated or region in self._news
            self._news.discard(region)
            if more:
                self._read(region)

        self._durable(durable)

    def _offer_insights(self, source: EventDataStore, found: list[Found]) -> None:
        """Put Insights events into the store that an event data store has for them."""
        target = self._state.stores.get(source.insights_to.rpartition("/")[2])
        if target is not None and not target.deleted_ns:
            self._add(target, [pair for pair in found if wants_insight(source, pair[0])])

    def _offer(self, store: EventDataStore, found: list[Found]) -> None:
        self._add(store, [pair for pair in found if takes(store, pair[0])])

    def _add(self, store: EventDataStore, wanted: list[Found]) -> None:
        if wanted:
            events = [
                StoredEvent(event_id=e.event_id, time_ns=e.time_ns, text=_shown(store, record))
                for e, record in wanted
            ]
            self._files.add(store.store_id, events, self._actor.calendar_ns)

    def _place(self, region: str, place: int) -> None:
        if self._state.cursors.get(region, -1) != place:
            change = CursorAt(region=region, next=place)
            self._state.apply(change)
            self._keep(change)

    def _failed(self, region: str) -> None:
        self._reading.discard(region)
        failures = self._failures.get(region, 0)
        self._failures[region] = failures + 1
        pause_ns = min(PAUSE_NS << min(failures, 10), PAUSE_MAX_NS)
        self._pauses[region] = self._actor.after(pause_ns, self._read, region)


def _shown(store: EventDataStore, record: AuditRecord) -> str:
    """Return an event as a store keeps it, by what it is configured for as the event comes in."""
    if store.max_event_size != LARGE:
        return json_text(record)
    return large_json_text(record, event_context(record, store.context_keys))


def _wishes(store: EventDataStore) -> Iterator[DataWish | InsightWish]:
    """Yield what a store wants beside what history has anyway."""
    if asks_data(store.selectors[-1]):
        yield DataWish(account=store.account, selectors=store.selectors[-1])
    if store.insights.types:
        types = tuple(kind for kind, _ in store.insights.types)
        since_ns = store.insights.since_ns
        yield InsightWish(account=store.account, since_ns=since_ns, types=types)


def _read_lately(store: EventDataStore, home: str, region: str) -> bool:
    """Say whether a store that was stopped may still want events of the time before.

    They arrive while other stores keep the region being read.
    """
    here = store.multi_region or region == home
    return here and bool(store.ingestion) and not store.deleted_ns
