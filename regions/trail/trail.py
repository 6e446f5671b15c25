"""CloudTrail of one region: takes records in, answers the API, delivers files to buckets.

Trails are changed in their home region; every other region keeps a shadow of each (gossip.py), and
its sinks deliver that region's own records (sinks/).
Its disk mends small damage by itself (armour.py). What rots beyond that, or what a lying drive
forgets at a power cut, is lost and noted: the recorders have let go of it by then.
What does not belong here: what is wanted or kept (trails.py, history.py, archive.py), and where
records go (sinks/); this shell holds them together.
Source: CloudTrail User Guide, "How CloudTrail works".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, ClassVar, Final

from regions import armour
from regions.agreed_time import AgreedTime
from regions.api.shapes import check_request
from regions.calls import ApiAnswer, ApiCall, as_recorded
from regions.errors import ServiceError, UnknownOperationException
from regions.lake.messages import FollowHistory, HistoryUnwanted
from regions.trail.access import authorize_call, named_trail
from regions.trail.archive import Archive, Part
from regions.trail.checks import Checks
from regions.trail.data_events import DataWatch
from regions.trail.deliveries import DeliveryPlan
from regions.trail.gossip import Gossip
from regions.trail.group_commit import GroupCommit, Then
from regions.trail.history import HISTORY_SECONDS
from regions.trail.intake import Intake
from regions.trail.kept import Kept
from regions.trail.lake_wishes import LakeWishes
from regions.trail.messages import (
    AskDataEvents,
    HistoryPage,
    Publish,
    Published,
    ReadCalendar,
    ReadHistory,
    RegionJoined,
    RegionWelcomed,
    ShadowKept,
    TrailShadow,
)
from regions.trail.operation import Desk, Operation, Places, shown
from regions.trail.operations import OPERATIONS
from regions.trail.rates import Rates
from regions.trail.record import DATA, AuditRecord
from regions.trail.sink import Host
from regions.trail.sinks import SINKS
from regions.trail.sinks.digest import DigestSink
from regions.trail.sinks.lakes import LakesSink
from regions.trail.stored_file import StoredFile
from regions.trail.trails import TrailSettings
from sim.actor import Request
from sim.units import NS_PER_SECOND, days
from sim.wire import Message

SOURCE: Final = "cloudtrail.amazonaws.com"

#: Records of one page of a download; chosen.
PAGE_RECORDS: Final = 500
#: Between two readings of the whole disk, at least; chosen: twice the 14 d of the durability
#: model, since each block mends itself.
SCRUB_NS: Final = days(28)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailConfig:
    """One region's Trail actor."""

    region: str
    regions: tuple[RegionJoined, ...]  #: every region there is at its start, its own included
    asks_policy: bool = False  #: buckets have policies, which must let CloudTrail in
    unsupported: tuple[str, ...] = ()  #: services that leave no events
    quotas: bool = False  #: request quotas apply
    recorders: tuple[str, ...] = ()  #: of the region, who are asked what time it is
    lakes: tuple[str, ...] = ()  #: in any region, which are told that there are records


