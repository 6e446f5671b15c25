"""Erlang waits: several equal exponential stages, one after the other."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law, Phases
from scenarios.durability.laws.solve import inverse

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Erlang(Law):
    """``stages`` stages of equal rates, with that mean in all."""

    name: ClassVar[str] = "erlang"
    keys: ClassVar[str] = "`mean`, `stages` (1–16)"
    mean: float
    stages: int = 2

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        return cls(reader.years("mean"), reader.integer("stages", lowest=1, highest=16))

    @property
    def variation(self) -> float:
        """One over the number of stages."""
        return 1 / self.stages

    def survival(self, wait: float) -> float:
        """Return the probability that fewer events than stages have come."""
        if wait <= 0:
            return 1.0
        events = self.stages * wait / self.mean
        terms = (k * math.log(events) - math.lgamma(k + 1) - events for k in range(self.stages))
        return math.fsum(math.exp(term) for term in terms)

    def quantile(self, share: float) -> float:
        """Return the wait that a share does not exceed."""
        return inverse(self.survival, 1 - share, self.mean)

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(self.mean * factor, self.stages)

    def phases(self) -> Phases:
        """Return one phase for each stage."""
        rate, last = self.stages / self.mean, self.stages - 1
        begin = (1.0, *[0.0] * last)
        moves = tuple((k, k + 1 if k < last else None, rate) for k in range(self.stages))
        return Phases(begin=begin, moves=moves)
