"""Choices with names: whoever makes something at random asks here, and the answers can be kept.

The same function that draws a fault plan, or orders steps, runs on a stream of chance, on answers
that were kept from an earlier run, or on the data of a property-based tester, which can then
shrink what was drawn. What does not belong here: what the choices are about.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sim.rng import Stream

T = TypeVar("T")
#: One answer: what was asked, and what was chosen.
Draw = tuple[str, int]


class Diverged(RuntimeError):
    """A replay was asked something else than the run whose answers it holds."""


class Choices:
    """Answers questions with integers, and keeps every answer in ``record`` if told to.

    Args:
      answer: called as ``answer(label, low, high)``; returns an integer of that range.
      keep: whether answers are recorded.
    """

    def __init__(self, answer: Callable[[str, int, int], int], *, keep: bool = True) -> None:
        self._answer = answer
        self._keep = keep
        self.record: list[Draw] = []

    def integer(self, label: str, low: int, high: int) -> int:
        """Return an integer ``low <= n <= high``; smaller is simpler."""
        assert low <= high, f"{label}: nothing lies between {low} and {high}"
        found = self._answer(label, low, high)
        assert low <= found <= high, f"{label}: {found} is not from {low} to {high}"
        if self._keep:
            self.record.append((label, found))
        return found

    def pick(self, label: str, options: Sequence[T]) -> T:
        """Return one of the options; the first is the simplest."""
        return options[self.integer(label, 0, len(options) - 1)]

    def weighted(self, label: str, options: Sequence[tuple[T, int]]) -> T:
        """Return one of the options with a chance in proportion to its weight, an integer > 0."""
        place = self.integer(label, 0, sum(weight for _, weight in options) - 1)
        for option, weight in options:
            if place < weight:
                return option
            place -= weight
        raise AssertionError("the place lies within the sum of all weights")

    def chance(self, label: str, percent: int) -> bool:
        """Return True in that many cases of a hundred; False is the simpler answer."""
        return self.integer(label, 0, 99) >= 100 - percent


def drawn(stream: Stream, *, keep: bool = True) -> Choices:
    """Return choices that come from a stream of chance."""
    return Choices(lambda _label, low, high: stream.randrange(low, high + 1), keep=keep)


def replayed(record: Iterable[Draw]) -> Choices:
    """Return choices that repeat kept answers.

    Raises:
      Diverged: at the first question that the kept ones do not answer.
    """
    answers = iter(record)

    def answer(label: str, low: int, high: int) -> int:
        asked = f"{label} from {low} to {high}"
        found = next(answers, None)
        if found is None:
            raise Diverged(f"the record has ended, and {asked} is asked")
        if found[0] != label or not low <= found[1] <= high:
            raise Diverged(f"{asked} is asked, and the record says {found[0]} = {found[1]}")
        return found[1]

    return Choices(answer)
