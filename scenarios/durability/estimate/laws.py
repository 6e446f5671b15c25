"""Laws of lifetimes and repairs, as a kernel needs them: cumulative hazards and draws.

A failure that must come before a given time is drawn by inverting the cumulative hazard, so a law
that ages needs H and its inverse; a repair needs draws only.
What does not belong here: which component has which law (clock.py). Times are in years.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.philox import uniform

EXPONENTIAL: Final = 0
WEIBULL: Final = 1
DETERMINISTIC: Final = 2
ERLANG: Final = 3
UNIFORM: Final = 4
LOGNORMAL: Final = 5
EMPIRICAL: Final = 6
HAZARDS: Final = 7
#: Never: the component has no such failure.
NEVER: Final = 8

#: These have a hazard at every age, so they can be lifetimes.
LIFETIMES: Final = (EXPONENTIAL, WEIBULL, HAZARDS, NEVER)

#: A repair whose standard deviation exceeds its mean makes weights spread out; chosen.
HEAVY: Final = 1.0

#: Knots of a tabulated law, in its middle and again in its tail; chosen.
_KNOTS: Final = 256


@dataclass(frozen=True, slots=True)
class Law:
    """A law of a positive time; built by the functions below."""

    kind: int
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0
    table: tuple[float, ...] = ()
    mean: float = math.inf  #: years
    spread: float = 1.0  #: standard deviation over mean

    @property
    def is_exponential(self) -> bool:
        """Whether the chain of exponential laws is exact for it."""
        return self.kind in {EXPONENTIAL, NEVER}


def never() -> Law:
    """Return the law of what does not happen."""
    return Law(NEVER)


def exponential(mean: float) -> Law:
    """Return the memoryless law of that mean."""
    return Law(EXPONENTIAL, 1 / mean, mean=mean)


def weibull(shape: float, scale: float, location: float = 0.0) -> Law:
    """Return Weibull's law, which begins at ``location``; shapes below 1 are heavy-tailed."""
    one, two = math.gamma(1 + 1 / shape), math.gamma(1 + 2 / shape)
    mean = location + scale * one
    spread = scale * math.sqrt(two - one * one) / mean
    return Law(WEIBULL, shape, scale, location, mean=mean, spread=spread)


def deterministic(value: float) -> Law:
    """Return the law of a fixed time."""
    return Law(DETERMINISTIC, value, mean=value, spread=0.0)


def erlang(stages: int, mean: float) -> Law:
    """Return the law of a sum of equal exponential stages."""
    return Law(ERLANG, stages, mean / stages, mean=mean, spread=1 / math.sqrt(stages))


def between(low: float, high: float) -> Law:
    """Return the uniform law, as of a fault that a round of fixed length finds."""
    mean = (low + high) / 2
    return Law(UNIFORM, low, high, mean=mean, spread=(high - low) / math.sqrt(12) / mean)


def lognormal(median: float, sigma: float) -> Law:
    """Return the law of a time whose logarithm is normal with standard deviation sigma."""
    mean = median * math.exp(sigma * sigma / 2)
    spread = math.sqrt(math.expm1(sigma * sigma))
    return Law(LOGNORMAL, math.log(median), sigma, mean=mean, spread=spread)


def empirical(seen: Sequence[float]) -> Law:
    """Return the law that draws one of the seen times, all alike."""
    mean = math.fsum(seen) / len(seen)
    variance = math.fsum((one - mean) ** 2 for one in seen) / len(seen)
    return Law(EMPIRICAL, table=tuple(seen), mean=mean, spread=math.sqrt(variance) / mean)


def hazards(ages: Sequence[float], rates: Sequence[float]) -> Law:
    """Return the law whose hazard is constant from each age to the next, as of a bathtub curve.

    Args:
      ages: rising, the first is 0.
      rates: per year, from that age on; the last holds for ever and is positive.
    """
    assert ages[0] == 0, "ages begin at 0"
    assert list(ages) == sorted(set(ages)), "ages rise"
    assert len(ages) == len(rates), "one rate for each age"
    assert rates[-1] > 0, "the last rate holds for ever"
    total, mean, reached = 0.0, 0.0, []
    for place, rate in enumerate(rates):
        reached.append(total)
        alive = math.exp(-total)
        if place + 1 == len(rates):
            mean += alive / rate
            break
        span = ages[place + 1] - ages[place]
        mean += alive * (-math.expm1(-rate * span) / rate if rate > 0 else span)
        total += rate * span
    return Law(HAZARDS, table=(*ages, *reached, *rates), mean=mean)


