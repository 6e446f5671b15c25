"""Actor: CloudTrail Lake of one region.

Dashboards, federation, generated queries, organisations and delegated administrators are not
modelled; encryption of stores is not either, but a KMS key that is named must be there.
What does not belong here: any one action (operations/), its state (state.py), and who reads
events, runs queries or imports (feeder.py, runner.py, importer.py); this shell holds them together.
Source: CloudTrail User Guide, "Working with AWS CloudTrail Lake".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.api.shapes import check_request
from regions.calls import ApiCall
from regions.errors import UnknownOperationException
from regions.lake.changes import (
    CHANGES,
    EventDataStore,
    EventDataStoreGone,
    Import,
    QueryEnded,
    QueryForgotten,
    QueryStarted,
)
from regions.lake.desk import LakeDesk, LakeOperation
from regions.lake.events import EventFiles
from regions.lake.feeder import Feeder
from regions.lake.importer import Importer
from regions.lake.messages import FollowHistory, HistoryGrew
from regions.lake.operations import OPERATIONS
from regions.lake.query.warehouse import Row, Warehouse
from regions.lake.results import result_files
from regions.lake.runner import Runner
from regions.lake.sites import Sites
from regions.lake.state import LakeState, Query
from regions.lake.stores import PENDING_NS
from regions.service.operation import Desk, Operation
from regions.service.service import Service, ServiceConfig
from regions.service.state import State, state_codec
from regions.trail.messages import Publish
from sim.actor import Request
from sim.wire import Codec, Message

_SERVICES: Final = ("cloudtrail", "cloudtrail-data")


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeConfig(ServiceConfig):
    """Also, what there is in the other regions."""

    trails: dict[str, str]  #: region -> its Trail actor, the own region's first
    buckets: dict[str, str]  #: region -> who holds its buckets
    kms: str  #: the region's KMS endpoint


def lake_config(regions: Iterable[str], region: str) -> LakeConfig:
    """Return the configuration of a region's lake in a world of some regions."""
    order = (region, *(name for name in regions if name != region))
    return LakeConfig(
        region=region,
        trail=f"{region}/trail",
        trails={name: f"{name}/trail" for name in order},
        buckets={name: f"{name}/bucket" for name in order},
        kms=f"{region}/front",
    )


