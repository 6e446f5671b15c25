"""What strikes the key itself, whatever its copies are like: it needs no paths.

Wrong deletions and shocks of level ``key`` come at a constant rate and lose the key at once, apart
from everything else; so the chance of any loss is 1 - (1 - p) exp(-rate * mission), exactly, where
p is that of the paths. (A key that a backup brings back from a mistake keeps its copies as they
were; the exact chain has them all good from then on, which is one part in 10**5 or less.)
What does not belong here: what strikes copies (adapt.py).
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from scenarios.durability.causes import CAUSES
from scenarios.durability.estimate.answer import Answer, Interval
from scenarios.durability.fit import memoryless
from scenarios.durability.model import Model
from scenarios.durability.states import all_good


class Direct(NamedTuple):
    """What loses the key at a constant rate."""

    name: str
    rate: float  #: per year, without what a backup makes good


def split(model: Model) -> tuple[Model, tuple[Direct, ...]]:
    """Return the model without what strikes the key itself, and that."""
    backup, found = model.backup, []
    # Moves of copies, which are left out here, want laws that have phases.
    plain = memoryless(model)
    for cause in CAUSES.values():
        for move in cause.of_state(plain, all_good(plain)):
            if move.target is None:
                covered = backup and (not backup.covers or move.name in backup.covers)
                lost = 1 - backup.restores if backup and covered else 1.0
                if move.rate * lost > 0:
                    found.append(Direct(move.name, move.rate * lost))
    shocks = tuple(shock for shock in model.shocks if shock.level != "key")
    return replace(model, shocks=shocks, mistakes=()), tuple(found)


def joined(answer: Answer, direct: Sequence[Direct], mission: float) -> Answer:
    """Return the answer of the paths with what strikes the key itself."""
    if not direct:
        return answer
    alive = math.fsum(one.rate for one in direct) * mission

    def either(paths: float) -> float:
        return -math.expm1(-alive) + paths * math.exp(-alive)

    interval = Interval(low=either(answer.interval.low), high=either(answer.interval.high))
    blank, parts = (0,) * len(direct), list[tuple[tuple[int, ...], float]]()
    paths = answer.estimates[0].probability
    weights = [-math.expm1(-one.rate * mission) for one in direct]
    total = math.fsum([paths, *weights])
    parts += [((*counts, *blank), share * paths / total) for counts, share in answer.failures]
    causes = answer.causes
    for place, weight in enumerate(weights):
        own = tuple(int(place == other) for other in range(len(direct)))
        parts.append((((0,) * causes + own), weight / total))
    return replace(
        answer,
        probability=None if answer.probability is None else either(answer.probability),
        interval=interval,
        failures=tuple(sorted(parts, key=lambda part: (-part[1], part[0]))),
        causes=causes + len(direct),
    )
