"""Coxian waits: stages one after the other, each of which may be the last; any phase-type shape."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law, Phases
from scenarios.durability.laws.solve import inverse

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader

#: Terms of a survival function end where no more than this is left.
_REST = 1e-18


@dataclass(frozen=True, slots=True)
class Coxian(Law):
    """Stages with these means; after each but the last, ``goes_on`` says how often more follow."""

    name: ClassVar[str] = "coxian"
    keys: ClassVar[str] = "`means`: a list of durations; `goes_on`: shares, one fewer"
    means: tuple[float, ...]
    goes_on: tuple[float, ...]

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        means = reader.years_list("means")
        return cls(means, reader.shares("goes_on", len(means) - 1))

    def _reached(self) -> tuple[float, ...]:
        reached = [1.0]
        for share in self.goes_on:
            reached.append(reached[-1] * share)
        return tuple(reached)

    @property
    def mean(self) -> float:
        """What the stages that are reached come to."""
        return math.fsum(r * m for r, m in zip(self._reached(), self.means, strict=True))

    @property
    def variation(self) -> float:
        """From the second moment, counted from the last stage."""
        first = second = 0.0
        for mean, share in zip(reversed(self.means), reversed((*self.goes_on, 0.0)), strict=True):
            second = 2 * mean * mean + share * (2 * mean * first + second)
            first = mean + share * first
        return second / first**2 - 1

    def survival(self, wait: float) -> float:
        """Return the probability of a longer wait, by uniformization."""
        if wait <= 0:
            return 1.0
        fastest = 1 / min(self.means)
        events, stay = fastest * wait, [1.0, *[0.0] * len(self.goes_on)]
        chances = [1 / (mean * fastest) for mean in self.means]
        total, done, number = [], 0.0, 0
        while done < 1 - _REST and number < events + 40 * math.sqrt(events) + 60:
            weight = math.exp(number * math.log(events) - math.lgamma(number + 1) - events)
            total.append(weight * math.fsum(stay))
            done += weight
            number += 1
            left = [s * (1 - c) for s, c in zip(stay, chances, strict=True)]
            for k, share in enumerate(self.goes_on):
                left[k + 1] += stay[k] * chances[k] * share
            stay = left
        return math.fsum(total)

    def quantile(self, share: float) -> float:
        """Return the wait that a share does not exceed."""
        return inverse(self.survival, 1 - share, self.mean)

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(tuple(mean * factor for mean in self.means), self.goes_on)

    def phases(self) -> Phases:
        """Return one phase for each stage."""
        moves: list[tuple[int, int | None, float]] = []
        for k, mean in enumerate(self.means):
            share = self.goes_on[k] if k < len(self.goes_on) else 0.0
            if share > 0:
                moves.append((k, k + 1, share / mean))
            if share < 1:
                moves.append((k, None, (1 - share) / mean))
        return Phases(begin=(1.0, *[0.0] * (len(self.means) - 1)), moves=tuple(moves))
