"""The answer to a model: the whole chain where it is small, else as much of it as matters.

A large chain is cut where a state is too many blows away from the beginning; the cut moves out
until one more blow changes nothing that counts. What was left out is told with the answer.
What does not belong here: cutting (chain.py), and solving (exact.py).
"""

from dataclasses import dataclass
from typing import Final

from scenarios.durability.chain import LOST, Chain, build
from scenarios.durability.exact import Exact, solve
from scenarios.durability.fit import markov
from scenarios.durability.model import Model, ModelError

#: Chains up to this size are taken whole: they are solved in well under a second.
WHOLE: Final = 600
#: Relative change at which the cut stays where it is.
TOLERANCE: Final = 1e-6
#: Blows beyond which no cut was ever needed; the search ends long before.
_BLOWS_MAX: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An exact answer, and what it is exact for."""

    exact: Exact
    blows: int | None  #: where the chain was cut; None: nowhere
    fitted: tuple[str, ...]  #: keys of the laws that were replaced by phase-type ones

    @property
    def chain(self) -> Chain:
        """The chain that was solved."""
        return self.exact.chain


def answer(model: Model, *, occupancy: bool = False) -> Answer:
    """Return the probability of a loss within the model's mission.

    Raises:
      ModelError: even the part that matters is too large.
    """
    fitted = markov(model)
    chain, blows = _enough(fitted)
    return Answer(exact=solve(chain, occupancy=occupancy), blows=blows, fitted=model.not_markov)


def _enough(model: Model) -> tuple[Chain, int | None]:
    """Return a chain that is whole, or large enough, and where it was cut."""
    try:
        return build(model, states_max=WHOLE), None
    except ModelError:
        pass
    before = 0.0
    for blows in range(1, _BLOWS_MAX):
        chain = build(model, blows=blows)
        if not chain.truncated:
            return chain, None
        if LOST not in chain.targets:
            continue
        now = solve(chain).probability
        if before and abs(now - before) <= TOLERANCE * now:
            return chain, blows
        before = now
    raise ModelError(f"model {model.name!r} does not settle; expected a smaller one")