def tabulated(
    survival: Callable[[float], float],
    quantile: Callable[[float], float],
    mean: float,
    spread: float,
) -> Law:
    """Return a law known by its survival function only, exact at KNOTS ages.

    Between them its hazard is constant; beyond the last one, which one in 10**12 reaches, as well.
    """
    # Half of the knots stand where the middle of the law is, half far out in its tail.
    shares = [place / _KNOTS for place in range(1, _KNOTS)]
    shares += [1 - 10 ** (-12 * place / _KNOTS) for place in range(1, _KNOTS + 1)]
    ages = sorted({0.0, *(quantile(share) for share in shares)})
    reached = [-math.log(max(survival(age), 1e-300)) for age in ages]
    steps = zip(ages, ages[1:], reached, reached[1:], strict=False)
    rates = [(after - before) / (end - begin) for begin, end, before, after in steps]
    kept = hazards(ages[:-1], [max(rate, 0.0) for rate in rates])
    return replace(kept, mean=mean, spread=spread)


class LawTable(NamedTuple):
    """Laws as arrays: rows of kind and three parameters, and what they look up."""

    rows: Any
    looked_up: Any


def law_table(laws: Sequence[Law]) -> LawTable:
    """Return the arrays of these laws, in their order."""
    rows, looked_up = np.zeros((len(laws), 4)), [0.0]
    for place, law in enumerate(laws):
        rows[place] = law.kind, law.first, law.second, law.third
        if law.table:
            width = 3 if law.kind == HAZARDS else 1
            rows[place, 1:3] = len(looked_up), len(law.table) // width
            looked_up.extend(law.table)
    return LawTable(rows, np.array(looked_up))


@kernel
def segment(looked_up: Any, first: Any, count: Any, value: Any) -> Any:
    """Return the last of the rising values first..first + count - 1 that is not above."""
    low, high = first, first + count
    while high - low > 1:
        middle = (low + high) // 2
        if looked_up[middle] <= value:
            low = middle
        else:
            high = middle
    return low


@kernel
def cumulative(laws: Any, law: Any, looked_up: Any, age: Any) -> Any:
    """Return the cumulative hazard H at an age; the chance to live so long is exp(-H)."""
    kind = int(laws[law, 0])
    if kind == EXPONENTIAL:
        return laws[law, 1] * age
    if kind == WEIBULL:
        return ((age - laws[law, 3]) / laws[law, 2]) ** laws[law, 1] if age > laws[law, 3] else 0.0
    if kind == HAZARDS:
        first, count = int(laws[law, 1]), int(laws[law, 2])
        place = segment(looked_up, first, count, age)
        past = age - looked_up[place]
        return looked_up[place + count] + past * looked_up[place + 2 * count]
    return 0.0


@kernel
def hazard(laws: Any, law: Any, looked_up: Any, age: Any) -> Any:
    """Return the failure rate at an age, per year."""
    kind = int(laws[law, 0])
    if kind == EXPONENTIAL:
        return laws[law, 1]
    if kind == WEIBULL:
        if age <= laws[law, 3]:
            return 0.0
        return (
            laws[law, 1]
            / laws[law, 2]
            * ((age - laws[law, 3]) / laws[law, 2]) ** (laws[law, 1] - 1.0)
        )
    if kind == HAZARDS:
        first, count = int(laws[law, 1]), int(laws[law, 2])
        return looked_up[segment(looked_up, first, count, age) + 2 * count]
    return 0.0


@kernel
def age_at(laws: Any, law: Any, looked_up: Any, reached: Any) -> Any:
    """Return the age at which the cumulative hazard is ``reached``: the inverse of cumulative."""
    kind = int(laws[law, 0])
    if kind == EXPONENTIAL:
        return reached / laws[law, 1]
    if kind == WEIBULL:
        return laws[law, 3] + laws[law, 2] * reached ** (1.0 / laws[law, 1])
    if kind == HAZARDS:
        first, count = int(laws[law, 1]), int(laws[law, 2])
        place = segment(looked_up, first + count, count, reached)
        rate = looked_up[place + count]
        past = (reached - looked_up[place]) / rate if rate > 0 else 0.0
        return looked_up[place - count] + past
    return np.inf


@kernel
def draw(laws: Any, law: Any, looked_up: Any, dice: Any) -> Any:  # noqa: PLR0911 - one per kind
    """Return a time of that law."""
    kind = int(laws[law, 0])
    if kind == DETERMINISTIC:
        return laws[law, 1]
    if kind == ERLANG:
        total = 0.0
        for _ in range(int(laws[law, 1])):
            total -= np.log(uniform(dice))
        return total * laws[law, 2]
    if kind == UNIFORM:
        return laws[law, 1] + (laws[law, 2] - laws[law, 1]) * uniform(dice)
    if kind == LOGNORMAL:
        length = np.sqrt(-2.0 * np.log(uniform(dice)))
        return np.exp(laws[law, 1] + laws[law, 2] * length * np.cos(2.0 * np.pi * uniform(dice)))
    if kind == EMPIRICAL:
        return looked_up[int(laws[law, 1]) + int(uniform(dice) * laws[law, 2])]
    if kind == NEVER:
        return np.inf
    return age_at(laws, law, looked_up, -np.log(uniform(dice)))
