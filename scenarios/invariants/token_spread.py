"""Every live AZ holds every key token, soon after it got its power back and at the end.

The bound: ``BOUND_NS`` after something in an AZ started or went on, it holds every token that the
region's replicas held ``KNOWN_NS`` earlier. An AZ is not judged if anything in it has stopped or
started again since, nor while a link of the network is cut or another fault of the plan is near.
What does not belong here: whether a token opens (key_survival.py).
Source: AWS KMS Cryptographic Details: key tokens are replicated over AZs; bound chosen.
"""

from typing import Any, ClassVar, Final

from regions.messages import DescribeReplica, ReplicaState
from scenarios import figures
from scenarios.arena import Arena
from scenarios.harm import HEALING_NS
from scenarios.invariants.promise import Promise
from sim.trace import Event
from sim.units import seconds

#: "Within seconds": ARCHITECTURE, "Copies"; an AZ that was dark also has to catch up; chosen.
BOUND_NS: Final = seconds(60)
KNOWN_NS: Final = seconds(10)


class TokenSpread(Promise):
    """Every live AZ holds every token again within a minute of getting its power back."""

    name: ClassVar[str] = "token-spread"
    compared: ClassVar[str] = "tokens of each AZ a minute after it came back, and of all at the end"

    def __init__(self) -> None:
        super().__init__()
        self._calm_ns: dict[str, int] = {}  #: since when nothing changed in an AZ
        self._looked_ns: dict[str, int] = {}  #: the last return that led to a look

    def attach(self, arena: Arena) -> None:
        """Look at every AZ in which something starts again or goes on."""
        world, azs = arena.world, arena.deployment.azs

        def az_of(place: str) -> str:
            """Return the AZ that stands in a place, if its region has it now."""
            az = f"{place}/az"
            return az if az in azs.get(place.partition("/")[0], ()) else ""

        def disturbed(event: Event) -> None:
            self._calm_ns[event.subject.rpartition("/")[0]] = world.now_ns

        def returned(event: Event) -> None:
            place = event.subject.rpartition("/")[0]
            az = az_of(place)
            if not az or event.body == b"1":
                return
            region = place.partition("/")[0]
            now_ns, self._calm_ns[place] = world.now_ns, world.now_ns
            if self._looked_ns.get(place) == now_ns:
                return  # With its power all actors of an AZ come back at one instant.
            self._looked_ns[place] = now_ns
            known: set[bytes] = set()
            world.at(now_ns + BOUND_NS - KNOWN_NS, self._collect, arena, region, known)
            world.at(now_ns + BOUND_NS, self._compare, arena, az, known, now_ns)

        def cut(_: Event) -> None:
            self._calm_ns.update(dict.fromkeys(self._calm_ns, world.now_ns))

        for kind in ("crash", "pause"):
            world.trace.watch(kind, disturbed)
        for kind in ("start", "resume"):
            world.trace.watch(kind, returned)
        world.trace.watch("rule", cut)

    def _collect(self, arena: Arena, region: str, known: set[bytes]) -> None:
        def then(answer: Any) -> None:
            if isinstance(answer, ReplicaState):
                known.update(answer.hbk_ids)

        for az in arena.deployment.azs[region]:
            if arena.world.is_up(az):
                arena.world.call(az, DescribeReplica(), then, timeout_ns=KNOWN_NS // 2)

    def _compare(self, arena: Arena, az: str, known: set[bytes], since_ns: int) -> None:
        world, place = arena.world, az.rpartition("/")[0]
        cells = [world.kernel.cells[name] for name in world.names(place)]
        whole = all(cell.powered and not cell.stopped for cell in cells)
        if not whole or self._calm_ns[place] != since_ns or world.network.rules:
            return
        region = place.partition("/")[0]
        if az not in arena.deployment.azs[region]:
            return  # It has left its region meanwhile.
        if arena.allowance.near(region, since_ns + HEALING_NS, world.now_ns):
            return  # Another fault may keep it from catching up.

        def then(answer: Any) -> None:
            if not isinstance(answer, ReplicaState):
                return  # It went down in between.
            self.checked += 1
            missing = len(known - set(answer.hbk_ids))
            if missing:
                late = f"{figures.span(BOUND_NS)} after its return"
                text = f"{az} lacks {missing} of {len(known)} tokens {late}"
                self.fail(world.now_ns, text, excuse=arena.allowance.keys(region))

        world.call(az, DescribeReplica(), then, timeout_ns=KNOWN_NS)

    def conclude(self, arena: Arena) -> None:
        """At the end every AZ that has power holds every token of its region."""
        for region, azs in arena.deployment.azs.items():
            states = {az: arena.replica(az) for az in azs}
            held = {az: set(state.hbk_ids) for az, state in states.items() if state is not None}
            everything: set[bytes] = set().union(*held.values())
            for az, tokens in held.items():
                self.checked += 1
                if tokens != everything:
                    text = f"{az} lacks {len(everything - tokens)} of {len(everything)} tokens"
                    excuse = arena.allowance.keys(region)
                    self.fail(arena.world.now_ns, text, excuse=excuse)
