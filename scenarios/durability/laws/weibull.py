"""Weibull waits: of what ages (shape above 1) or has early failures (shape below 1)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Weibull(Law):
    """``after`` years for sure, and then a Weibull wait."""

    name: ClassVar[str] = "weibull"
    keys: ClassVar[str] = "`scale`, `shape`, `after` (by default `0s`)"
    scale: float
    shape: float
    after: float = 0.0

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        shape = reader.positive("shape")
        return cls(reader.years("scale"), shape, reader.years("after", 0.0))

    @property
    def mean(self) -> float:
        """By the gamma function."""
        return self.after + self.scale * math.gamma(1 + 1 / self.shape)

    @property
    def variation(self) -> float:
        """By the gamma function."""
        first, second = math.gamma(1 + 1 / self.shape), math.gamma(1 + 2 / self.shape)
        return self.scale**2 * (second - first**2) / self.mean**2

    def survival(self, wait: float) -> float:
        """Return the probability of a longer wait."""
        if wait <= self.after:
            return 1.0
        return math.exp(-(((wait - self.after) / self.scale) ** self.shape))

    def quantile(self, share: float) -> float:
        """Return the wait that a share does not exceed."""
        return float(self.after + self.scale * (-math.log1p(-share)) ** (1 / self.shape))

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(self.scale * factor, self.shape, self.after * factor)
