"""Carries queries out, one after the other: those that wait are QUEUED.

In a live world DuckDB works in a thread of its own, so calls are answered meanwhile. In a
simulated one a query takes the time that is modelled here.
What does not belong here: SQL (query/), and delivery of results (delivery.py).
Source: states of queries: CloudTrail API Reference, DescribeQuery; times chosen.
"""

from collections.abc import Callable, Iterable
from typing import Final

from regions.errors import ServiceError
from regions.lake.changes import QueryEnded, QueryStarted
from regions.lake.events import EventFiles
from regions.lake.query.warehouse import QueryFailed, Row, Warehouse
from regions.lake.state import ACTIVE, RUNNING, LakeState, Query
from regions.lake.stores import oldest_ns
from sim.actor import Actor
from sim.units import minutes, ms
from sim.wire import Message

#: What a query takes in a simulated world, and at least in a live one: once, and for each event
#: that it looks at. Chosen; the real service takes seconds.
ONCE_NS: Final = ms(200)
EVENT_NS: Final = 500
#: A query that runs longer is given up. Source: User Guide, "CloudTrail Lake queries" (an hour);
#: shorter here, because it keeps a core of the machine busy. Chosen.
TIMEOUT_NS: Final = minutes(5)


class Runner:
    """Runs the queries of a lake.

    Args:
      actor: the lake.
      warehouse: makes DuckDB's side, or returns it.
      keep: writes changes that the state has taken over; calls back when they are durable.
      ended: told of each query that has a result.
    """

    def __init__(
        self,
        actor: Actor,
        state: LakeState,
        files: EventFiles,
        warehouse: Callable[[], Warehouse],
        *,
        keep: Callable[[Iterable[Message], Callable[[], None]], None],
        ended: Callable[[Query, list[Row]], None],
    ) -> None:
        self._actor, self._state, self._files = actor, state, files
        self._warehouse, self._keep, self._ended = warehouse, keep, ended
        self._busy = False
        self._running = ""  #: id of the query that DuckDB works on

    def wake(self) -> None:
        """Go on with what waits."""
        if not self._busy and self._next() is not None:
            self._busy = True
            self._actor.spawn(self._run_all)

    def cancelled(self, query_id: str) -> None:
        """A query was ended by somebody; DuckDB need not go on with it."""
        if query_id == self._running:
            self._warehouse().interrupt()

    def _next(self) -> Query | None:
        return next((q for q in self._state.queries.values() if q.status in ACTIVE), None)

    async def _run_all(self) -> None:
        while (query := self._next()) is not None:
            await self._run(query)
        self._busy = False

    async def _run(self, query: Query) -> None:
        actor, begun = self._actor, query.begun
        query.status = RUNNING
        begin_ns = actor.now_ns
        shelves = [self._files.shelf(store) for store in begun.stores]
        scanned = sum(shelf.count for shelf in shelves)
        size = sum(shelf.bytes for shelf in shelves)
        rows: list[Row] = []
        status, message = "FINISHED", ""
        late = actor.after(TIMEOUT_NS, self._give_up, query)
        try:
            await self._load(begun.stores)
            await actor.work(ONCE_NS + EVENT_NS * scanned)
            if query.status == RUNNING:
                rows = await self._answer(begun)
        except (QueryFailed, ServiceError) as error:
            status, message = "FAILED", str(error)
        late.cancel()
        if query.status != RUNNING:
            return  # It was cancelled, or given up.
        ended = QueryEnded(
            query_id=begun.query_id,
            status=status,
            message=message,
            rows=len(rows),
            scanned=scanned,
            scanned_bytes=size,
            took_ns=actor.now_ns - begin_ns,
        )
        if status == "FINISHED":
            self._files.keep_result(begun.query_id, rows)
        self._end(query, ended, rows)

    async def _load(self, stores: tuple[str, ...]) -> None:
        """Bring the tables that a query reads up to date."""
        warehouse, now_ns = self._warehouse(), self._actor.calendar_ns
        for store_id in stores:
            store = self._state.stores.get(store_id)
            if store is None:
                raise QueryFailed(f"event data store {store_id} is gone")
            cutoff_ns = oldest_ns(store, now_ns)
            self._files.forget_before(store_id, cutoff_ns)
            events = self._files.to_load(store_id)
            try:
                await self._actor.aside(
                    warehouse.load, store_id, events, cutoff_ns // 1000
                ).result()
            except QueryFailed:
                self.forget(store_id)
                raise

    async def _answer(self, begun: QueryStarted) -> list[Row]:
        self._running = begun.query_id
        try:
            work = self._actor.aside(self._warehouse().run, begun.sql)
            rows: list[Row] = await work.result()
        finally:
            self._running = ""
        return rows

    def forget(self, store_id: str) -> None:
        """Load a store's table afresh before the next query."""
        shelf = self._files.shelf(store_id)
        shelf.loaded, shelf.waiting = False, []
        self._warehouse().drop(store_id)

    def _give_up(self, query: Query) -> None:
        begun = query.begun
        ended = QueryEnded(query_id=begun.query_id, status="TIMED_OUT", took_ns=TIMEOUT_NS)
        self._end(query, ended, [])
        self.cancelled(begun.query_id)

    def _end(self, query: Query, ended: QueryEnded, rows: list[Row]) -> None:
        self._state.apply(ended)

        def durable() -> None:
            if ended.status == "FINISHED":
                self._ended(query, rows)

        self._keep([ended], durable)
