"""Paths of copies whose clocks run by laws of their own: naive ones, or biased excursions.

A biased path starts at a uniform moment U of a naive one, if all is good then; repair clocks are
drawn as they are, so the next completion is known. In each gap before one, a failure is forced with
chance q: source s is chosen with chance p, its moment t drawn from its own hazard within the gap,
and the weight is multiplied by H_s(gap) exp(-H(t)) / (q p), which is bounded; for equal exponential
sources it comes to (1 - exp(-lambda gap)) / q. Hazards themselves are never raised: that has
infinite variance.
What does not belong here: the kernels of one path (walk.py), workers (campaign.py).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.durability.estimate.blows import SCRATCH
from scenarios.durability.estimate.clock import Clocks, layout
from scenarios.durability.estimate.clock_state import all_good, new_state
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.nearest import Table
from scenarios.durability.estimate.philox import begin, uniform
from scenarios.durability.estimate.tally import Scratch, Tally, add
from scenarios.durability.estimate.walk import excursion, naive_path

#: Ways to walk: naive until the first loss, naive counting every loss, excursions.
NAIVE: Final = 0
COUNTING: Final = 1
BALANCED: Final = 2
ZERO_VARIANCE: Final = 3


@kernel
def _walk(first: Any, count: Any, seed: Any, stream: Any, mission: Any, way: Any,
          shape: Any, sources: Any, parent: Any, odds: Any, laws: Any, looked_up: Any,
          broken: Any, times: Any, held: Any, dice: Any, order: Any, keys: Any, worth: Any,
          scratch: Any, sums: Any, found: Any, weights: Any) -> None:  # fmt: skip
    """Count the paths first..first + count - 1."""
    for path in range(first, first + count):
        begin(dice, seed, stream, np.uint64(path))
        start = mission
        if way >= BALANCED:
            start = mission * uniform(dice)
        losses, signature = naive_path(
            shape, sources, parent, odds, laws, looked_up, broken, times, held, dice, order,
            keys, worth, start, way == COUNTING, scratch,
        )  # fmt: skip
        weight = float(losses)
        if way >= BALANCED:
            if losses > 0 or not all_good(broken):
                continue
            weight, signature = excursion(
                shape, sources, parent, odds, laws, looked_up, broken, times, held, dice, order,
                keys, worth, start, mission, way == ZERO_VARIANCE, scratch,
            )  # fmt: skip
        add(weight, signature, sums, found, weights)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClockPaths:
    """One way to walk a system of clocks; any worker can walk any chunk."""

    name: str
    clocks: Clocks
    way: int  #: NAIVE, COUNTING (the mean is then losses per mission), BALANCED, ZERO_VARIANCE
    mission: float  #: years
    table: Table  #: of the nearest chain; read by ZERO_VARIANCE only
    stream: int  #: 0–2**32 - 2; different streams of one seed are independent

    def walk(self, first: int, count: int, seed: int) -> Tally:
        """Return the tally of the paths first..first + count - 1.

        Args:
          seed: 0–2**64 - 1.
        """
        system, tally = layout(self.clocks), Scratch()
        _walk(
            first, count, np.uint64(seed), np.uint64(self.stream), self.mission, self.way,
            *system, *new_state(system), self.table.keys, self.table.worth,
            np.zeros((SCRATCH, system.sources.shape[1])), tally.sums, tally.keys, tally.weights,
        )  # fmt: skip
        return tally.tally(count)
