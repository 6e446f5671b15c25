"""Every live AZ holds every key token, soon after it got its power back and at the end.

The bound: ``BOUND_NS`` after an AZ's host starts, it holds every token that the region's replicas
held ``KNOWN_NS`` earlier. An AZ that is down again by then is not judged.
What does not belong here: whether a token opens (key_survival.py).
Source: AWS KMS Cryptographic Details: key tokens are replicated over AZs; bound chosen.
"""

from typing import Any, ClassVar, Final

from regions.messages import DescribeReplica, ReplicaState
from scenarios.arena import Arena
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

    def attach(self, arena: Arena) -> None:
        """Look at every start of an AZ's host after the first."""
        hosts = {az: region for region, azs in arena.deployment.azs.items() for az in azs}
        world = arena.world

        def started(event: Event) -> None:
            region = hosts.get(event.subject)
            if region is not None and event.body != b"1":
                known: set[bytes] = set()
                world.at(
                    world.now_ns + BOUND_NS - KNOWN_NS, self._collect, arena, region, known
                )
                world.at(world.now_ns + BOUND_NS, self._compare, arena, event.subject, known)

        world.trace.watch("start", started)

    def _collect(self, arena: Arena, region: str, known: set[bytes]) -> None:
        def then(answer: Any) -> None:
            if isinstance(answer, ReplicaState):
                known.update(answer.hbk_ids)

        for az in arena.deployment.azs[region]:
            if arena.world.is_up(az):
                arena.world.call(az, DescribeReplica(), then, timeout_ns=KNOWN_NS // 2)

    def _compare(self, arena: Arena, az: str, known: set[bytes]) -> None:
        def then(answer: Any) -> None:
            if not isinstance(answer, ReplicaState):
                return  # It went down, or was cut off, in between.
            self.checked += 1
            missing = len(known - set(answer.hbk_ids))
            if missing:
                text = f"{az} lacks {missing} of {len(known)} tokens {BOUND_NS} ns after its start"
                self.fail(arena.world.now_ns, text)

        if arena.world.is_up(az):
            arena.world.call(az, DescribeReplica(), then, timeout_ns=KNOWN_NS)

    def conclude(self, arena: Arena) -> None:
        """At the end every AZ that has power holds every token of its region."""
        for azs in arena.deployment.azs.values():
            states = {az: arena.replica(az) for az in azs}
            held = {az: set(state.hbk_ids) for az, state in states.items() if state is not None}
            everything: set[bytes] = set().union(*held.values())
            for az, tokens in held.items():
                self.checked += 1
                if tokens != everything:
                    text = f"{az} lacks {len(everything - tokens)} of {len(everything)} tokens"
                    self.fail(arena.world.now_ns, text)
