"""One availability zone: the request loop, a replica of the key store, and the way to its HSMs.

Every call runs through one loop (kms/loop.py); this actor only carries out what the loop asks
for: an HSM command, a replicated change, an audit record. Its replica is fed by the node of the
replicated log beside it, and it serves only while it has caught up.
What does not belong here: what an action means (kms/operations/), or any rule of the log
(replication/).
Source: AWS KMS Cryptographic Details, "Service hosts" and "Customer data operations".
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions import frailty
from regions.agreed_time import AgreedTime
from regions.ailments import DIES
from regions.border import Border
from regions.calls import ApiCall
from regions.capacity import UNLIMITED, Capacity, Turns
from regions.companion import Companion
from regions.errors import KMSInternalException, ServiceError, ThrottlingException
from regions.fleet import FleetConfig, HsmFleet
from regions.hsm.commands import DomainTokenIssued
from regions.jobs import JobRunner
from regions.kms.changes import FORGETTING, LOG_CODEC, Command, DomainTokenStored
from regions.kms.grant_tokens import lacks_a_grant
from regions.kms.hindsight import Hindsight
from regions.kms.keyring import Applied, Keyring
from regions.kms.loop import AskHsm, Outcome, perform, refuse
from regions.kms.operations import OPERATIONS
from regions.kms.relatives import MaterialSent
from regions.kms.sketches import sketch
from regions.members import Membership
from regions.messages import (
    DescribeReplica,
    EnrolHsm,
    HsmUp,
    Probe,
    ReplicaState,
    SafeOpened,
    SketchKey,
    Throttled,
)
from regions.policy.evaluate import SOUND
from regions.quotas import THROTTLED
from regions.recorded import AUDIT_TIMEOUT_NS, answer_recorded
from regions.replication.messages import (
    Apply,
    Attach,
    Caught,
    LeaderChanged,
    NotCommitted,
    Propose,
    ReadBarrier,
    Restore,
    Retired,
    SnapshotRotted,
)
from regions.rides import Rides
from regions.trail.messages import Append, AuditRefused, RecorderUp, RegionJoined
from regions.usage import UsageNotes
from sim.actor import Actor, Expired, Request
from sim.clock import Timer
from sim.promise import Promise
from sim.quick import changed
from sim.units import seconds
from sim.wire import FrameError, Overloaded, Refusal, Unreachable

#: The keyring is snapshotted after so many log entries, or a tenth of its keys if that is more:
#: a short log is quick to check and to replay, and a large keyring is not written often; chosen.
SNAPSHOT_EVERY: Final = 64
_SNAPSHOT_KEYS: Final = 10
#: Results of applied entries are kept until their proposer has heard of the commit; chosen.
RESULTS_KEPT: Final = 4_096
#: A proposal or read barrier that takes longer is answered with an internal error; chosen.
_LOG_TIMEOUT_NS: Final = seconds(10)
#: The node is asked again for entries that are missing here when it has not sent them for so
#: long; chosen: far above its round trip, so that a backlog is asked for once.
_ATTACH_RETRY_NS: Final = seconds(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AzConfig:
    """Names of the actors around one AZ, and how it trades safety against availability."""

    region: str
    node: str
    recorder: str
    fleet: FleetConfig
    consistency: str = "eventual"  #: or ``linearizable``
    visibility_lag: bool = False  #: eventual reads see keys and aliases late, too
    quotas: bool = False  #: the adjustable resource quotas apply
    capacity: Capacity = UNLIMITED
    snapshot_every: int = SNAPSHOT_EVERY
    witnesses: tuple[str, ...] = ()  #: recorders of the other AZs: they know what time it is
    front: str = ""  #: the regional endpoint; it hears of calls that this host dies of
    sites: tuple[str, ...] = ()  #: the regions of this world, where keys may be replicated


class Az(Actor):
    """Serves API calls from its own replica, with its own HSMs and its own recorder."""

    kind: ClassVar[str] = "az"
    workers: ClassVar[int] = 64  # chosen
    inline: ClassVar[frozenset[type[Any]]] = frozenset(
        {Apply, Caught, DescribeReplica, HsmUp, LeaderChanged, Probe, Restore, SafeOpened}
        | {EnrolHsm, MaterialSent, RecorderUp, RegionJoined, Retired, SketchKey, SnapshotRotted}
        | {Throttled}
    )
    asks: ClassVar[tuple[str, ...]] = ("node", "hsm", "recorder")

    def __init__(self, config: AzConfig) -> None:
        self._config = config
        self._keyring = Keyring(config.region, sites=config.sites)
        self.inbox_limit = config.capacity.inbox_limit(self.workers)
        self._turns = None if config.capacity.simple else Turns(self, config.capacity)
        self._applied = self._snapshot_index = 0
        self._attached_ns = 0  #: when the node was asked last for all that is missing here
        self._missing: Timer | None = None  #: set while entries are missing; asks again
        self._serving_from: int | None = None
        self._forgetting = False  #: something was purged, and is not erased everywhere here
        self._purged_while_away = False  #: and it was purged while this host did not serve
        self._leader = False
        self._results: OrderedDict[int, Applied] = OrderedDict()
        self._awaited: dict[int, Promise] = {}
        self._barriers: list[tuple[int, Promise]] = []
        self._rides = Rides(self, config.recorder, config.node, self._after_apply)
        self._fleet = HsmFleet(self, config.fleet, self)
        self._time = AgreedTime(self, config.witnesses)
        self._members = Membership(self, config.recorder, self._fleet, self._time)
        self._companion = Companion(self, config.recorder)
        self._hindsight: Hindsight | None = None  #: what callers see, if that is not the newest
        self._jobs = JobRunner(self, self)
        self._usage = UsageNotes(self, self._keyring, self.commit)
        self._border = Border(self, self)
        self._handlers: dict[type[Any], Callable[[Request], None]] = {
            Apply: self._on_apply,
            Caught: self._on_caught,
            DescribeReplica: self._on_describe,
            EnrolHsm: lambda request: self._fleet.enrol(request.body.hsm, request.body.identity),
            HsmUp: lambda request: self._fleet.hsm_up(request.sender),
            LeaderChanged: self._on_leader_changed,
            MaterialSent: lambda request: self._border.arrived(request.body),
            Probe: self._on_probe,
            RecorderUp: self._on_recorder_up,
            RegionJoined: lambda request: self._keyring.add_site(request.body.region),
            Restore: self._on_restore,
            Retired: lambda _: self._members.retire(),
            SafeOpened: lambda request: self._fleet.safe_opened(request.body.hsm),
            SketchKey: lambda request: request.reply(sketch(self._keyring, request.body)),
            SnapshotRotted: lambda _: self._save_snapshot(),
            Throttled: self._on_throttled,
        }

    def start(self) -> None:
        """Ask the node for everything it holds, and bring the HSMs into the domain."""
        if self._config.visibility_lag and self._config.consistency == "eventual":
            self._hindsight = Hindsight(self._keyring, self.name)
        self._attach()
        self._companion.check()
        for hsm in self._config.fleet.own:
            self._fleet.hsm_up(hsm)
        frailty.doom(self)

    def on_ail(self, ailment: str, value: Any) -> None:
        """Die soon if a new configuration cannot be read; other ailments show with each call."""
        if ailment == DIES and value is not None:
            frailty.doom(self)

    def on_calendar(self, moved_ns: int) -> None:
        """Go along with the calendars; what was far off may be due now."""
        self._time.moved(moved_ns)
        self._jobs.look()

    def _look(self) -> None:
        self._jobs.look()
        self._border.look()

    def _attach(self) -> None:
        self._attached_ns, self._missing = self.now_ns, None
        self.send(self._config.node, Attach(applied=self._applied))

    @property
    def _serving(self) -> bool:
        caught_up = self._serving_from is not None and self._applied >= self._serving_from
        return caught_up and not self._purged_while_away and not self._members.left

    # What peers and the node say.

    def receive(self, request: Request) -> None:
        """Handle what must not wait behind API calls."""
        self._handlers[request.body.__class__](request)

    def _on_probe(self, request: Request) -> None:
        serving = self._serving and self._companion.answers()
        request.reply(self._members.answer(request.body.known, serving=serving))

    def _on_recorder_up(self, _: Request) -> None:
        self._members.tell_recorder()
        self._companion.check()

    def _on_apply(self, request: Request) -> None:
        for entry in request.body.entries:
            if entry.index == self._applied + 1:
                if entry.config:
                    self._applied = entry.index
                    self._members.learn(entry.data)
                else:
                    self._apply(entry.index, entry.data)
            elif entry.index > self._applied:
                self._miss()
                break
        self._after_apply()

    def _miss(self) -> None:
        """Have the node begin where this replica stands: a skipped change is missing for ever.

        The node may have spoken to the host before this one, or a message was lost.
        """
        if self._missing is None:
            wait_ns = self._attached_ns + _ATTACH_RETRY_NS - self.now_ns
            self._missing = self.after(max(0, wait_ns), self._attach)

    def _on_restore(self, request: Request) -> None:
        if request.body.index > self._applied:
            self._members.learn(request.body.group)
            self._restore(request.body.index, request.body.data)

    def _on_caught(self, request: Request) -> None:
        self._serving_from = request.body.index
        if not self._time.stale_in_ns:
            self.spawn(self._time.agree)  # Records are dated by it, in this AZ as in any other.
        self._look()

    def _on_leader_changed(self, request: Request) -> None:
        self._leader = request.body.leader == self._config.node
        if request.body.leader:
            self._fleet.try_again()
        self._look()
        self._fleet.expel()

    def _on_throttled(self, request: Request) -> None:
        """Record and answer a call that exceeds a quota: it costs no worker and no processor."""
        outcome = refuse(
            self._identified(request.body.call),
            self._keyring,
            ThrottlingException(THROTTLED),
            calendar_ns=self.calendar_ns,
            event_id=self.rng("event-id").uuid(),
        )
        answer_recorded(self, request, outcome, self._config.recorder)

    def _apply(self, index: int, data: bytes) -> None:
        self._applied = index
        if not data:
            return  # The entry with which a leader begins its term.
        command: Command = LOG_CODEC.decode(data)
        if self._hindsight is not None and command.record is not None:
            self._hindsight.note(index, command.change, self.now_ns)
        applied = self._keyring.apply(command)
        if isinstance(command.change, FORGETTING) and applied.result is not None:
            self._purged_while_away = self._purged_while_away or not self._serving
            self._forgetting = True
        if applied.record is not None:
            self._rides.add(applied.record)
        promise = self._awaited.pop(index, None)
        if promise is not None:
            promise.set(applied)
        else:
            self._results[index] = applied
            if len(self._results) > RESULTS_KEPT:
                self._results.popitem(last=False)
        change = command.change
        if isinstance(change, DomainTokenStored) and applied.result is change:
            self._fleet.token_changed(change.members, deposit=self._leader)

    def _restore(self, index: int, data: bytes) -> None:
        try:
            self._keyring.restore(data)
        except FrameError as error:
            self.abort(f"the snapshot up to entry {index} cannot be read: {error}")
        if self._hindsight is not None:
            self._hindsight.forget()
        self._applied = self._snapshot_index = index
        self._rides.forget_snapshot()
        for awaited in [i for i in self._awaited if i <= index]:
            # What the entry came to is known to those who applied it, not to us.
            self._awaited.pop(awaited).fail(Expired(f"entry {awaited} was skipped by a snapshot"))
        token = self._keyring.domain
        if token is not None:
            self._fleet.token_changed(token.members, deposit=False)
        self._after_apply()

    def _after_apply(self) -> None:
        ready = [promise for index, promise in self._barriers if index <= self._applied]
        self._barriers = [b for b in self._barriers if b[0] > self._applied]
        for promise in ready:
            promise.set(None)
        self._rides.begin()
        self._look()
        every = max(self._config.snapshot_every, len(self._keyring) // _SNAPSHOT_KEYS)
        due = self._forgetting or self._applied - self._snapshot_index >= every
        if due and not self._rides.saving:
            kept = self._forgotten if self._forgetting else None
            self._forgetting = False
            self._save_snapshot(kept)

    def _save_snapshot(self, kept: Callable[[bool], None] | None = None) -> None:
        if self._applied and not self._rides.saving:
            self._snapshot_index = self._applied
            self._rides.save(self._applied, self._keyring.snapshot(), kept)

    def _forgotten(self, done: bool) -> None:
        """Serve again if a purge was what this host waited for; else erase it once more."""
        self._forgetting = self._forgetting or not done  # With the next entry.
        self._purged_while_away = self._purged_while_away and self._forgetting

    def _on_describe(self, request: Request) -> None:
        domain = self._keyring.domain
        state = ReplicaState(
            serving=self._serving,
            applied=self._applied,
            digest=self._keyring.digest(),
            hbk_ids=tuple(sorted(self._keyring.hbk_ids())),
            domain_version=domain.version if domain else 0,
            active_key=domain.active_key if domain else 0,
            hsms_ready=self._fleet.ready,
        )
        request.reply(state)

    # API calls.

    async def serve(self, request: Request) -> None:
        """Answer an API call, or hear what another region has to say."""
        if isinstance(request.body, ApiCall):
            await self._answer(request, request.body)
        elif self._serving:
            await self._border.take(request.body)

    async def _answer(self, request: Request, call: ApiCall) -> None:
        """Take one API call through the loop, record it, answer it."""
        if self._turns is None:
            await self.work(self._config.capacity.call_ns)
        else:
            await self._turns.take(request)
        if self.cell.ails:
            await frailty.suffer(self, call, self._config.front)
        if not self._serving:
            raise KMSInternalException("this host is catching up", call.request_id)
        if not call.request_id:
            call = self._identified(call)
        try:
            if self._config.consistency == "linearizable":
                await self._barrier()
            outcome = await self._drive(call)
            if outcome.record is not None:
                append = Append(record=outcome.record)
                await self.ask(self._config.recorder, append, timeout_ns=AUDIT_TIMEOUT_NS)
                self._usage.note(outcome.record)
        except (AuditRefused, NotCommitted, Expired, Overloaded, Unreachable) as error:
            # Nothing was promised to the caller: what may have happened stays open.
            if isinstance(error, AuditRefused):
                self._members.tell_recorder()  # It may have asked peers that are no more.
            elif isinstance(error, Expired):
                self._companion.check()  # Who was silent may have been anybody: ask.
            text = f"the call could not be made durable: {type(error).__name__}"
            raise KMSInternalException(text, call.request_id) from error
        request.reply(outcome.answer)

    def _identified(self, call: ApiCall) -> ApiCall:
        """Return a call with a request id: the caller's, or one of our own."""
        return call if call.request_id else changed(call, request_id=self.rng("request-id").uuid())

    async def _agreed_ns(self) -> int:
        """Return the calendar that a date of loss counts from; no single clock sets it.

        Raises:
          Expired: no majority agrees on the time.
        """
        now_ns = await self._time.agree()
        if now_ns is None:
            raise Expired("no majority agrees on the time")
        return now_ns

    async def _drive(self, call: ApiCall) -> Outcome:
        ails, operation = self.cell.ails, OPERATIONS.get(call.action)
        if lacks_a_grant(self._keyring, call.parameters):
            await self._barrier()
        if operation is None or not operation.irreversible:
            begin_ns = self._time.estimate_ns
        else:
            begin_ns = await self._agreed_ns()
        late = self._hindsight
        driver = perform(
            call,
            self._keyring if late is None else late.seen_at(self.now_ns),
            region=self._config.region,
            calendar_ns=begin_ns,
            event_id=self.rng("event-id").uuid(),
            completed_ns=self._time.read,
            authority=frailty.authority(ails) if ails else SOUND,
            place=self.name if self._config.consistency == "eventual" else "",
            limited=self._config.quotas,
        )
        try:
            effect = next(driver)
            while True:
                try:
                    if isinstance(effect, AskHsm):
                        result = await self._fleet.ask(self.ask, effect.command)
                    else:
                        result = await self.commit(effect.command)
                except ServiceError:
                    raise
                except (NotCommitted, Expired, Unreachable, Overloaded):
                    raise
                except Refusal as refusal:
                    effect = driver.throw(refusal)
                else:
                    effect = driver.send(result)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    async def _barrier(self) -> None:
        """Wait until this replica shows everything that was acknowledged before now."""
        read_at = await self.ask(self._config.node, ReadBarrier(), timeout_ns=_LOG_TIMEOUT_NS)
        if read_at.index > self._applied:
            promise = Promise(self)
            self._barriers.append((read_at.index, promise))
            await self._applying(promise)

    async def commit(self, command: Command) -> Applied:
        """Have a change replicated and return what applying it here gave.

        Raises:
          NotCommitted: no majority took it; ``definite`` says whether a retry is safe.
          Expired: no answer; it may still happen.
        """
        propose = Propose(data=LOG_CODEC.encode(command))
        committed = await self.ask(self._config.node, propose, timeout_ns=_LOG_TIMEOUT_NS)
        applied = self._results.pop(committed.index, None)
        if applied is None:
            promise = self._awaited[committed.index] = Promise(self)
            applied = await self._applying(promise)
        return applied

    async def _applying(self, promise: Promise) -> Any:
        """Wait for the node to hand on what is committed; Expired if it does not."""
        late = Expired("a committed entry was not handed on in time")
        timer = self.after(_LOG_TIMEOUT_NS, promise.fail, late)
        try:
            return await promise.wait()
        finally:
            timer.cancel()

    # What the fleet and the jobs need of this host.

    @property
    def keyring(self) -> Keyring:
        """This AZ's replica; jobs read it."""
        return self._keyring

    @property
    def leads(self) -> bool:
        """Whether long work is this AZ's to do."""
        return self._leader and self._serving

    @property
    def fleet(self) -> HsmFleet:
        """The way to the HSMs."""
        return self._fleet

    @property
    def time(self) -> AgreedTime:
        """What the AZs agree that the calendar shows."""
        return self._time

    def domain_token(self) -> tuple[bytes, int]:
        """Return the newest exported domain token and its version; (b"", 0) before there is one."""
        return self._keyring.domain_token

    async def store_domain(self, issued: DomainTokenIssued) -> bool:
        """Make a domain token the newest one of the log, unless another was first."""
        change = DomainTokenStored(
            token=issued.token,
            version=issued.version,
            active_key=issued.active_key,
            members=issued.members,
            time_ns=self._time.estimate_ns,
        )
        try:
            applied = await self.commit(Command(change=change, record=None))
        except (NotCommitted, Expired):
            return False
        stands = applied.result  # Of two of one version, the first.
        return isinstance(stands, DomainTokenStored) and stands.token == issued.token
