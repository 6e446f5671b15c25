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
        """Return one phase for each part."""
        moves = tuple((k, None, 1 / mean) for k, mean in enumerate(self.means))
        return Phases(begin=self.weights, moves=moves)
