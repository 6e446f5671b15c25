"""What all experiments have in common: a question, and an answer as a table and a picture.

What does not belong here: any particular question, and solving (scenarios/durability/).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from scenarios.durability.answer import answer
from scenarios.durability.exact import nines
from scenarios.durability.files import DEFAULT, loads
from scenarios.durability.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points of one line of the picture."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    says: tuple[str, ...]  #: what follows, one sentence each, with figures of the table
    curves: tuple[Curve, ...]
    x: str  #: names the axis
    kind: str = "duration"  #: of x: ``duration``, ``rate``, ``share``, ``count`` or ``name``
    ticks: tuple[str, ...] = ()  #: of kind ``name``: what stands at 0, 1, 2, ...
    assumes: str = field(default="")  #: what was left out or chosen


class Experiment(ABC):
    """One question that people ask, answered exactly for the default region's model."""

    name: ClassVar[str]
    question: ClassVar[str]

    @abstractmethod
    def run(self) -> Outcome:
        """Return the answer; the same each time."""


def base(rates: str = "design", **parts: Any) -> Model:
    """Return the default region's model, with some parts replaced."""
    return replace(loads(DEFAULT, rates=rates).model, **parts)


def loss(model: Model) -> float:
    """Return the probability of a loss within the mission."""
    return answer(model).exact.probability


def curve(name: str, x: Sequence[float], model: Callable[[float], Model]) -> Curve:
    """Return the nines of the models at some places."""
    return Curve(name=name, x=tuple(x), y=tuple(nines(loss(model(at))) for at in x))


def logspace(low: float, high: float, points: int) -> tuple[float, ...]:
    """Return points at equal ratios, both ends included."""
    return tuple(low * (high / low) ** (k / (points - 1)) for k in range(points))


def times(before: float, after: float) -> str:
    """Return how many times rarer a loss has become: ``120x``."""
    ratio = before / after
    return f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.2f}x"
