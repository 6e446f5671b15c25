"""The lumped Markov chain of a model: all states that can be reached, and the rates between them.

States are numbered in the order found, from 0: the state at the beginning. The key's loss is
absorbing and has no number; a move there has the target LOST. With a limit on how many blows a
state is away from the beginning, moves beyond it have the target BEYOND: what ends there may or may
not be lost, so the loss lies between the two sums.
What does not belong here: moves (moves.py), and solving the chain (exact.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from scenarios.durability.causes import MENDS
from scenarios.durability.model import Model, ModelError
from scenarios.durability.moves import Moves, Transition
from scenarios.durability.states import State, start

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


def build(model: Model, *, blows: int | None = None, states_max: int = STATES_MAX) -> Chain:
    """Return the chain of a model, by a search from its beginning.

    Args:
      blows: states that take more harmful moves than this to reach from the beginning, however
        much is mended meanwhile, are left out. None: no state is.

    Raises:
      ModelError: a law has no phases, or there are more states than ``states_max``.
    """
    found = _search(model, blows, states_max)
    numbers = {state: number for number, state in enumerate(found)}
    names: dict[str, int] = {}
    sources, targets, which, rates = list[int](), list[int](), list[int](), list[float]()
    for source, moves in enumerate(found.values()):
        for rate, cause, target in moves:
            sources.append(source)
            targets.append(LOST if target is None else numbers.get(target, BEYOND))
            which.append(names.setdefault(cause, len(names)))
            rates.append(rate)
    return Chain(
        model=model,
        states=tuple(found),
        causes=tuple(names),
        sources=tuple(sources),
        targets=tuple(targets),
        names=tuple(which),
        rates=tuple(rates),
    )


def _search(
    model: Model, blows: int | None, states_max: int
) -> dict[State, tuple[Transition, ...]]:
    """Return the moves of every state, those nearest to the beginning first."""
    moves, found = Moves(model), dict[State, tuple[Transition, ...]]()
    layer, depth = [start(model)], 0
    while layer and (blows is None or depth <= blows):
        worse: dict[State, None] = {}
        # Within a layer things are only mended: that brings nothing nearer to a loss.
        while layer:
            state = layer.pop()
            if state in found:
                continue
            if len(found) >= states_max:
                raise ModelError(
                    f"model {model.name!r} has more than {states_max} states; expected a smaller"
                    " one, or an estimate"
                )
            found[state] = moves.of(state)
            for _, cause, target in found[state]:
                if target is not None and target not in found:
                    if cause in MENDS:
                        layer.append(target)
                    else:
                        worse[target] = None
        layer, depth = list(reversed(worse)), depth + 1
    return found
