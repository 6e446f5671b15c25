"""Waits that were observed: each one as likely as the next."""

import bisect
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Empirical(Law):
    """One of the given waits, which are in order and above 0."""

    name: ClassVar[str] = "empirical"
    keys: ClassVar[str] = "`waits`: a list of durations"
    waits: tuple[float, ...]

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        return cls(tuple(sorted(reader.years_list("waits"))))

    @property
    def mean(self) -> float:
        """That of the waits."""
        return math.fsum(self.waits) / len(self.waits)

    @property
    def variation(self) -> float:
        """That of the waits."""
        mean = self.mean
        squares = math.fsum((wait - mean) ** 2 for wait in self.waits)
        return squares / len(self.waits) / mean**2

    def survival(self, wait: float) -> float:
        """Return the share of the waits that are longer."""
        return 1 - bisect.bisect_right(self.waits, wait) / len(self.waits)

    def quantile(self, share: float) -> float:
        """Return the wait that a share does not exceed."""
        return self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(tuple(wait * factor for wait in self.waits))
