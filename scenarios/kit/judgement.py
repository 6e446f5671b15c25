"""Holds a cloud to its promises: the same invariants that judge every scenario.

Faults are healed, regions get time to recover, the promises use the service once more, and what
is left is compared with what the application's clients saw. What the plan went beyond on purpose
counts as allowed.
What does not belong here: any particular promise (invariants/), and showing verdicts (report.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from scenarios.budget import judge
from scenarios.invariants import INVARIANTS
from scenarios.invariants.promise import Promise
from scenarios.judges import PromiseError, Wanted, judges
from scenarios.kit.arena import CloudArena
from scenarios.kit.faults import CloudFaults
from scenarios.kit.ledger import Ledger
from scenarios.kit.port import pass_time
from scenarios.result import Verdict
from sim.units import minutes

#: What is judged when nobody says otherwise: all that needs no look at every frame, no trail of
#: the run's own, no hours of silence, and tries nothing out on the application's account.
PROMISES: Final = (
    "key-survival",
    "plaintext-fidelity",
    "audit-complete",
    "recoverability",
    "key-state-linearizable",
    "bounded-staleness",
    "liveness",
)
#: These look at a trail that a scenario makes, and at silence.
_NOT_HERE: Final = ("event-lookup", "quiet-time")
ALL: Final = tuple(name for name in INVARIANTS.builtin if name not in _NOT_HERE)
#: Words that stand for several promises, beside which further ones may be named.
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {"all": ALL, "default": PROMISES}
#: What scenarios wait before the examination; see RECOVERY_NS there.
_RECOVERY_NS: Final = minutes(3)
#: Copies of records whose recorder was lost are published two minutes later, tried each minute.
_SETTLE_NS: Final = minutes(5)


class Judgement:
    """The promises of one cloud, watched from its first message on.

    Raises:
      PromiseError: there is no such promise, or none that a cloud can be held to.
      PluginError: one is another package's, and cannot be used.
    """

    def __init__(
        self, arena: CloudArena, ledger: Ledger, faults: CloudFaults, wanted: Iterable[Wanted]
    ) -> None:
        self._arena, self._ledger, self._faults = arena, ledger, faults
        self._promises = judges(known(wanted))
        self._verdicts: tuple[Verdict, ...] | None = None
        for promise in self._promises:
            promise.attach(arena)

    @property
    def done(self) -> bool:
        """Whether it has been pronounced."""
        return self._verdicts is not None

    def so_far(self) -> tuple[Verdict, ...]:
        """Return what the promises have seen; nobody is asked and no time passes.

        Most of them compare in the end only, so that one that holds by now may still be broken.
        """
        start_ns = self._arena.start_ns
        return tuple(verdict_of(promise, start_ns) for promise in self._promises)

    def pronounce(self) -> tuple[Verdict, ...]:
        """Heal all, wait, examine, wait, compare; once: later calls return the same.

        Some minutes of virtual time pass, and the promises make calls of their own.
        """
        if self._verdicts is None:
            self._ledger.tell()
            self._verdicts = self._pronounce() if self._promises else ()
        return self._verdicts

    def _pronounce(self) -> tuple[Verdict, ...]:
        arena, world = self._arena, self._arena.world
        self._faults.heal()
        plan, start_ns = self._faults.plan(arena.start_ns), arena.start_ns
        arena.allowance = judge(
            plan, arena.topology, max(1, world.now_ns - start_ns), start_ns=start_ns
        )
        pass_time(world, _RECOVERY_NS)
        for promise in self._promises:
            promise.examine(arena)
        pass_time(world, _SETTLE_NS)
        arena.collect()
        for promise in self._promises:
            promise.conclude(arena)
        return tuple(verdict_of(promise, start_ns) for promise in self._promises)


def known(wanted: Wanted | Iterable[Wanted]) -> tuple[Wanted, ...]:
    """Return promises, with what the words ``default`` and ``all`` stand for.

    Raises:
      PromiseError: there is no such promise, or none that a cloud can be held to.
    """
    several = (wanted,) if isinstance(wanted, str | type | Promise) else wanted
    found: list[Wanted] = []
    for each in several:
        if not isinstance(each, str):
            found.append(each)
        elif each in _WORDS:
            found += _WORDS[each]
        elif each in ALL or (each in INVARIANTS and each not in INVARIANTS.builtin):
            found.append(each)
        else:
            there = (name for name in INVARIANTS if name not in _NOT_HERE)
            raise PromiseError(f"promise {each!r}: expected one of {', '.join(there)}")
    return tuple(one for place, one in enumerate(found) if one not in found[:place])


def verdict_of(promise: Promise, start_ns: int) -> Verdict:
    """Return what a promise came to, with times from the cloud's opening."""
    violations = tuple((v.time_ns - start_ns, v.text) for v in promise.violations)
    return Verdict(
        name=promise.name,
        holds=promise.holds,
        checked=promise.checked,
        detail=promise.detail,
        time_ns=violations[0][0] if violations else None,
        violations=violations,
        excused=tuple(promise.excused),
    )


def broken(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts of promises that were not kept."""
    return tuple(verdict for verdict in verdicts if not verdict.holds)
