"""A bad configuration that is rolled out AZ by AZ.

Model: the hosts of the place get it one after the other, ``bake`` apart, and behave as ``kind``
says: ``deny`` refuses every call, ``slow`` adds ``delay`` to each, ``crash`` dies half a second
after every start. With ``halt=yes`` a health check calls the host that has just got it, when its
bake time is over: an error, or more than a second of waiting, stops the rollout there. At the end
it is rolled back everywhere at once; a host that is down then comes up with its supervisor.
Pattern: Azure Key Vault, 10 to 15 October 2024, a faulty rollout region by region (R19).
Limits: the check is one GenerateRandom by an administrator; it rolls nothing back by itself.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from regions.ailments import AUTHORITY, DENIES_ALL, DIES, SLOW
from regions.calls import ApiAnswer, ApiCall
from regions.faults.affliction import DomainFault, afflict, of_kind, relieve
from regions.faults.errand import ACCOUNT_OPTION, note_call, outcome_of, staff
from regions.latency import region_of
from sim.clock import Timer
from sim.options import Option
from sim.units import ms, seconds
from sim.world import World

#: A process that cannot read its configuration dies so soon after its start; chosen.
DIES_NS: Final = ms(500)
#: A health check that is answered later than this has failed; chosen.
CHECK_NS: Final = seconds(1)


class BadConfig(DomainFault):
    """A configuration that denies, slows or kills hosts reaches one AZ after the other."""

    name: ClassVar[str] = "bad-config"
    hits: ClassVar[str] = "az"
    place: ClassVar[str] = "a region or an AZ"
    options: ClassVar[Mapping[str, Option]] = {
        "kind": Option("deny", "word", "what it does to a host", ("deny", "slow", "crash")),
        "bake": Option("10m", "duration", "between two AZs", least="1ms"),
        "halt": Option("no", "word", "whether a health check stops the rollout", ("yes", "no")),
        "delay": Option("2s", "duration", "of each call, for slow", least="0s"),
        "account": ACCOUNT_OPTION,
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._waiting: list[str] = []
        self._ill: list[str] = []
        self._next: Timer | None = None

    def inject(self, world: World) -> None:
        """Roll it out to the first host."""
        self._waiting = list(of_kind(world, self.target, self.hits))
        self._roll_out(world)

    def heal(self, world: World) -> None:
        """Roll it back."""
        if self._next is not None:
            self._next.cancel()
        self._waiting = []
        for name in self._ill:
            relieve(world, name, *self._ailment())
        self._ill = []

    def _ailment(self) -> tuple[str, Any]:
        kind = self.word("kind")
        if kind == "deny":
            return AUTHORITY, DENIES_ALL
        return (SLOW, self.duration_ns("delay")) if kind == "slow" else (DIES, DIES_NS)

    def _roll_out(self, world: World) -> None:
        name = self._waiting.pop(0)
        self._ill.append(name)
        afflict(world, name, *self._ailment())
        if self._waiting:
            bake_ns = self.duration_ns("bake")
            go_on = self._check if self.word("halt") == "yes" else self._roll_out
            self._next = world.at(world.now_ns + bake_ns, go_on, world)

    def _check(self, world: World) -> None:
        """Ask the newest host for something simple, and go on only if it can do it."""
        name = self._ill[-1]
        region = region_of(name)
        call = ApiCall(
            service="kms",
            region=region,
            action="GenerateRandom",
            parameters={"NumberOfBytes": 16},
            principal=staff("health-check", self.word("account")),
            source_ip="203.0.113.88",
            user_agent="health-check/1",
            request_id=world.rng("fault", self.name, region).uuid(),
        )
        note_call(world, call)

        def then(answer: object) -> None:
            note_call(world, call, outcome_of(answer))
            if not self._waiting:
                return  # It was rolled back meanwhile.
            if isinstance(answer, ApiAnswer):
                self._roll_out(world)
            else:
                world.note("rollout", name, halted=outcome_of(answer))

        world.call(name, call, then, timeout_ns=CHECK_NS)
