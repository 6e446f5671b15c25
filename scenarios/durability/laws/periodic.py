"""Waits for the next of periodic looks, such as scrubs, that anything may come between."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Periodic(Law):
    """Anything from nothing to ``every`` years, each as likely: half of it in the mean."""

    name: ClassVar[str] = "periodic"
    keys: ClassVar[str] = "`every`: from one look to the next"
    every: float

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        return cls(reader.years("every"))

    @property
    def mean(self) -> float:
        """Half a period."""
        return self.every / 2

    @property
    def variation(self) -> float:
        """A third, as of any uniform law that begins at 0."""
        return 1 / 3

    def survival(self, wait: float) -> float:
        """Return the share of a period that is left."""
        return min(1.0, max(0.0, 1 - wait / self.every))

    def quantile(self, share: float) -> float:
        """Return that share of a period."""
        return self.every * share

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(self.every * factor)
