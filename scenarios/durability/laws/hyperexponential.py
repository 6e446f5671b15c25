"""A mixture of exponential waits: most are short and some are long."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law, Phases
from scenarios.durability.laws.solve import inverse

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Hyperexponential(Law):
    """With each weight (their sum is 1) an exponential wait of that mean."""

    name: ClassVar[str] = "hyperexponential"
    keys: ClassVar[str] = "`means`: a list of durations; `weights`: as many numbers"
    means: tuple[float, ...]
    weights: tuple[float, ...]

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        means = reader.years_list("means")
        weights = reader.weights("weights", len(means))
        return cls(means, weights)

    @property
    def mean(self) -> float:
        """The weighted mean."""
        return math.fsum(w * m for w, m in zip(self.weights, self.means, strict=True))

    @property
    def variation(self) -> float:
        """At least one."""
        pairs = zip(self.weights, self.means, strict=True)
        return math.fsum(2 * w * m * m for w, m in pairs) / self.mean**2 - 1

    def survival(self, wait: float) -> float:
        """Return the probability of a longer wait."""
        pairs = zip(self.weights, self.means, strict=True)
        return math.fsum(w * math.exp(-max(0.0, wait) / m) for w, m in pairs)

    def quantile(self, share: float) -> float:
        """Return the wait that a share does not exceed."""
        return inverse(self.survival, 1 - share, self.mean)

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(tuple(mean * factor for mean in self.means), self.weights)

    def phases(self) -> Phases:
        """Return as many stages one after the other, each of which may be the last.

        An exponential wait of a slow rate is one of the fastest rate, after which it goes on with
        the probability by which the rates differ; so the fastest stage comes first for all parts.
        Source: Cumani, "On the canonical representation of homogeneous Markov processes modelling
        failure-time distributions" (Microelectronics and Reliability 22, 1982).
        """
        parts = sorted((1 / m, w) for m, w in zip(self.means, self.weights, strict=True))
        moves: list[tuple[int, int | None, float]] = []
        for stage in range(len(parts)):
            fastest, _ = parts.pop()
            left = [(rate, weight * (1 - rate / fastest)) for rate, weight in parts]
            on = math.fsum(weight for _, weight in left)
            if on > 0:
                moves.append((stage, stage + 1, fastest * on))
                parts = [(rate, weight / on) for rate, weight in left]
            if on < 1:
                moves.append((stage, None, fastest * (1 - on)))
            if on <= 0:
                break
        stages = 1 + max(source for source, _, _ in moves)
        return Phases(begin=(1.0, *[0.0] * (stages - 1)), moves=tuple(moves))
