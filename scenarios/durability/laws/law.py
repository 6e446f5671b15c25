"""What all laws of waiting have in common: how long something lasts, or until it fails.

A law is a value. It tells its mean, its spread, its survival function and its quantiles, and, if
it is made of exponential phases, those phases: then a Markov chain can have it exactly.
What does not belong here: any particular law, and what it is the law of (model.py).
Source: Neuts, "Matrix-Geometric Solutions in Stochastic Models" (1981), chapter 2 (phase type).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from scenarios.durability.reading import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """A phase-type law: begin in a phase, move between phases, and be done.

    ``moves`` are (from, to, rate per year); ``to`` is None where the wait ends.
    """

    begin: tuple[float, ...]  #: probability of each phase; their sum is 1
    moves: tuple[tuple[int, int | None, float], ...]

    @property
    def count(self) -> int:
        """How many phases there are."""
        return len(self.begin)


class Law(ABC):
    """A law of waiting times in years (of 365.25 days); an immutable value."""

    name: ClassVar[str]  #: as a model file has it
    keys: ClassVar[str]  #: its keys in a model file, for people

    @classmethod
    @abstractmethod
    def read(cls, reader: "Reader") -> Self:
        """Return the law of a table of a model file.

        Raises:
          OptionError: a key is missing or wrong.
        """

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean wait in years; above 0."""

    @property
    @abstractmethod
    def variation(self) -> float:
        """The squared coefficient of variation: variance over squared mean; 1 if exponential."""

    @abstractmethod
    def survival(self, wait: float) -> float:
        """Return the probability that the wait is longer than that."""

    @abstractmethod
    def quantile(self, share: float) -> float:
        """Return the wait that a share of all waits does not exceed; ``0 <= share < 1``.

        A uniform draw put in gives a wait of this law.
        """

    @abstractmethod
    def scaled(self, factor: float) -> Self:
        """Return the same law with every wait that many times as long."""

    def phases(self) -> Phases | None:
        """Return the phases of exactly this law; None if it is not made of any finite number."""
        return None
