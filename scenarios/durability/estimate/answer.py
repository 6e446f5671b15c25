"""Judges estimates: a point with intervals where they can be trusted, else a one-sided bound.

Two estimators that lead paths in different ways must agree; importance sampling that goes wrong
looks converged while it is too low, so a small standard error alone proves nothing.
What does not belong here: walking paths (campaign.py), what the rates are worth (rates.py).
Source of the bound: Clopper, Pearson (Biometrika 26, 1934); without a loss it is the rule of three.
"""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from scipy.special import betaincinv

from scenarios.durability.estimate.tally import Tally

#: The level of all intervals and bounds.
LEVEL: Final = 0.95
_ERRORS: Final = statistics.NormalDist().inv_cdf((1 + LEVEL) / 2)
#: Two estimators that are further apart than so many standard errors do not agree.
APART: Final = 3.0
#: Fewer paths say nothing about their own spread.
LEAST_PATHS: Final = 10_000
#: A path that holds more of the sum than this makes the sum its own.
LARGEST_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """From low to high, at LEVEL."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one estimator found."""

    name: str
    paths: int
    losses: int  #: paths that ended in a loss
    probability: float
    standard_error: float
    relative_error: float  #: standard error over probability; infinite without losses
    largest_share: float  #: of one path in the sum
    interval: Interval  #: from not walking every path


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The chance of a loss within the mission, as far as it is known."""

    probability: float | None  #: None where only a bound is honest
    interval: Interval  #: from not walking every path; its low end is 0 for a bound
    rates: Interval | None  #: from not knowing the rates; None if no observations were given
    flags: tuple[str, ...]  #: what the reader must know; the reasons for a bound come first
    apart: float  #: standard errors between the two estimators
    estimates: tuple[Estimate, ...]  #: the one that counts first
    failures: tuple[tuple[tuple[int, ...], float], ...]  #: (failures by cause, share of losses)
    causes: int  #: how many there are

    @property
    def bounded(self) -> bool:
        """Whether only an upper bound is known."""
        return self.probability is None


def estimate(name: str, tally: Tally) -> Estimate:
    """Return what a tally says, with an interval that is never below 0.

    The interval is that of the logarithm: the error of a small chance is a factor.
    """
    mean, error = tally.mean, tally.standard_error
    relative = error / mean if mean > 0 else math.inf
    factor = math.exp(_ERRORS * relative) if relative < 100 else math.inf
    return Estimate(
        name=name,
        paths=tally.paths,
        losses=tally.losses,
        probability=mean,
        standard_error=error,
        relative_error=relative,
        largest_share=tally.largest_share,
        interval=Interval(low=mean / factor, high=mean * factor if mean > 0 else math.inf),
    )


def upper_bound(losses: int, paths: int) -> float:
    """Return the chance above which so few losses among naive paths are less likely than 5 %."""
    if losses >= paths:
        return 1.0
    return float(betaincinv(losses + 1, paths - losses, LEVEL))


def doubts(one: Estimate) -> list[str]:
    """Return what speaks against trusting an estimator."""
    if not one.losses:
        return [f"{one.name}: none of {one.paths:,} paths ended in a loss"]
    found = []
    if one.paths < LEAST_PATHS:
        found.append(f"{one.name}: {one.paths:,} paths, fewer than {LEAST_PATHS:,}")
    if one.largest_share > LARGEST_SHARE:
        found.append(f"{one.name}: one path holds {one.largest_share:.1%} of the sum")
    return found


def distance(one: Estimate, other: Estimate) -> float:
    """Return how many standard errors lie between two estimates."""
    error = math.hypot(one.standard_error, other.standard_error)
    gap = abs(one.probability - other.probability)
    if error == 0:
        # Both know their answer to the last digit, so they must be the same but for rounding.
        return 0.0 if gap <= 1e-12 * one.probability else math.inf
    return gap / error


def judged(
    first: tuple[str, Tally],
    second: tuple[str, Tally],
    *,
    causes: int,
    naive: Callable[[], Tally],
    unsure: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Answer:
    """Return the answer of two estimators, of which the first counts.

    Args:
      causes: how many causes of failures there are.
      naive: walks naive paths; called only when the two cannot be trusted.
      unsure: flags that turn the answer into a bound, whatever the two say.
      notes: flags that do not turn the answer into a bound.
    """
    found = tuple(estimate(name, tally) for name, tally in (first, second))
    apart = distance(*found)
    reasons = [*unsure, *(reason for one in found for reason in doubts(one))]
    if apart >= APART:
        reasons.append(f"the two estimators are {apart:.1f} standard errors apart")
    failures = first[1].failures(causes) if first[1].losses else ()
    if not reasons:
        return Answer(
            probability=found[0].probability,
            interval=found[0].interval,
            rates=None,
            flags=tuple(notes),
            apart=apart,
            estimates=found,
            failures=failures,
            causes=causes,
        )
    plain = naive()
    return Answer(
        probability=None,
        interval=Interval(low=0.0, high=upper_bound(plain.losses, plain.paths)),
        rates=None,
        flags=(*reasons, *notes),
        apart=apart,
        estimates=(*found, estimate("naive", plain)),
        failures=failures,
        causes=causes,
    )
