"""Exponential waits: what has lasted long is no nearer to its end."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law, Phases

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Exponential(Law):
    """A constant rate of ``1 / mean`` per year."""

    name: ClassVar[str] = "exponential"
    keys: ClassVar[str] = "`mean`; or a bare duration; or a bare rate per year"
    mean: float

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        return cls(reader.years("mean"))

    @classmethod
    def of_rate(cls, rate: float) -> Self:
        """Return the law of that many events per year; above 0."""
        return cls(1 / rate)

    @property
    def variation(self) -> float:
        """One."""
        return 1.0

    def survival(self, wait: float) -> float:
        """Return the probability of a longer wait."""
        return math.exp(-max(0.0, wait) / self.mean)

    def quantile(self, share: float) -> float:
        """Return the wait that a share does not exceed."""
        return -self.mean * math.log1p(-share)

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(self.mean * factor)

    def phases(self) -> Phases:
        """Return its one phase."""
        return Phases(begin=(1.0,), moves=((0, None, 1 / self.mean),))
