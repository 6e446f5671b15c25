"""CloudTrail of one region: takes records in, answers the API, delivers files to buckets.

Trails are changed in their home region; every other region keeps a shadow of each, told again and
again until it is acknowledged, and delivers its own region's records to the trail's one bucket.
Its disk mends small damage by itself (armour.py). What rots beyond that, or what a lying drive
forgets at a power cut, is lost and noted: the recorders have let go of it by then.
What does not belong here: what is wanted, kept or due (trails.py, history.py, deliveries.py,
archive.py); this shell performs it.
Source: CloudTrail User Guide, "How CloudTrail works".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar, Final

from regions import armour
from regions.api.shapes import check_request
from regions.bucket import BucketReady, HeadBucket, ObjectStored, PutObject
from regions.calls import ApiAnswer, ApiCall
from regions.errors import (
    InsufficientS3BucketPolicyException,
    S3BucketDoesNotExistException,
    ServiceError,
    UnknownOperationException,
)
from regions.s3.messages import CheckDelivery, DeliverObject, DeliveryForbidden
from regions.trail.access import authorize_call
from regions.trail.archive import Archive, Change
from regions.trail.deliveries import (
    FILE_RECORDS_MAX,
    REDELIVERY_NS,
    Delivered,
    DeliveryPlan,
    from_runs,
    to_runs,
)
from regions.trail.group_commit import GroupCommit, Then
from regions.trail.history import Kept
from regions.trail.json_shape import json_text
from regions.trail.messages import (
    HistoryPage,
    Publish,
    Published,
    ReadHistory,
    RegionJoined,
    RegionWelcomed,
    ShadowKept,
    TrailShadow,
)
from regions.trail.operation import Desk, Operation, shown
from regions.trail.operations import OPERATIONS
from regions.trail.record import AuditRecord
from regions.trail.slots import (
    draw_phase_ns,
    draw_settle_ns,
    draw_unique,
    file_body,
    next_slot_ns,
    object_key,
)
from regions.trail.trails import TrailSettings, trail_arn, wants
from sim.actor import Actor, Expired, Request
from sim.clock import Timer
from sim.units import days, seconds
from sim.wire import Message, Refusal

SOURCE: Final = "cloudtrail.amazonaws.com"

#: Records of one page of a download; chosen.
PAGE_RECORDS: Final = 500
#: A bucket that does not answer in this time is asked again later; chosen.
BUCKET_TIMEOUT_NS: Final = seconds(10)
#: Shadows are told again after the first pause, doubling up to the second; chosen.
TELL_NS: Final = seconds(1)
TELL_MAX_NS: Final = seconds(60)
#: Between two readings of the whole disk, at least; chosen: twice the 14 d of the durability
#: model, since each block mends itself.
SCRUB_NS: Final = days(28)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailConfig:
    """One region's Trail actor."""

    region: str
    regions: tuple[RegionJoined, ...]  #: every region there is at its start, its own included
    asks_policy: bool = False  #: buckets have policies, which must let CloudTrail in


