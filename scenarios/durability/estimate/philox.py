"""Philox4x32-10: chance as a pure function of seed, stream, path and place.

Every path draws from a counter of its own, so its dice do not depend on which worker walks it, nor
on what other paths drew.
What does not belong here: laws of lifetimes and repairs (laws.py).
Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC'11); known
answers from the Random123 distribution.
"""

from typing import Any, Final

import numpy as np

from scenarios.durability.estimate.compiled import kernel

_MULTIPLIER_0: Final = np.uint64(0xD2511F53)
_MULTIPLIER_1: Final = np.uint64(0xCD9E8D57)
_WEYL_0: Final = np.uint64(0x9E3779B9)
_WEYL_1: Final = np.uint64(0xBB67AE85)
_WORD: Final = np.uint64(0xFFFFFFFF)
_32: Final = np.uint64(32)
_12: Final = np.uint64(12)
_0: Final = np.uint64(0)
_1: Final = np.uint64(1)
_ROUNDS: Final = 10
#: 52 bits, and half a step up: the result is never 0 and never 1.
_STEP: Final = 2.0**-52

#: Places of a path's dice: seed, stream, path, next block, the spare half block, is there one?
DICE: Final = 6


@kernel
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return the four 32-bit words of a counter (four words) under a key (two); all as uint64."""
    for _ in range(_ROUNDS):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = (product_1 >> _32) ^ c1 ^ k0
        c1 = product_1 & _WORD
        c2 = (product_0 >> _32) ^ c3 ^ k1
        c3 = product_0 & _WORD
        k0 = (k0 + _WEYL_0) & _WORD
        k1 = (k1 + _WEYL_1) & _WORD
    return c0, c1, c2, c3


@kernel
def begin(dice: Any, seed: Any, stream: Any, path: Any) -> None:
    """Set the dice (DICE places, uint64) to the first draw of a path."""
    dice[0] = seed
    dice[1] = stream
    dice[2] = path
    dice[3] = _0
    dice[5] = _0


@kernel
def uniform(dice: Any) -> Any:
    """Return the next number of the path, strictly between 0 and 1."""
    if dice[5]:
        dice[5] = _0
        bits = dice[4]
    else:
        path, seed = dice[2], dice[0]
        words = philox(path & _WORD, path >> _32, dice[3], dice[1], seed & _WORD, seed >> _32)
        dice[3] += _1
        bits = (words[0] << _32) | words[1]
        dice[4] = (words[2] << _32) | words[3]
        dice[5] = _1
    return (np.float64(bits >> _12) + 0.5) * _STEP


@kernel
def exponential(dice: Any, rate: Any) -> Any:
    """Return an exponential time of that rate; infinite for the rate 0."""
    return -np.log(uniform(dice)) / rate
