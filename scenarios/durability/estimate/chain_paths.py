"""Walks paths of a Markov chain: naively, or from the start of a random excursion.

P(loss by T) = lambda0 * T * E[1{all good at U} W], U uniform on (0, T): an excursion begins at rate
lambda0 whenever all is good; W is the weight of one biased excursion from U, 0 if all is good again
or T has come before a loss. This is exactly unbiased: a loss ends one excursion and no other.
What does not belong here: chains and biases (chain.py), chunks and workers (campaign.py).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.durability.estimate.chain import LOSS, REPAIR, Bias, Chain, arrays, natural
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.philox import DICE, begin, exponential, uniform
from scenarios.durability.estimate.tally import Scratch, Tally, add, one_more

_LOSS: Final = LOSS
_REPAIR: Final = REPAIR


@kernel
def _chosen(cumulative: Any, first: Any, last: Any, dice: Any) -> Any:
    """Return the move that the dice choose among those of a state."""
    drawn = uniform(dice)
    for move in range(first, last - 1):
        if drawn < cumulative[move]:
            return move
    return last - 1


@kernel
def _naive(until: Any, offsets: Any, targets: Any, causes: Any, exits: Any, plain: Any,
           dice: Any) -> Any:  # fmt: skip
    """Walk from all good to a time or a loss; return the last state and its signature."""
    state, now, signature = 0, 0.0, np.uint64(0)
    while True:
        now += exponential(dice, exits[state])
        if now > until:
            return state, signature
        move = _chosen(plain, offsets[state], offsets[state + 1], dice)
        if causes[move] != _REPAIR:
            signature += one_more(causes[move])
        state = targets[move]
        if state == _LOSS:
            return state, signature
        if state == 0:
            signature = np.uint64(0)


@kernel
def _excursion(start: Any, mission: Any, offsets: Any, targets: Any, causes: Any, exits: Any,
               biased: Any, ratios: Any, dice: Any) -> Any:  # fmt: skip
    """Walk one biased excursion; return its weight, 0 if it ends without a loss, and signature."""
    state, now, weight, signature = 0, start, exits[0] * mission, np.uint64(0)
    while True:
        move = _chosen(biased, offsets[state], offsets[state + 1], dice)
        weight *= ratios[move]
        if causes[move] != _REPAIR:
            signature += one_more(causes[move])
        state = targets[move]
        if state == _LOSS:
            return weight, signature
        if state != 0:
            now += exponential(dice, exits[state])
        if state == 0 or now > mission:
            return 0.0, signature


@kernel
def _walk(
    first: Any, count: Any, seed: Any, stream: Any, mission: Any, excursion: Any,
    offsets: Any, targets: Any, causes: Any, exits: Any,
    plain: Any, biased: Any, ratios: Any, dice: Any, sums: Any, keys: Any, weights: Any,
) -> None:  # fmt: skip
    """Count the paths first..first + count - 1; without ``excursion`` naively from time 0."""
    for path in range(first, first + count):
        begin(dice, seed, stream, np.uint64(path))
        start = mission * uniform(dice) if excursion else mission
        state, signature = _naive(start, offsets, targets, causes, exits, plain, dice)
        weight = 1.0 if state == _LOSS else 0.0
        if excursion:
            if state != 0:
                continue
            weight, signature = _excursion(
                start, mission, offsets, targets, causes, exits, biased, ratios, dice
            )
        add(weight, signature, sums, keys, weights)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ChainPaths:
    """One way to walk a chain; its chunks can be walked by any worker in any order."""

    name: str
    chain: Chain
    bias: Bias
    mission: float  #: years
    excursion: bool = True  #: False: naive paths from time 0; the bias must then be natural
    stream: int  #: 0–2**32 - 1; different streams of one seed are independent

    def walk(self, first: int, count: int, seed: int) -> Tally:
        """Return the tally of the paths first..first + count - 1.

        Args:
          seed: 0–2**64 - 1.
        """
        scratch = Scratch()
        _walk(
            first, count, np.uint64(seed), np.uint64(self.stream), self.mission, self.excursion,
            *arrays(self.chain), natural(self.chain).cumulative,
            self.bias.cumulative, self.bias.ratios, np.zeros(DICE, dtype=np.uint64),
            scratch.sums, scratch.keys, scratch.weights,
        )  # fmt: skip
        return scratch.tally(count)