class Trail(Actor):
    """Event history and trails of one region; what it acknowledged survives a power cut."""

    kind = "trail"
    workers = 2
    inline: ClassVar[frozenset[type]] = frozenset(
        {Publish, TrailShadow, ShadowKept, RegionJoined, RegionWelcomed, ReadHistory}
    )
    asks: ClassVar[tuple[str, ...]] = ("bucket", "region", "sns", "logs", "events")

    def start(self) -> None:
        """Read the disk, write the state afresh, greet the other regions, go on delivering."""
        config: TrailConfig = self.config
        self._commit = GroupCommit(self.disk)
        self._archive = Archive(config.region, self.incarnation)
        self._scrubbed_ns = self.now_ns
        files = {file: self._read(file) for file in self.disk.files()}
        self._archive.restore(files, self.calendar_ns)
        for region in config.regions:
            if self._archive.regions.get(region.region) != region:
                self._archive.change(region)
        self._phases: dict[str, int] = {}  #: drawn once for each incarnation
        self._slots: dict[str, Timer] = {}
        self._pumps: dict[str, Timer] = {}
        self._putting: set[str] = set()
        self._owed: dict[tuple[str, str], Message] = {}  #: (actor, subject) -> not yet acknowledged
        self._telling: Timer | None = None
        self._tellings = 0
        self._snapshot()
        self._greet()
        for settings in self._archive.trails.here():
            self._wake(settings)
            self._pump(settings.arn)

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
            self._keep(body.records, lambda: request.reply(Published()))
        elif isinstance(body, TrailShadow):
            self._shadow(request.sender, body.settings)
        elif isinstance(body, ShadowKept):
            owed = self._owed.get((request.sender, body.arn))
            if isinstance(owed, TrailShadow) and owed.settings.version <= body.version:
                del self._owed[request.sender, body.arn]
        elif isinstance(body, RegionJoined):
            self._joined(body)
        elif isinstance(body, RegionWelcomed):
            self._owed.pop((request.sender, body.region), None)
        elif isinstance(body, ReadHistory):
            request.reply(self._page(body.after))

    def _page(self, after: int) -> HistoryPage:
        head = self._archive.head
        events = list(islice(self._archive.history.since(after, head), PAGE_RECORDS + 1))
        page = events[:PAGE_RECORDS]
        return HistoryPage(
            records=tuple(event.record for event in page),
            next=page[-1].sequence + 1 if page else head,
            truncated=len(events) > PAGE_RECORDS,
        )

    # Records.

    def _keep(self, records: Iterable[AuditRecord], then: Then | None = None) -> None:
        """Take records in, once by event id; ``then()`` when they are durable."""
        now_ns = self.calendar_ns
        fresh: list[Kept] = []
        written: list[bytes] = []
        for record in records:
            assert record.region == self._archive.region, (
                f"{self.name} is given event {record.event_id} of {record.region}"
            )
            taken = self._archive.keep(record, now_ns)
            if taken is not None:
                fresh.append(taken[0])
                written.append(taken[1])
        if fresh:
            file, old = self._archive.record_file(now_ns)
            for gone in old:
                self.disk.remove(gone)
            armour.append(self.disk, file, b"".join(written))
            self._scrub()
        self._commit.durable(then)
        for settings in self._archive.trails.here():
            if settings.arn not in self._slots and any(wants(settings, e) for e in fresh):
                self._arm(settings)

    def _change(self, changes: Iterable[Change], then: Then | None = None) -> None:
        data = b"".join(self._archive.change(change) for change in changes)
        armour.append(self.disk, self._archive.state_file, data)
        self._commit.durable(then)
        if self._archive.overgrown:
            self._snapshot()

    def _snapshot(self) -> None:
        data, old = self._archive.snapshot()

        def replaced() -> None:
            for file in old:
                self.disk.remove(file)

        armour.append(self.disk, self._archive.state_file, data)
        self._commit.durable(replaced)

    # Delivery.

    def _wake(self, settings: TrailSettings) -> None:
        """Publish at the next slot if anything waits."""
        archive = self._archive
        delivery = archive.delivery(settings.arn)
        waiting = settings.arn not in self._slots and settings.is_in(archive.region)
        if waiting and delivery.wanted(settings, archive.history, archive.head):
            self._arm(settings)

    def _arm(self, settings: TrailSettings) -> None:
        now_ns = self.calendar_ns
        arn = settings.arn
        if arn not in self._phases:
            self._phases[arn] = draw_phase_ns(self.rng("slots", arn))
        slot_ns = next_slot_ns(now_ns, self._phases[arn])
        self._slots[arn] = self.after_calendar(slot_ns - now_ns, self._slot, arn)

    def _slot(self, arn: str) -> None:
        """Plan the files of everything that waits."""
        del self._slots[arn]
        archive, now_ns = self._archive, self.calendar_ns
        settings = archive.trails.get(arn)
        assert settings is not None
        delivery = archive.delivery(arn)
        waiting = delivery.wanted(settings, archive.history, archive.head)
        delivery.judged(archive.head)
        plans = [
            self._plan(settings, waiting[place : place + FILE_RECORDS_MAX], now_ns)
            for place in range(0, len(waiting), FILE_RECORDS_MAX)
        ]
        if plans:
            self._change(plans, lambda: self._pump(arn))

    def _plan(self, settings: TrailSettings, sequences: list[int], now_ns: int) -> DeliveryPlan:
        rng = self.rng("delivery", settings.arn)
        key = object_key(
            prefix=settings.prefix,
            account=settings.account,
            region=self._archive.region,
            slot_ns=now_ns,
            unique=draw_unique(rng),
        )
        return DeliveryPlan(
            arn=settings.arn,
            bucket=settings.bucket,
            bucket_site=settings.bucket_site,
            key=key,
            slot_ns=now_ns,
            due_ns=now_ns + draw_settle_ns(rng),
            runs=to_runs(sequences),
        )

    def _pump(self, arn: str, not_before_ns: int = 0) -> None:
        """Put the planned file that is due first, or wait for it; one at a time for each trail."""
        plan = self._archive.delivery(arn).next_plan()
        if plan is None or arn in self._putting:
            return
        timer = self._pumps.pop(arn, None)
        if timer is not None:
            timer.cancel()
        wait_ns = max(plan.due_ns, not_before_ns) - self.calendar_ns
        if wait_ns > 0:
            self._pumps[arn] = self.after_calendar(wait_ns, self._pump, arn)
            return
        self._putting.add(arn)
        history = self._archive.history
        events = [history.get(sequence) for sequence in from_runs(plan.runs)]
        body = file_body([json_text(event.record) for event in events if event is not None])
        put: PutObject | DeliverObject
        if self.config.asks_policy:
            account = arn.split(":")[4]
            put = DeliverObject(
                bucket=plan.bucket, key=plan.key, body=body, account=account, trail=arn
            )
        else:
            put = PutObject(bucket=plan.bucket, key=plan.key, body=body, encoding="gzip")
        self._archive.delivery(arn).attempt_ns = self.calendar_ns
        self.call(
            plan.bucket_site,
            put,
            lambda answer: self._put(plan, answer),
            timeout_ns=BUCKET_TIMEOUT_NS,
        )

    def _put(self, plan: DeliveryPlan, answer: Message | Refusal | Expired) -> None:
        arn, now_ns = plan.arn, self.calendar_ns
        self._putting.discard(arn)
        if isinstance(answer, ObjectStored):
            self._change([Delivered(arn=arn, key=plan.key, time_ns=now_ns)])
            self._pump(arn)
            return
        error = "RequestTimeout" if isinstance(answer, Expired) else _code(answer)
        pause_ns = self._archive.delivery(arn).failed(error)
        if now_ns - plan.slot_ns > REDELIVERY_NS:
            self.note("delivery-given-up", arn=arn, key=plan.key)
            self._change([Delivered(arn=arn, key=plan.key, time_ns=0)])
        self._pump(arn, now_ns + pause_ns)

    # Other regions.

    def _greet(self) -> None:
        """Tell every other region that this one is there, and of its trails."""
        me = self._archive.regions[self._archive.region]
        for region in self._others():
            self._owed[region.trail, me.region] = me
            self._owe(region.trail, self._archive.trails.own())
        self._tell()

    def _others(self) -> list[RegionJoined]:
        regions = self._archive.regions
        return [regions[r] for r in sorted(regions) if r != self._archive.region]

    def _owe(self, trail: str, settings: Iterable[TrailSettings]) -> None:
        for one in settings:
            self._owed[trail, one.arn] = TrailShadow(settings=one)

    def _tell(self) -> None:
        """Send what is owed, and again later while anything is not acknowledged."""
        self._tellings = 0
        if self._telling is not None:
            self._telling.cancel()
        self._tell_again()

    def _tell_again(self) -> None:
        self._telling = None
        for (to, _), message in self._owed.items():
            self.send(to, message)
        if self._owed:
            pause_ns = min(TELL_NS << min(self._tellings, 10), TELL_MAX_NS)
            self._tellings += 1
            self._telling = self.after(pause_ns, self._tell_again)

    def _shadow(self, sender: str, settings: TrailSettings) -> None:
        known = self._archive.trails.get(settings.arn)
        kept = ShadowKept(arn=settings.arn, version=settings.version)
        if known is not None and known.version >= settings.version:
            self._commit.durable(lambda: self.send(sender, kept))
            return
        self._change([settings], lambda: self.send(sender, kept))
        self._wake(settings)

    def _joined(self, region: RegionJoined) -> None:
        welcome = RegionWelcomed(region=region.region)

        def known() -> None:
            self.send(region.trail, welcome)
            # Its disk may be new, so it is told of all trails, whatever it said before.
            self._owe(region.trail, self._archive.trails.own())
            self._tell()

        if self._archive.regions.get(region.region) == region:
            self._commit.durable(known)
        else:
            self._change([region], known)

    # The API.

    async def serve(self, request: Request) -> None:
        """Answer one CloudTrail API call; its record is durable before the answer leaves."""
        call: ApiCall = request.body
        request_id = call.request_id or self.rng("requests").uuid()
        operation = OPERATIONS.get(call.action)
        try:
            if operation is None:
                raise UnknownOperationException(f"{call.action} is not modelled")
            check_request("cloudtrail", call.action, call.parameters)
            authorize_call(call, self._archive.region, self.calendar_ns)
            site = await self._find_bucket(operation, call)
            # From here on nothing is awaited: what the action saw is what it changes.
            desk = self._desk(call, site)
            body = operation.perform(desk, call.parameters)
        except ServiceError as error:
            refusal = error.answering(request_id)
            self._keep([self._record(call, operation, request_id, error=error)])
            await self.disk.flushed()
            request.refuse(refusal)
            return
        self._adopt(desk.changed)
        self._keep([self._record(call, operation, request_id, body=body)])
        await self.disk.flushed()
        request.reply(ApiAnswer(request_id=request_id, body=body))

    async def _find_bucket(self, operation: Operation, call: ApiCall) -> str:
        """Return who holds the bucket that the call names, "" if it names none."""
        bucket = call.parameters.get(operation.bucket_member)
        if bucket is None:
            return ""
        head = self._question(bucket, call)
        own = self._archive.regions[self._archive.region]
        for region in (own, *self._others()):
            try:
                answer = await self.ask(region.bucket, head, timeout_ns=BUCKET_TIMEOUT_NS)
            except DeliveryForbidden as error:
                raise InsufficientS3BucketPolicyException(
                    f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
                ) from error
            except (Refusal, Expired):
                continue
            if isinstance(answer, BucketReady):
                return region.bucket
        raise S3BucketDoesNotExistException(f"S3 bucket {bucket} does not exist!")

    def _question(self, bucket: str, call: ApiCall) -> HeadBucket | CheckDelivery:
        """Return what a store is asked of the bucket that a call names."""
        if not self.config.asks_policy:
            return HeadBucket(bucket=bucket)
        account, given = call.principal.account, call.parameters
        arn = given["Name"]
        if not arn.startswith("arn:"):
            arn = trail_arn(self._archive.region, account, arn)
        known = self._archive.trails.get(arn)
        prefix = given.get("S3KeyPrefix", "" if known is None else known.prefix)
        return CheckDelivery(bucket=bucket, prefix=prefix, account=account, trail=arn)

    def _desk(self, call: ApiCall, site: str) -> Desk:
        return Desk(
            archive=self._archive,
            call=call,
            now_ns=self.calendar_ns,
            regions=tuple(sorted(self._archive.regions)),
            bucket_site=site,
        )

    def _adopt(self, changed: list[TrailSettings]) -> None:
        """Make changed trails durable here and tell every other region."""
        if not changed:
            return

        def durable() -> None:
            for region in self._others():
                self._owe(region.trail, changed)
            self._tell()

        self._change(changed, durable)
        for settings in changed:
            self._wake(settings)

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
        return AuditRecord(
            event_id=self.rng("events").uuid(),
            request_id=request_id,
            time_ns=self.calendar_ns,
            source=SOURCE,
            name=call.action,
            region=self._archive.region,
            principal=call.principal,
            source_ip=call.source_ip,
            user_agent=call.user_agent,
            request_parameters=shown(call.parameters) or None,
            response_elements=shown(body) if body and not read_only else None,
            error_code="" if error is None else error.record_code,
            error_message="" if error is None else error.message,
            read_only=read_only,
            recipient_account=call.principal.account,
        )


def _code(answer: Message | Refusal) -> str:
    """Return the word that GetTrailStatus shows for what a bucket refused."""
    return answer.record_code if isinstance(answer, ServiceError) else type(answer).__name__
