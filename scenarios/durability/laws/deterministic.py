"""Waits that are always equally long."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from scenarios.durability.laws.law import Law

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True)
class Deterministic(Law):
    """Exactly ``mean`` years, every time."""

    name: ClassVar[str] = "deterministic"
    keys: ClassVar[str] = "`mean`"
    mean: float

    @classmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table."""
        return cls(reader.years("mean"))

    @property
    def variation(self) -> float:
        """Zero."""
        return 0.0

    def survival(self, wait: float) -> float:
        """Return whether the wait is still on."""
        return float(wait < self.mean)

    def quantile(self, share: float) -> float:  # noqa: ARG002 - all shares wait as long
        """Return the wait."""
        return self.mean

    def scaled(self, factor: float) -> Self:
        """Return the law of waits that many times as long."""
        return type(self)(self.mean * factor)
