"""How far a result could be off because its rates were only observed: a posterior for each rate.

A loss's signature says how often each cause struck on its way, and the chance of such a loss is
proportional to the product of those rates (as long as a rate times the length of an excursion is
small). So a result is known at other rates too, without walking another path.
What does not belong here: the spread of the paths themselves (answer.py).
Source: Jeffreys' prior of a Poisson rate: events k in t years give Gamma(k + 1/2, t).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import gammaincinv

from scenarios.durability.estimate.answer import LEVEL, Interval
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.philox import DICE, begin, uniform

#: Draws from the posterior; chosen: the ends of the interval are then good to 2 %.
DRAWS: Final = 20_000
#: The stream of these dice; those of estimators count from 0.
_STREAM: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """How often a cause was seen to strike, and in how many years of all that it can strike."""

    events: int
    years: float  #: of copies, of AZs, of regions


@kernel
def _fill(seed: Any, row: Any, dice: Any, out: Any) -> None:
    begin(dice, np.uint64(seed), np.uint64(_STREAM), np.uint64(row))
    for place in range(len(out)):
        out[place] = uniform(dice)


def rates_interval(
    probability: float,
    failures: Sequence[tuple[tuple[int, ...], float]],
    rates: Sequence[float],
    observed: Mapping[int, Observed],
    *,
    seed: int,
) -> Interval:
    """Return between which values the result lies if the rates are only as known as observed.

    Args:
      failures: (failures by cause, share of the losses), as in Answer.
      rates: per year, by cause: those with which the result was found.
      observed: by cause; a cause without observations is taken as known.
    Raises:
      ValueError: an observed cause has the rate 0, so no path has met it.
    """
    powers = np.array([counts for counts, _ in failures], dtype=float)
    shares = np.array([share for _, share in failures])
    logs = np.zeros((DRAWS, len(rates)))
    for cause, seen in sorted(observed.items()):
        if rates[cause] <= 0:
            raise ValueError(f"cause {cause} has the rate 0: expected a positive one to vary")
        drawn = np.empty(DRAWS)
        _fill(seed, cause, np.zeros(DICE, dtype=np.uint64), drawn)
        posterior = gammaincinv(seen.events + 0.5, drawn) / seen.years
        logs[:, cause] = np.log(np.maximum(posterior, 1e-300) / rates[cause])
    results = np.minimum(np.exp(logs @ powers.T) @ shares * probability, 1.0)
    low, high = np.quantile(results, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(low=float(low), high=float(high))
