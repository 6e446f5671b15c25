"""What the model predicts beside what the actors did, and what such a comparison could have shown.

The mean time from all well to a loss is exact for the chain; the lives' mean has a standard error
from the lives themselves. Both are compared by the logarithm of their ratio, whose error is the
lives' variation over the square root of their number.
What does not belong here: living (lives.py), and text (shown.py).
Source: the delta method, as in Casella and Berger, "Statistical Inference" (2002), section 5.5.4;
power of a two-sided test: Lehmann and Romano, "Testing Statistical Hypotheses" (2005), section 3.1.
"""

import math
import statistics
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scenarios.durability.chain import build
from scenarios.durability.crosscheck.lives import Lived
from scenarios.durability.exact import mean_time_to_loss, solve
from scenarios.durability.fit import markov
from scenarios.durability.model import Model

#: Fewer losses than this tell too little; facts: a cross-check has at least as many.
LOSSES: Final = 400
#: Fewer lives are taken to vary as exponential ones at least; chosen.
_FEW: Final = 100
#: Two-sided 95 %, and the 90 % of the power that is stated.
_Z95: Final = statistics.NormalDist().inv_cdf(0.975)
_Z90: Final = statistics.NormalDist().inv_cdf(0.90)
#: So many mean times after the beginning hardly any key is left, so shares are those of all losses.
_ALL: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """What the chain of a model says."""

    mean: float  #: years from all well to the loss
    shares: Mapping[str, float] = field(repr=False)  #: the last blow -> its share of the losses
    fitted: tuple[str, ...]  #: keys whose laws have no phases, so that fits stand in for them


def predicted(model: Model) -> Predicted:
    """Return what a model predicts.

    Raises:
      ModelError: its chain is too large.
    """
    chain = build(markov(model))
    mean = mean_time_to_loss(chain)
    assert mean is not None, "what the actors can play is small"
    shares = solve(chain, mission=_ALL * mean).by_cause
    return Predicted(mean=mean, shares=shares, fitted=model.not_markov)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Prediction and lives, side by side."""

    predicted: Predicted
    losses: int
    years: float  #: that were lived in all
    unconfirmed: int  #: losses that the service did not confirm; they are not counted
    blows: int
    forced: int
    shares: Mapping[str, float]  #: the last blow -> its share of the losses
    variation: float  #: standard deviation over mean of the lives that ended with a loss

    @property
    def mean(self) -> float:
        """Years of life for each loss; infinity without any."""
        return self.years / self.losses if self.losses else math.inf

    @property
    def error(self) -> float:
        """Standard error of the logarithm of ``mean``."""
        return self.variation / math.sqrt(self.losses) if self.losses else math.inf

    @property
    def interval(self) -> tuple[float, float]:
        """Of ``mean``, 95 %; with fewer than two losses from one side, by the rule of three."""
        if self.losses < 2:
            return self.years / (3 + 2 * self.losses), math.inf
        factor = math.exp(_Z95 * self.error)
        return self.mean / factor, self.mean * factor

    @property
    def agrees(self) -> bool:
        """Whether the prediction lies within the interval."""
        low, high = self.interval
        return low <= self.predicted.mean <= high

    @property
    def enough(self) -> bool:
        """Whether there are as many losses as a cross-check needs."""
        return self.losses >= LOSSES

    @property
    def least_factor(self) -> float:
        """The least change of the rate of losses that would have been seen 9 times of 10."""
        return math.exp((_Z95 + _Z90) * self.error) if self.losses > 1 else math.inf

    def power(self, factor: float) -> float:
        """Return the probability of seeing that the rate of losses is that many times as high."""
        away, normal = abs(math.log(factor)) / self.error, statistics.NormalDist()
        return normal.cdf(away - _Z95) + normal.cdf(-away - _Z95)


def compared(prediction: Predicted, lived: Lived) -> Comparison:
    """Return a prediction beside lives of the same model."""
    lost = lived.lost
    lives = [one.years for one in lost]
    mean = math.fsum(lives) / len(lives) if lives else math.inf
    spread = statistics.stdev(lives) / mean if len(lives) > 1 else math.inf
    if len(lives) < _FEW:
        spread = max(spread, 1.0)  # So few tell little of their own spread.
    by = Counter(one.lost_by for one in lost)
    return Comparison(
        predicted=prediction,
        losses=len(lost),
        years=lived.years,
        unconfirmed=sum(bool(one.lost_by) for one in lived.outcomes) - len(lost),
        blows=sum(one.blows for one in lived.outcomes),
        forced=sum(one.forced for one in lived.outcomes),
        shares={name: count / len(lost) for name, count in sorted(by.items())},
        variation=spread,
    )
