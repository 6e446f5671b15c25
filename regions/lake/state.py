"""What a lake of one region knows: event data stores, channels, policies, queries and imports.

What does not belong here: the events themselves (events.py), what a call may do (operations/).
Source: CloudTrail User Guide, "CloudTrail Lake concepts and terminology".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from regions.lake.changes import (
    Channel,
    ChannelGone,
    CursorAt,
    EventDataStore,
    EventDataStoreGone,
    Import,
    QueryDelivered,
    QueryEnded,
    QueryForgotten,
    QueryStarted,
    ResourcePolicy,
)
from sim.wire import Message

QUEUED: Final = "QUEUED"
RUNNING: Final = "RUNNING"
#: Statuses of queries that go on.
ACTIVE: Final = frozenset({QUEUED, RUNNING})


@dataclass(slots=True)
class Query:
    """One query from its start on."""

    begun: QueryStarted
    status: str = QUEUED
    ended: QueryEnded | None = None
    delivered: str = ""  #: DeliveryStatus, once that is known


class LakeState:
    """Everything that a lake must know after a power cut, but events and results."""

    def __init__(self) -> None:
        self.stores: dict[str, EventDataStore] = {}
        self.channels: dict[str, Channel] = {}
        self.policies: dict[str, str] = {}  #: ARN -> JSON document
        self.queries: dict[str, Query] = {}  #: in order of their start
        self.imports: dict[str, Import] = {}
        self.cursors: dict[str, int] = {}  #: region -> the next event to be read there

    def apply(self, change: Message) -> None:
        """Take a change over; it was checked before, so it cannot fail."""
        if isinstance(change, EventDataStore):
            self.stores[change.store_id] = change
        elif isinstance(change, EventDataStoreGone):
            self.stores.pop(change.store_id, None)
        elif isinstance(change, Channel):
            self.channels[change.channel_id] = change
        elif isinstance(change, ChannelGone):
            self.channels.pop(change.channel_id, None)
        elif isinstance(change, Import):
            self.imports[change.import_id] = change
        elif isinstance(change, ResourcePolicy):
            self.policies.pop(change.arn, None)
            if change.document:
                self.policies[change.arn] = change.document
        elif isinstance(change, CursorAt):
            self.cursors.pop(change.region, None)
            if change.next >= 0:
                self.cursors[change.region] = change.next
        else:
            self._apply_to_query(change)

    def _apply_to_query(self, change: Message) -> None:
        if isinstance(change, QueryStarted):
            self.queries[change.query_id] = Query(change)
        elif isinstance(change, QueryForgotten):
            self.queries.pop(change.query_id, None)
        elif isinstance(change, QueryEnded) and change.query_id in self.queries:
            query = self.queries[change.query_id]
            query.status, query.ended = change.status, change
        elif isinstance(change, QueryDelivered) and change.query_id in self.queries:
            self.queries[change.query_id].delivered = change.status

    def changes(self) -> Iterator[Message]:
        """Yield changes that make this state out of an empty one."""
        yield from self.stores.values()
        yield from self.channels.values()
        yield from self.imports.values()
        for arn, document in self.policies.items():
            yield ResourcePolicy(arn=arn, document=document)
        for region, place in self.cursors.items():
            yield CursorAt(region=region, next=place)
        for query in self.queries.values():
            yield query.begun
            if query.ended is not None:
                yield query.ended
            if query.delivered:
                yield QueryDelivered(query_id=query.begun.query_id, status=query.delivered)

    def stores_of(self, account: str) -> Iterable[EventDataStore]:
        """Return an account's event data stores, in order of their names."""
        found = [store for store in self.stores.values() if store.account == account]
        return sorted(found, key=lambda store: (store.name, store.store_id))

    def ongoing_import(self, account: str = "", store_id: str = "") -> Import | None:
        """Return an import of an account, or into a store, that goes on."""
        for each in self.imports.values():
            mine = account in ("", each.account) and store_id in ("", each.store_id)
            if mine and each.status == "IN_PROGRESS":
                return each
        return None
