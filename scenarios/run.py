"""Runs one scenario: builds the world, lets workload and faults happen, judges the promises.

A run has five stretches: boot and preparation; the span of the workload, in which the faults of
the plan begin and end; recovery; an examination, in which the promises use the service; and a
quiet stretch in which the last records are delivered, before everything is compared.
What does not belong here: showing the result (report.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, Self, runtime_checkable

from regions.bucket import CreateBucket
from regions.faults import FAULTS
from regions.frames import FRAMES
from regions.latency import latency
from regions.topology import Topology, build
from scenarios import crew, outlets
from scenarios.accounts import ACCOUNT
from scenarios.arena import Arena
from scenarios.budget import judge
from scenarios.evidence import delivery_delays
from scenarios.invariants import INVARIANTS
from scenarios.judges import Wanted, judges
from scenarios.places import at_the_end, check_plan
from scenarios.result import (
    AFTER,
    BEFORE,
    DURING,
    WHOLE,
    FaultSpan,
    ReplaySummary,
    RunResult,
    Verdict,
    replay_command,
)
from scenarios.scenario import Scenario
from scenarios.stats import CallBook
from scenarios.timeline import Timeline
from scenarios.version import VERSION
from scenarios.workloads.replay import Preparation, ReplayClient
from scenarios.workloads.replay_values import Replay
from sim.check.history import Call
from sim.choices import drawn
from sim.engine import collecting_rarely
from sim.plan import FaultLine, Scheduled, When
from sim.rng import stream
from sim.schedule import Schedule, parse_schedule
from sim.units import minutes, ms
from sim.wire import Codec
from sim.world import EPOCH_NS, SimWorld

#: The workload begins at this world time; boot and preparation are over by then; chosen.
START_NS: Final = minutes(5)
#: What a log takes for granted is made one by one before it begins; chosen, four times what the
#: slowest of these calls takes.
PREPARE_NS: Final = ms(100)
#: A log of a few seconds still gives faults room; chosen.
SPAN_MIN_NS: Final = minutes(2)
_SLICES: Final = 400
CODEC: Final = Codec(FRAMES)

Progress = Callable[[int, int], None]


class Observer(Protocol):
    """Watches a run: taps frames, follows the trace; never changes what happens."""

    def attach(self, arena: Arena) -> None:
        """Subscribe, after the actors were built and before the first message."""


@runtime_checkable
class Concluding(Protocol):
    """An observer that wants to look at the world once more when everything is over."""

    def conclude(self, arena: Arena) -> None:
        """Look, after the last promise was judged and before the world ends."""


def run(
    scenario: Scenario,
    /,
    *,
    seed: int,
    replay: Replay | None = None,
    progress: Progress | None = None,
    observers: Sequence[Observer] = (),
    schedule: Schedule | None = None,
    promises: Sequence[Wanted] = (),
) -> RunResult:
    """Run a scenario with one seed and return what came of it.

    Args:
      replay: a log whose KMS calls are the workload instead of the scenario's own clients.
      progress: called with the virtual time reached and its end, in ns.
      observers: each is attached once, before boot.
      schedule: decides races; by default what the scenario names, drawn from the seed.
      promises: what is judged beside the scenario's own: names, classes or fresh objects.
    Raises:
      PromiseError: a promise does not exist, or cannot judge.
      PlanError: a fault cannot strike its target, or comes when all is over.
      TopologyError: the topology cannot be built.
      OptionError: a workload has an option that its kind does not know.
    """
    with (
        collecting_rarely(),
        _Run(scenario, seed, replay, progress, observers, schedule, promises) as one,
    ):
        one.prepare()
        one.play()
        one.conclude()
        return one.result()


class _Run:
    """The stretches of one run, in order."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        replay: Replay | None = None,
        progress: Progress | None = None,
        observers: Sequence[Observer] = (),
        schedule: Schedule | None = None,
        promises: Sequence[Wanted] = (),
    ) -> None:
        self.scenario, self.seed, self.replay = scenario, seed, replay
        self._observers = observers
        self._progress = progress or (lambda _now, _end: None)
        self.span_ns = scenario.length_ns
        self.start_ns = START_NS
        topology, epoch_ns = scenario.topology, EPOCH_NS
        if replay is not None:
            self.span_ns = max(replay.span_ns, SPAN_MIN_NS)
            things = len(replay.calls) + len(replay.keys) + len(replay.accounts)
            self.start_ns += things * PREPARE_NS
            epoch_ns = replay.start_ns - self.start_ns
            topology = topology.covering(replay.regions)
        self.topology: Topology = topology
        if schedule is None and scenario.schedule:
            choices = drawn(stream(seed, "schedule"), keep=False)
            schedule = parse_schedule(scenario.schedule)(choices)
        judged = scenario.promises or tuple(INVARIANTS.builtin)
        self.promises = judges([*judged, *promises])
        self.world = SimWorld(
            seed=seed, codec=CODEC, latency=latency, epoch_ns=epoch_ns, schedule=schedule
        )
        self.book = CallBook()
        self.faults: tuple[Scheduled, ...] = ()
        self._preparation: Preparation | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.world.close()

    # Boot and preparation.

    def prepare(self) -> None:
        """Boot every region, make trails, and what the workload takes for granted."""
        begin_ns, span_ns = self._stretch()
        plan = self.scenario.plan
        check_plan(plan, self.topology, span_ns)
        self.arena = Arena(self.world, build(self.world, self.topology), self.topology)
        if self.topology.services:
            self.arena.inbox = outlets.start_services(self.arena)
        self.arena.start_ns = self.start_ns
        self.arena.thorough = self.scenario.thorough
        self.timeline = Timeline(self.world)
        for promise in self.promises:
            promise.attach(self.arena)
        for observer in self._observers:
            observer.attach(self.arena)
        self.arena.boot()
        self._make_trails()
        for service in self.scenario.managed_keys:
            self._make_managed_key(service)
        self.arena.history.observers.append(self._count)
        self._start_workload()
        assert self.world.now_ns <= self.start_ns, "preparation took longer than its stretch"
        self.faults = plan.schedule(self.world, begin_ns, span_ns, faults=FAULTS)
        last = at_the_end(plan, self.topology, span_ns)
        self.arena.allowance = judge(plan, last, span_ns, start_ns=begin_ns)

    def _stretch(self) -> tuple[int, int]:
        """Return when the calls begin and how long they last: what a plan's percentages are of.

        In a log, other services' events may come long before the first KMS call.
        """
        if self.replay is None or not self.replay.calls:
            return self.start_ns, self.span_ns
        first, last = self.replay.calls[0].time_ns, self.replay.calls[-1].time_ns
        begin_ns = self.start_ns + first - self.replay.start_ns
        return begin_ns, max(last - first, SPAN_MIN_NS)

    def _make_trails(self) -> None:
        """One trail over all regions, and one over a single other region, in two buckets."""
        home, *others = self.arena.regions
        accounts = self.replay.accounts if self.replay else (ACCOUNT,)
        for account in accounts:
            self._make_trail("everywhere", home, account, multi_region=True)
        if others:
            self._make_trail(f"only-{others[0]}", others[0], accounts[0], multi_region=False)

    def _make_trail(self, name: str, region: str, account: str, *, multi_region: bool) -> None:
        arena, bucket = self.arena, f"trail-{name}-{account}"
        admin = arena.administrator(account)
        owner = arena.deployment.buckets[region]
        arena.world.ask(owner, CreateBucket(bucket=bucket, owner=account))
        parameters: dict[str, Any] = {
            "Name": name,
            "S3BucketName": bucket,
            "IsMultiRegionTrail": multi_region,
        }
        validates = self.scenario.validation
        if validates:
            parameters["EnableLogFileValidation"] = True
        made = None
        if self.topology.services and multi_region:
            made, more = outlets.make(arena, region, admin)
            parameters |= more
        arena.api(region, "CreateTrail", parameters, admin, service="cloudtrail")
        arena.api(region, "StartLogging", {"Name": name}, admin, service="cloudtrail")
        arena.add_trail(
            name,
            region,
            account=account,
            bucket=bucket,
            multi_region=multi_region,
            validates=validates,
            outlets=made,
        )

    def _make_managed_key(self, service: str) -> None:
        """Have a service use its key for the first time, in the first region."""
        arena = self.arena
        arena.keep(arena.regions[0], f"alias/aws/{service}", arena.via(service))

    def _start_workload(self) -> None:
        world, arena = self.world, self.arena
        stop_ns = self.start_ns + self.span_ns
        if self.replay is not None:
            self._preparation = Preparation(arena, self.replay, self.start_ns)
            settings = self._preparation.settings()
            world.run_for(self.start_ns - world.now_ns)
            for region, played in settings.items():
                config = crew.client(arena, region, played, arena.administrator(), stop_ns)
                world.start(ReplayClient, config, name=f"{region}/clients/replay")
            return
        world.run_for(self.start_ns - world.now_ns)
        crew.start(arena, self.scenario.workloads, stop_ns)
        crew.move_in(arena, self.scenario.workloads, stop_ns)

    # The span, recovery, examination, quiet.

    @property
    def _end_ns(self) -> int:
        return self.start_ns + self.span_ns + self.scenario.recovery_ns + self.scenario.settle_ns

    def play(self) -> None:
        """Let the workload and the faults happen."""
        last_ns = max((fault.end_ns for fault in self.faults), default=0)
        self._run_to(max(self.start_ns + self.span_ns, last_ns + 1))

    def _run_to(self, time_ns: int) -> None:
        step = max(1, self._end_ns // _SLICES)
        while self.world.now_ns < time_ns:
            self.world.run_for(min(step, time_ns - self.world.now_ns))
            self._progress(self.world.now_ns, self._end_ns)

    def conclude(self) -> None:
        """Let the regions recover, examine them, wait for the last deliveries, compare."""
        for fault in self.faults:
            assert fault.state == "healed", f"{fault.line} is still {fault.state}"
        self._run_to(self.world.now_ns + self.scenario.recovery_ns)
        for promise in self.promises:
            promise.examine(self.arena)
        self._run_to(max(self.world.now_ns + self.scenario.settle_ns, self._end_ns))
        self.arena.collect()
        for promise in self.promises:
            promise.conclude(self.arena)
        for observer in self._observers:
            # What it asks of the world now is seen by no promise.
            if isinstance(observer, Concluding):
                observer.conclude(self.arena)

    # What came of it.

    def _count(self, call: Call) -> None:
        if call.caller == "host":
            return
        self.book.record(
            region=call.place,
            phase=self._phase(call.begin_ns),
            outcome=call.outcome,
            latency_ns=call.end_ns - call.begin_ns,
            served=call.served,
        )

    def _phase(self, time_ns: int) -> str:
        if not self.faults:
            return WHOLE
        if time_ns < min(fault.begin_ns for fault in self.faults):
            return BEFORE
        return DURING if time_ns < max(fault.end_ns for fault in self.faults) else AFTER

    def result(self) -> RunResult:
        """Gather everything into one frozen value."""
        source = self.replay.source if self.replay else None
        return RunResult(
            scenario=self.scenario.name,
            summary=self.scenario.summary,
            seed=self.seed,
            version=VERSION,
            trace_hash=self.world.trace.hash,
            topology={r: tuple(azs) for r, azs in self.topology.regions.items()},
            span_ns=self.span_ns,
            plan=tuple(str(line) for line in self.scenario.plan.lines),
            faults=tuple(self._fault_span(fault) for fault in self.faults),
            timeline=self.timeline.entries(self.start_ns),
            calls=self.book.calls(),
            latency=self.book.latency(),
            availability=self.book.availability(),
            delivery=delivery_delays(self.arena),
            promises=tuple(self._verdict(promise) for promise in self.promises),
            command=replay_command(self.scenario.name, seed=self.seed, replay=source),
            replay=self._replay_summary(),
            statistics=self._statistics(),
        )

    def _fault_span(self, fault: Scheduled) -> FaultSpan:
        """Return a fault with its times written out, as counted from where a plan's times begin."""
        at = When(ns=fault.begin_ns - self._stretch()[0])
        lasts = When(ns=fault.end_ns - fault.begin_ns)
        line: FaultLine = replace(fault.line, at=at, lasts=lasts)
        begin_ns, end_ns = fault.begin_ns - self.start_ns, fault.end_ns - self.start_ns
        return FaultSpan(line=str(line), begin_ns=begin_ns, end_ns=end_ns)

    def _verdict(self, promise: Any) -> Verdict:
        violations = tuple((v.time_ns - self.start_ns, v.text) for v in promise.violations)
        return Verdict(
            name=promise.name,
            holds=promise.holds,
            checked=promise.checked,
            detail=promise.detail,
            time_ns=violations[0][0] if violations else None,
            violations=violations,
            excused=tuple(str(text) for text in getattr(promise, "excused", ())),
        )

    def _replay_summary(self) -> ReplaySummary | None:
        if self.replay is None or self._preparation is None:
            return None
        passed: dict[str, int] = {}
        for event in self.replay.activity:
            passed[event.source] = passed.get(event.source, 0) + 1
        return ReplaySummary(
            source=self.replay.source,
            replayed=self._preparation.replayed,
            passed_through=dict(sorted(passed.items(), key=lambda item: (-item[1], item[0]))),
            skipped=self.replay.skipped,
        )

    def _statistics(self) -> dict[str, Any]:
        found = self.world.statistics()
        keep = ("now_ns", "events", "trace_events", "lost_to_the_dead", "secrets")
        return {name: found[name] for name in keep}

