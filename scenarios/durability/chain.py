"""The lumped Markov chain of a model: all states that can be reached, and the rates between them.

States are numbered in the order found, from 0: the state at the beginning. The key's loss is
absorbing and has no number; a move there has the target LOST. With a limit on how much may be
wrong at once, moves beyond it have the target BEYOND: what ends there may or may not be lost, so
the loss lies between the two sums.
What does not belong here: moves (moves.py), and solving the chain (exact.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scenarios.durability.model import Model, ModelError
from scenarios.durability.moves import Moves
from scenarios.durability.states import LIT, State, good_of, is_gone, start

LOST: Final = -1
BEYOND: Final = -2
#: More states than this are refused: they take minutes, and gigabytes.
STATES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain as columns, one entry for each move: what numpy arrays are made of.

    ``rates[i]`` leads from ``sources[i]`` to ``targets[i]`` and has the name
    ``causes[names[i]]``; another rate of a cause multiplies all its entries.
    """

    model: Model
    states: tuple[State, ...] = field(repr=False)
    causes: tuple[str, ...]
    sources: tuple[int, ...] = field(repr=False)
    targets: tuple[int, ...] = field(repr=False)  #: LOST and BEYOND are negative
    names: tuple[int, ...] = field(repr=False)
    rates: tuple[float, ...] = field(repr=False)

    @property
    def truncated(self) -> bool:
        """Whether some moves lead beyond the limit."""
        return BEYOND in self.targets

    def scaled(self, factors: Mapping[str, float]) -> tuple[float, ...]:
        """Return the rates with those of some causes multiplied.

        Raises:
          KeyError: there is no such cause in the chain.
        """
        for name in factors:
            if name not in self.causes:
                raise KeyError(name)
        by_number = [factors.get(name, 1.0) for name in self.causes]
        return tuple(
            rate * by_number[name] for rate, name in zip(self.rates, self.names, strict=True)
        )


def build(model: Model, *, at_once: int | None = None, states_max: int = STATES_MAX) -> Chain:
    """Return the chain of a model, by a search from its beginning.

    Args:
      at_once: how many things may be wrong at once: copies that cannot be read, AZs that are
        dark; a destroyed AZ or region counts once. None: any number.

    Raises:
      ModelError: a law has no phases, or there are more states than ``states_max``.
    """
    moves, first = Moves(model), start(model)
    numbers: dict[State, int] = {first: 0}
    order, names = [first], dict[str, int]()
    columns: tuple[list[Any], ...] = ([], [], [], [])
    for source, state in enumerate(_growing(order)):
        for move in moves.of(state):
            target = LOST
            if move.target is not None:
                target = numbers.get(move.target, BEYOND)
                if target == BEYOND and (at_once is None or wrong(move.target) <= at_once):
                    target = numbers[move.target] = len(order)
                    order.append(move.target)
            name = names.setdefault(move.cause, len(names))
            for column, value in zip(columns, (source, target, name, move.rate), strict=True):
                column.append(value)
        if len(order) > states_max:
            raise ModelError(
                f"model {model.name!r} has more than {states_max} states; expected a smaller one,"
                " a limit on how much is wrong at once, or an estimate"
            )
    sources, targets, which, rates = (tuple(column) for column in columns)
    return Chain(
        model=model,
        states=tuple(order),
        causes=tuple(names),
        sources=sources,
        targets=targets,
        names=which,
        rates=rates,
    )


def _growing(order: list[State]) -> Iterator[State]:
    """Yield the states of a list that grows meanwhile."""
    place = 0
    while place < len(order):
        yield order[place]
        place += 1


def wrong(state: State) -> int:
    """Return how many things are wrong: a destroyed AZ or region, a dark AZ, and a copy count 1."""
    found = 0
    for region in state:
        if is_gone(region):
            found += 1
            continue
        copies = sum(len(zone) - 1 for zone in region)
        found += copies - good_of(region) + sum(zone[0] != LIT for zone in region)
    return found