class Trail(Host):
    """Event history and trails of one region; what it acknowledged survives a power cut."""

    kind = "trail"
    workers = 2
    inline: ClassVar[frozenset[type]] = frozenset(
        {Publish, TrailShadow, ShadowKept, RegionJoined, RegionWelcomed, ReadHistory, AskDataEvents}
        | {FollowHistory, HistoryUnwanted}
    )
    asks: ClassVar[tuple[str, ...]] = ("bucket", "region", "sns", "logs", "events", "sts", "iam")
    asks_inline: ClassVar[Mapping[str, frozenset[type]]] = {"recorder": frozenset({ReadCalendar})}

    _agreeing: bool  #: somebody is being asked what time it is

    @property
    def calendar_ns(self) -> int:
        """The calendar that the region agrees on; this node's own one before anybody was asked.

        Records are dated by it in every AZ, and a trail's times are compared with theirs: a clock
        that lies here must not move what is logged, given up or looked up.
        """
        return self._time.estimate_ns

    def _own_calendar_ns(self) -> int:
        return super().calendar_ns

    def on_calendar(self, moved_ns: int) -> None:
        """Go along with all calendars, which somebody has moved forward together."""
        self._time.moved(moved_ns)

    def _agree(self) -> None:
        """Ask what time it is, if nobody was asked for a week."""
        if not self._time.stale_in_ns and not self._agreeing:
            self._agreeing = True
            self.spawn(self._ask_time)

    async def _ask_time(self) -> None:
        await self._time.agree()
        self._agreeing = False

    def start(self) -> None:
        """Read the disk, write the state afresh, greet the other regions, go on delivering."""
        config: TrailConfig = self.config
        self._commit = GroupCommit(self.disk)
        self._time = AgreedTime(self, config.recorders, self._own_calendar_ns)
        self._agreeing = False
        self.asks_policy = config.asks_policy
        self.lakes = config.lakes
        states = self.states = {name: sink.new_state() for name, sink in SINKS.items()}
        parts = [Part(states[name], sink.frames) for name, sink in SINKS.items()]
        self.archive = Archive(config.region, self.incarnation, parts)
        self._intake = Intake(config.unsupported)
        self._scrubbed_ns = self.now_ns
        files = {file: self._read(file) for file in self.disk.files()}
        self.archive.restore(files, self.calendar_ns)
        for region in config.regions:
            if self.archive.regions.get(region.region) != region:
                self.archive.change(region)
        self._gossip = Gossip(self, self.archive)
        self._checks = Checks(self)
        self._rates = Rates() if config.quotas else None
        self._wishes: LakeWishes = states[LakesSink.name]
        self._watch = DataWatch(self, self.archive, self._wishes)
        self._sinks = [sink(self, states[name]) for name, sink in SINKS.items()]
        (self._digests,) = (sink for sink in self._sinks if isinstance(sink, DigestSink))
        self._snapshot()
        self._gossip.greet()
        for sink in self._sinks:
            sink.resume()

    def _read(self, file: str) -> bytes:
        """Return what a file still says, and say if that is not all."""
        found = armour.read(self.disk, file)
        if found.finding:
            self.note("disk", found=f"{file}: {found.finding}")
        return found.data

    def _scrub(self) -> None:
        """Mend what can be mended, before more of it rots; it costs nothing while all is quiet."""
        if self.now_ns - self._scrubbed_ns >= SCRUB_NS:
            self._scrubbed_ns = self.now_ns
            for file in self.disk.files():
                self._read(file)

    def receive(self, request: Request) -> None:
        """Handle records from recorders and news from other regions."""
        body = request.body
        if isinstance(body, Publish):
            self.take(body.records, lambda: request.reply(Published()))
        elif isinstance(body, TrailShadow):
            self._shadow(request.sender, body.settings)
        elif isinstance(body, ShadowKept | RegionWelcomed):
            self._gossip.acknowledged(request.sender, body)
        elif isinstance(body, RegionJoined):
            self._joined(body)
        elif isinstance(body, AskDataEvents):
            self._watch.asked(request)
        elif isinstance(body, ReadHistory):
            oldest = self.calendar_ns // NS_PER_SECOND - HISTORY_SECONDS
            request.reply(self._page(body.after, oldest=oldest))
        else:
            self._follow(request)

    def _follow(self, request: Request) -> None:
        """Let a lake read on, once all that it is told is durable."""
        for sink in self._sinks:
            sink.heard(request.sender, request.body)
        self._watch.look()
        if isinstance(request.body, FollowHistory):
            after, since_ns = request.body.after, request.body.since_ns
            begin = after or self.archive.history.first_since(since_ns)
            page = self._page(begin, but="")
            self._commit.durable(lambda: request.reply(page))

    def _page(self, after: int, but: str = DATA, oldest: int = 0) -> HistoryPage:
        head = self.archive.head
        kept = self.archive.history.since(after, head)
        # Data events are kept for trails and event data stores alone.
        shown = (e for e in kept if e.category != but and e.second >= oldest)
        events = list(islice(shown, PAGE_RECORDS + 1))
        page = events[:PAGE_RECORDS]
        return HistoryPage(
            records=tuple(event.record for event in page),
            next=page[-1].sequence + 1 if page else head,
            truncated=len(events) > PAGE_RECORDS,
        )

    # Records.

    def take(self, records: Iterable[AuditRecord], then: Then | None = None) -> None:
        """Take records in, once by event id; ``then()`` when they are durable."""
        self._agree()
        now_ns = self.calendar_ns
        fresh: list[Kept] = []
        written: list[bytes] = []
        trails, wishes = self.archive.trails.here(), self._wishes.data
        for record in self._intake.taken(records, trails, now_ns, wishes):
            assert record.region == self.archive.region, (
                f"{self.name} is given event {record.event_id} of {record.region}"
            )
            taken = self.archive.keep(record, now_ns)
            if taken is not None:
                fresh.append(taken[0])
                written.append(taken[1])
        if fresh:
            file, old = self.archive.record_file(now_ns)
            for gone in old:
                self.disk.remove(gone)
            armour.append(self.disk, file, b"".join(written))
            self._scrub()
        self._commit.durable(then)
        if fresh:
            for sink in self._sinks:
                sink.arrived(fresh)

    def change(self, changes: Iterable[Message], then: Then | None = None) -> None:
        """Apply changes of state; ``then()`` when they are durable."""
        data = b"".join(self.archive.change(change) for change in changes)
        armour.append(self.disk, self.archive.state_file, data)
        self._commit.durable(then)
        if self.archive.overgrown:
            self._snapshot()

    def _snapshot(self) -> None:
        data, old = self.archive.snapshot()

        def replaced() -> None:
            for file in old:
                self.disk.remove(file)

        armour.append(self.disk, self.archive.state_file, data)
        self._commit.durable(replaced)

    # What sinks hear (see sink.py).

    def stored(self, plan: DeliveryPlan, file: StoredFile) -> list[Message]:
        """Tell all sinks of a delivered file; return what they want kept together with it."""
        return [change for sink in self._sinks for change in sink.stored(plan, file)]

    def settled(self, arn: str) -> None:
        """Tell all sinks that what ``stored()`` returned is durable."""
        for sink in self._sinks:
            sink.settled(arn)

    def _altered(self, settings: TrailSettings) -> None:
        self._watch.look()
        for sink in self._sinks:
            sink.altered(settings)

    # Other regions.

    def _shadow(self, sender: str, settings: TrailSettings) -> None:
        known = self.archive.trails.get(settings.arn)
        kept = ShadowKept(arn=settings.arn, version=settings.version)
        if known is not None and known.version >= settings.version:
            self._commit.durable(lambda: self.send(sender, kept))
            return
        self.change([settings], lambda: self.send(sender, kept))
        self._altered(settings)

    def _joined(self, region: RegionJoined) -> None:
        def known() -> None:
            self._gossip.welcome(region)

        if self.archive.regions.get(region.region) == region:
            self._commit.durable(known)
        else:
            self.change([region], known)

    # The API.

    async def serve(self, request: Request) -> None:
        """Answer one CloudTrail API call; its record is durable before the answer leaves."""
        call: ApiCall = request.body
        request_id = call.request_id or self.rng("requests").uuid()
        operation = OPERATIONS.get(call.action)
        try:
            if operation is None:
                raise UnknownOperationException(f"{call.action} is not modelled")
            if self._rates is not None:
                self._rates.charge(call.principal.account, call.action, self.now_ns)
            if operation.early is not None:
                operation.early(call.parameters)
            check_request("cloudtrail", call.action, call.parameters)
            authorize_call(call, self.archive.region, self.calendar_ns)
            await self._time.agree(afresh=False)
            places = await self._places(operation, call)
            if operation.awaits_key:
                await self._digests.key_of(self.calendar_ns)
            # From here on nothing is awaited: what the action saw is what it changes.
            desk = self._desk(call, places)
            body = operation.perform(desk, call.parameters)
        except ServiceError as error:
            refusal = error.answering(request_id)
            self.take([self._record(call, operation, request_id, error=error)])
            await self.disk.flushed()
            request.refuse(refusal)
            return
        self._adopt(desk.changed)
        self.take([self._record(call, operation, request_id, body=body)])
        await self.disk.flushed()
        request.reply(ApiAnswer(request_id=request_id, body=body))

    async def _places(self, operation: Operation, call: ApiCall) -> Places:
        """Return what others tell of the places that an action wants to give to a trail."""
        if operation.propose is None:
            return Places()
        wanted = operation.propose(self._desk(call, Places()), call.parameters)
        known = self.archive.trails.get(wanted.arn)
        before = None if known is None or known.deleted else known
        return await self._checks.places(wanted, before, call.parameters)

    def _desk(self, call: ApiCall, places: Places) -> Desk:
        return Desk(
            archive=self.archive,
            call=call,
            now_ns=self.calendar_ns,
            regions=tuple(sorted(self.archive.regions)),
            places=places,
            states=self.states,
        )

    def _adopt(self, changed: list[TrailSettings]) -> None:
        """Make changed trails durable here and tell every other region."""
        if not changed:
            return

        changed = [self._dated(settings) for settings in changed]
        self.change(changed, lambda: self._gossip.spread(changed))
        for settings in changed:
            self._altered(settings)

    def _dated(self, settings: TrailSettings) -> TrailSettings:
        """Return settings that say since when the trail has its log group."""
        before = self.archive.trails.get(settings.arn)
        group = "" if before is None or before.deleted else before.log_group_arn
        if settings.log_group_arn == group:
            return settings
        return replace(settings, logs_since_ns=self.calendar_ns)

    def _record(
        self,
        call: ApiCall,
        operation: Operation | None,
        request_id: str,
        *,
        body: dict[str, Any] | None = None,
        error: ServiceError | None = None,
    ) -> AuditRecord:
        """Return the record of one of CloudTrail's own calls."""
        read_only = operation is not None and operation.read_only
        region = self.archive.region
        known = self.archive.trails.get(named_trail(call, region))
        return AuditRecord(
            event_id=self.rng("events").uuid(),
            request_id=request_id,
            time_ns=self.calendar_ns,
            source=SOURCE,
            name=call.action,
            region=region,
            principal=as_recorded(call.principal),
            source_ip=call.source_ip,
            user_agent=call.user_agent,
            request_parameters=shown(call.parameters) or None,
            response_elements=shown(body) if body and not read_only else None,
            error_code="" if error is None else error.record_code,
            error_message="" if error is None else error.message,
            read_only=read_only,
            recipient_account=call.principal.account,
            connection=call.connection,
            tagged=((known.arn, known.tags),) if known is not None and known.tags else (),
        )