class Lake(Service):
    """Event data stores of all accounts in one region; what it acknowledged survives a cut."""

    kind = "lake"
    asks: ClassVar[tuple[str, ...]] = ("bucket", "region")
    asks_inline: ClassVar[Mapping[str, frozenset[type]]] = {
        "trail": frozenset({Publish, FollowHistory})
    }
    inline: ClassVar[frozenset[type[Any]]] = frozenset({HistoryGrew})
    service, source = "cloudtrail", "cloudtrail.amazonaws.com"
    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS
    codec: ClassVar[Codec] = state_codec(CHANGES)

    def new_state(self) -> State:
        """Return an empty state."""
        return LakeState()

    def start(self) -> None:
        """Read the disk, and go on with what was under way."""
        super().start()
        config, state = self.config, self.state
        assert isinstance(config, LakeConfig), "a lake knows the other regions"
        assert isinstance(state, LakeState), "as new_state made it"
        self._lake = state
        self._warehouse: Warehouse | None = None
        self.files = EventFiles(
            self.disk, self.incarnation, lambda text: self.note("disk", found=text)
        )
        self.files.restore()
        self.sites = Sites(self, config.buckets, config.kms)
        self.feeder = Feeder(
            self,
            config.region,
            config.trails,
            state,
            self.files,
            keep=lambda change: self.journal.keep([change], self.state),
            durable=self.journal.durable,
        )
        self.runner = Runner(
            self,
            state,
            self.files,
            self.warehouse,
            keep=lambda changes, then: self.journal.keep(changes, self.state, then),
            ended=self._deliver,
        )
        self.importer = Importer(self, state, self.files, self._apply, self.journal.durable)
        self._resume()

    def _resume(self) -> None:
        known = self._lake.queries
        for query_id in self.files.results():
            if query_id not in known:
                self.files.drop_result(query_id)
        for store in self._lake.stores.values():
            self._await_end(store)
        self.feeder.wake()
        self.runner.wake()
        self.importer.wake()

    def receive(self, request: Request) -> None:
        """Hear that a region has news."""
        self.feeder.heard(request.body.region, request.sender)

    def warehouse(self) -> Warehouse:
        """Return DuckDB's side, made on first need.

        Raises:
          UnsupportedOperationException: DuckDB is not installed.
        """
        if self._warehouse is None:
            self._warehouse = Warehouse()
        return self._warehouse

    # The loop of calls.

    def desk(self, call: ApiCall) -> Desk:
        """Return what an action may look at and use."""
        return LakeDesk(
            state=self._lake,
            call=call,
            now_ns=self.calendar_ns,
            region=self.config.region,
            rng=self.rng,
            warehouse=self.warehouse,
            result=self.files.result,
            files=self.files,
        )

    def check(self, call: ApiCall) -> None:
        """Refuse what the models of CloudTrail and its data service do not allow."""
        if call.service not in _SERVICES:
            raise UnknownOperationException(f"{call.action} is no action of {call.service}")
        check_request(call.service, call.action, call.parameters)

    def authorize(self, desk: Desk, operation: Operation) -> None:
        """Refuse what is not allowed on one of the things that a call is about."""
        super().authorize(desk, operation)
        assert isinstance(operation, LakeOperation), "operations of a lake are its own"
        for wanted in operation.wants_all(desk, desk.call.parameters):
            self.allow(desk, wanted)

    async def perform(self, desk: Desk, operation: Operation) -> dict[str, Any]:
        """Look for the bucket and the key that a call names, then carry it out."""
        assert isinstance(desk, LakeDesk), "as desk() made it"
        assert isinstance(operation, LakeOperation), "operations of a lake are its own"
        given = desk.call.parameters
        writes_to, reads_from = operation.bucket_of(given), operation.reads_from(given)
        desk.bucket_site = await self.sites.bucket(writes_to, desk.account)
        if reads_from:
            desk.bucket_site = await self.sites.bucket(reads_from)
        desk.key_arn = await self.sites.key(operation.key_of(given), desk.call)
        return await super().perform(desk, operation)

    async def _keep(self, desk: Desk) -> None:
        await super()._keep(desk)
        self._follow(desk.changed)

    def _follow(self, changed: Iterable[Message]) -> None:
        """Begin or end what changes of the state ask for, now that they are durable."""
        for change in changed:
            found = _FOLLOW.get(type(change))
            if found is not None:
                found(self, change)

    # What changes ask for.

    def _apply(self, change: Message, then: Callable[[], None] | None = None) -> None:
        """Take a change over and keep it."""
        self.state.apply(change)
        self.journal.keep([change], self.state, then)

    def store_changed(self, store: EventDataStore) -> None:
        """An event data store wants other events, or is to end."""
        self._await_end(store)
        self.feeder.wake()

    def _await_end(self, store: EventDataStore) -> None:
        if store.deleted_ns:
            wait_ns = max(0, store.deleted_ns + PENDING_NS - self.calendar_ns)
            self.after_calendar(wait_ns, self._end_store, store)

    def _end_store(self, store: EventDataStore) -> None:
        """Remove a store that was not restored meanwhile."""
        if self._lake.stores.get(store.store_id) == store:
            self._apply(EventDataStoreGone(store_id=store.store_id))
            self.files.drop(store.store_id)
            if self._warehouse is not None:
                self._warehouse.drop(store.store_id)

    def query_forgotten(self, query_id: str) -> None:
        """A query's result is kept no longer."""
        self.files.drop_result(query_id)

    def _deliver(self, query: Query, rows: list[Row]) -> None:
        """Put the result of a query into the bucket that it names, if it names one."""
        if query.begun.deliver_to:
            files = result_files(query.begun, rows, self.calendar_ns)
            self.sites.deliver(query.begun, files, self._apply)


#: Change -> what follows when it is durable.
_FOLLOW: Final[dict[type, Callable[[Lake, Any], None]]] = {
    EventDataStore: lambda lake, change: lake.store_changed(change),
    QueryStarted: lambda lake, _: lake.runner.wake(),
    QueryEnded: lambda lake, change: lake.runner.cancelled(change.query_id),
    QueryForgotten: lambda lake, change: lake.query_forgotten(change.query_id),
    Import: lambda lake, _: lake.importer.wake(),
}
