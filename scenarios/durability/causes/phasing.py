"""How a law's phases are walked through by a chain.

What does not belong here: the laws themselves (laws/), and fitting one without phases (fit.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from scenarios.durability.laws.law import Law
from scenarios.durability.model import ModelError
from scenarios.durability.states import PHASES


@dataclass(frozen=True, slots=True)
class Walk:
    """Phases by where they lead."""

    starts: tuple[tuple[float, int], ...]  #: (probability, phase)
    moves: tuple[tuple[tuple[float, int | None], ...], ...]  #: phase -> (rate, next or None: done)


@cache
def phases_of(law: Law) -> Walk:
    """Return the phases of a law.

    Raises:
      ModelError: it has none, or too many.
    """
    phases = law.phases()
    if phases is None:
        raise ModelError(
            f"law {law.name!r} has no phases; expected a phase-type law, or one fitted to it"
        )
    if phases.count > PHASES:
        raise ModelError(f"law of {phases.count} phases: expected at most {PHASES}")
    moves: list[list[tuple[float, int | None]]] = [[] for _ in phases.begin]
    for source, target, rate in phases.moves:
        moves[source].append((rate, target))
    starts = tuple((share, k) for k, share in enumerate(phases.begin) if share > 0)
    return Walk(starts, tuple(tuple(found) for found in moves))


def onward(walk: Walk, phase: int) -> Iterator[tuple[float, int | None]]:
    """Yield (rate, next phase) from a phase; None where the wait ends."""
    return iter(walk.moves[phase])
