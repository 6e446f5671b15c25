"""How far a figure can be trusted when the rates themselves were counted, few times or never.

Each counted rate is drawn from its posterior; the chain is solved exactly for each draw. That is
the interval from not knowing the rates. It has nothing to do with Monte-Carlo noise, which an
exact answer has none of, and it is the larger one at eleven nines.
What does not belong here: rates and their sources (rates/).
Source: McKay, Beckman, Conover, "A comparison of three methods for selecting values of input
variables" (Technometrics 21, 1979) for the stratified draws; Hanley, Lippman-Hand, "If nothing
goes wrong, is everything all right?" (JAMA 249, 1983) for the rule of three.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scipy.special import betaincinv, gammaincinv

from scenarios.durability.chain import Chain
from scenarios.durability.exact import solve
from scenarios.durability.rates import Rate
from sim.rng import stream

LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """The distribution of a probability over what its rates may be."""

    low: float
    median: float
    high: float
    #: The mean over the posterior: what a fair bet on a loss would cost. Above the median.
    mean: float
    samples: tuple[float, ...] = field(repr=False)  #: in order; () when no rate was counted

    @property
    def known(self) -> bool:
        """Whether all rates were taken as known, so that there is no interval."""
        return not self.samples


def spread(
    chain: Chain, rates: Mapping[str, Rate], central: float, *, samples: int, seed: int
) -> Unsure:
    """Return how the loss varies with the rates that were counted.

    Args:
      rates: cause -> rate, those of the chain's model.
      central: the loss at the rates' own values.
      samples: how many draws, each stratified in every rate; 0 draws nothing.
    """
    counted = {name: rate for name, rate in rates.items() if rate.counted and name in chain.causes}
    if not counted or not samples:
        return Unsure(low=central, median=central, high=central, mean=central, samples=())
    draws = {name: posterior(rate, samples, seed, name) for name, rate in counted.items()}
    found = sorted(
        solve(
            chain,
            factors={name: draws[name][k] / counted[name].value for name in counted},
        ).probability
        for k in range(samples)
    )
    cut = (1 - LEVEL) / 2
    return Unsure(
        low=_quantile(found, cut),
        median=_quantile(found, 0.5),
        high=_quantile(found, 1 - cut),
        mean=math.fsum(found) / samples,
        samples=tuple(found),
    )


def posterior(rate: Rate, samples: int, seed: int, name: str) -> tuple[float, ...]:
    """Return draws of a rate from its posterior, one from each of as many equal strata."""
    assert rate.counted, "a chosen rate has no posterior"
    dice = stream(seed, "durability", name)
    strata = list(range(samples))
    dice.shuffle(strata)
    return tuple(
        float(gammaincinv(rate.events + 0.5, (k + dice.random()) / samples)) / rate.years
        for k in strata
    )


def credible(rate: Rate) -> tuple[float, float]:
    """Return the posterior's interval of a counted rate, per year."""
    cut = (1 - LEVEL) / 2
    low, high = (float(gammaincinv(rate.events + 0.5, p)) / rate.years for p in (cut, 1 - cut))
    return low, high


def highest(rate: Rate) -> float:
    """Return what a counted rate is not above, with 95 % confidence, per year.

    Of none in N years it is 3/N: the rule of three.
    """
    return float(gammaincinv(rate.events + 1, LEVEL)) / rate.years


def at_most(losses: int, trials: int) -> float:
    """Return the one-sided Clopper-Pearson bound of a share; of 0 losses about 3 over the trials.

    Source: Clopper, Pearson, "The use of confidence or fiducial limits illustrated in the case of
    the binomial" (Biometrika 26, 1934).
    """
    assert 0 <= losses <= trials, f"{losses} of {trials} is no share"
    assert trials, "a share of nothing"
    return 1.0 if losses == trials else float(betaincinv(losses + 1, trials - losses, LEVEL))


def _quantile(ordered: list[float], share: float) -> float:
    """Return the smallest of the values that at least a share of them do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
