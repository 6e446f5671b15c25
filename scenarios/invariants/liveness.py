"""Once everything has healed, every region answers well again, and soon.

The bound: ``BOUND_NS`` after the last disturbance (a fault's begin or end, a power cut, a stop, a
cut or mended link, a changed clock) no call may fail by the service's own fault any more. When the
recovery stretch is over, every AZ serves, has its HSMs in the domain, and every region makes random
bytes and keys. An actor that dies by its own hand disturbs nothing: that is what is looked for.
A call of a caller who never lost power ends, well or not, within the caller's own patience.
And while a place within the budget is dark as a whole, and nothing else goes on, callers do not
notice either, once the others have taken over; nor does a process die by its own hand twice.
What does not belong here: how well calls are answered while faults last (that is measured).
Source: ARCHITECTURE, "every fault heals before the last quiet stretch"; the bound is chosen.
"""

from typing import ClassVar, Final

from regions.errors import ServiceError, ThrottlingException
from scenarios.arena import Arena
from scenarios.dark import Dark
from scenarios.invariants.promise import Promise
from sim.actor import Expired
from sim.check.history import Call
from sim.trace import Event
from sim.units import minutes, seconds
from sim.wire import Refusal

#: Chosen: a supervisor's longest pause is a minute, and then an AZ has to catch up and be probed.
BOUND_NS: Final = minutes(2)
#: Chosen: what a host has died of is kept from it for ten minutes; see faults/poison.py.
AGAIN_NS: Final = minutes(9)
#: Every disturbance but power, which is told apart below.
_DISTURBANCES: Final = ("fault", "pause", "resume", "rule", "ail", "clock")
#: Chosen: a quota of a call per second, as small worlds have it, is there again after a second.
_THROTTLED_RETRY_NS: Final = seconds(2)
_THROTTLED_TRIES: Final = 4
#: What any region can do for anybody: it takes an HSM, and the replicated log.
_ORDINARY_CALLS: Final[tuple[tuple[str, dict[str, int]], ...]] = (
    ("GenerateRandom", {"NumberOfBytes": 32}),
    ("CreateKey", {}),
)


def _ask(arena: Arena, region: str, action: str, parameters: dict[str, int]) -> None:
    """Make a call; within a quota that others used up a moment ago it is made again.

    Raises:
      ServiceError, Expired, Refusal: as the region answers, or does not.
    """
    for _ in range(_THROTTLED_TRIES):
        try:
            arena.api(region, action, parameters)
        except ThrottlingException:
            arena.world.run_for(_THROTTLED_RETRY_NS)
        else:
            return
    arena.api(region, action, parameters)


class Liveness(Promise):
    """Two minutes after the last fault has healed every region answers ordinary calls again."""

    name: ClassVar[str] = "liveness"
    compared: ClassVar[str] = (
        "calls after the last heal, or while all that is ill is dark; every AZ and HSM in the end"
    )

    def __init__(self) -> None:
        super().__init__()
        self._disturbed_ns = 0
        self._dark = Dark()
        self._aborted: set[str] = set()  #: actors that died by their own hand and are not back
        self._died_ns: dict[str, int] = {}  #: when they did, last

    def attach(self, arena: Arena) -> None:
        """Watch for the last disturbance."""
        trace = arena.world.trace
        for kind in _DISTURBANCES:
            trace.watch(kind, self._disturbed)
        trace.watch("abort", self._died)
        for kind in ("crash", "start"):
            trace.watch(kind, self._power)

    def _disturbed(self, event: Event) -> None:
        self._disturbed_ns = event.time_ns
        self._dark.disturbed(event)

    def _power(self, event: Event) -> None:
        if event.subject not in self._aborted:
            self._disturbed(event)
        elif event.kind == "start":
            self._aborted.discard(event.subject)

    def _died(self, event: Event) -> None:
        name, now_ns = event.subject, event.time_ns
        before_ns = self._died_ns.get(name)
        if before_ns is not None and now_ns - before_ns < AGAIN_NS and self._dark.lasts(now_ns):
            reason = event.body.decode().partition("=")[2]
            self.fail(now_ns, f"{name} dies again by its own hand, of {reason}")
        self._died_ns[name] = now_ns
        self._aborted.add(name)

    def examine(self, arena: Arena) -> None:
        """Look at every AZ, and call every region."""
        world = arena.world
        if world.now_ns < self._disturbed_ns + BOUND_NS:
            return  # This run ends too early to tell.
        for region in arena.regions:
            for action, parameters in _ORDINARY_CALLS:
                self.checked += 1
                try:
                    _ask(arena, region, action, parameters)
                except (ServiceError, Expired, Refusal) as error:
                    first = str(error).partition("\n")[0]
                    self._fail(arena, region, f"{region} does not answer {action}: {first}")
            for az in arena.deployment.azs[region]:
                self.checked += 1
                self._look(arena, region, az)

    def _look(self, arena: Arena, region: str, az: str) -> None:
        state = arena.replica(az)
        wanted = arena.deployment.hsms_per_az
        if state is None:
            self._fail(arena, region, f"{az} does not answer")
        elif not state.serving:
            self._fail(arena, region, f"{az} does not serve; it has applied {state.applied}")
        elif state.hsms_ready != wanted:
            text = f"{az} has {state.hsms_ready} of {wanted} HSMs in the domain"
            self._fail(arena, region, text)

    def _fail(self, arena: Arena, region: str, text: str) -> None:
        now_ns, allowance = arena.world.now_ns, arena.allowance
        excuse = allowance.service(region, now_ns, now_ns + 1) or allowance.keys(region)
        self.fail(now_ns, text, excuse=excuse)

    def conclude(self, arena: Arena) -> None:
        """No call that began in calm was failed by the service, and none is still under way."""
        from_ns = max(self._disturbed_ns + BOUND_NS, arena.start_ns)
        cells, late_ns = arena.world.kernel.cells, arena.world.now_ns - BOUND_NS
        for call in arena.history:
            caller = cells.get(call.caller)
            if not call.outcome and call.begin_ns < late_ns and caller and not caller.crashes:
                text = f"{call.action} for {call.caller} in {call.place} never ended"
                self.fail(call.begin_ns, text)
            if not call.outcome:
                continue
            if call.begin_ns >= from_ns or self._dark.covers(call.begin_ns, call.end_ns):
                self.checked += 1
                if not call.served:
                    self._call_failed(arena, call)

    def _call_failed(self, arena: Arena, call: Call) -> None:
        region, allowance = call.place, arena.allowance
        excuse = allowance.service(region, call.begin_ns, call.end_ns) or allowance.keys(region)
        text = f"{call.action} for {call.caller} in calm {region} ended with {call.outcome}"
        self.fail(call.end_ns, text, excuse=excuse)
