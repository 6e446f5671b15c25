"""What a chunk of paths leaves behind: sums of weights, and by which failures the losses came.

A loss's signature counts its failures by cause, a byte for each cause; sums of weights by signature
say which causes dominate, and how the result changes with the rates.
What does not belong here: walking paths (chain_paths.py, clock_paths.py), judging (answer.py).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.durability.estimate.compiled import kernel

#: Distinct signatures of one chunk; what is beyond is summed under OTHER.
SIGNATURES: Final = 512
#: At most this many causes have a byte of their own.
CAUSES: Final = 8
#: The signature of losses whose own found no place; no count of failures looks like it.
OTHER: Final = 2**64 - 1

_EMPTY: Final = np.uint64(0)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(55)
_MASK: Final = np.uint64(SIGNATURES - 1)
_1: Final = np.uint64(1)
_8: Final = np.uint64(8)


@kernel
def add(weight: Any, signature: Any, sums: Any, keys: Any, weights: Any) -> None:
    """Count one path: ``sums`` are of weights and their squares, the largest, and the losses."""
    if weight <= 0.0:
        return
    sums[0] += weight
    sums[1] += weight * weight
    sums[2] = max(sums[2], weight)
    sums[3] += 1.0
    place = (signature * _MIX) >> _SHIFT
    for _ in range(16):
        if keys[place] == signature or keys[place] == _EMPTY:
            keys[place] = signature
            weights[place] += weight
            return
        place = (place + _1) & _MASK
    weights[SIGNATURES] += weight


@kernel
def one_more(cause: Any) -> Any:
    """Return what one failure of that cause adds to a signature; the last byte has the rest."""
    return _1 << (_8 * np.uint64(min(cause, CAUSES - 1)))


class Scratch:
    """The arrays into which a kernel counts one chunk."""

    def __init__(self) -> None:
        self.sums = np.zeros(4)
        self.keys = np.zeros(SIGNATURES, dtype=np.uint64)
        self.weights = np.zeros(SIGNATURES + 1)

    def tally(self, paths: int) -> "Tally":
        """Return what was counted."""
        total, squares, largest, losses = (float(value) for value in self.sums)
        found = {
            int(key): float(weight)
            for key, weight in zip(self.keys, self.weights[:-1], strict=True)
            if weight > 0
        }
        if self.weights[-1] > 0:
            found[OTHER] = float(self.weights[-1])
        return Tally(
            paths=paths,
            total=total,
            squares=squares,
            largest=largest,
            losses=int(losses),
            signatures=tuple(sorted(found.items())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Sums over paths; equal paths in equal chunks give equal bits, whoever walked them."""

    paths: int
    total: float  #: of all weights
    squares: float  #: of all squared weights
    largest: float  #: weight of one path
    losses: int  #: paths that ended in a loss
    signatures: tuple[tuple[int, float], ...]  #: signature, sum of its weights; by signature

    @property
    def mean(self) -> float:
        """The estimate."""
        return self.total / self.paths

    @property
    def standard_error(self) -> float:
        """Of the mean; 0 for fewer than two paths."""
        if self.paths < 2:
            return 0.0
        # The weights differ so much that nothing cancels here: one that is shared by all
        # paths leaves a variance of rounding errors, which may fall below zero.
        spread = self.squares - self.total * self.total / self.paths
        return math.sqrt(max(spread, 0.0) / (self.paths - 1) / self.paths)

    @property
    def largest_share(self) -> float:
        """How much of the sum one path holds; 0 without losses."""
        return self.largest / self.total if self.total > 0 else 0.0

    def failures(self, causes: int) -> tuple[tuple[tuple[int, ...], float], ...]:
        """Return (failures by cause, share of the sum) by falling share; OTHER is left out."""
        rows = [
            (tuple(key >> 8 * cause & 0xFF for cause in range(causes)), weight / self.total)
            for key, weight in self.signatures
            if key != OTHER
        ]
        return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))


def merged(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of chunks, exactly rounded, so that only their order in the list counts not.

    Source: Shewchuk's algorithm, as in ``math.fsum``.
    """
    found = list(tallies)
    by_key: dict[int, list[float]] = {}
    for one in found:
        for key, weight in one.signatures:
            by_key.setdefault(key, []).append(weight)
    return Tally(
        paths=sum(one.paths for one in found),
        total=math.fsum(one.total for one in found),
        squares=math.fsum(one.squares for one in found),
        largest=max((one.largest for one in found), default=0.0),
        losses=sum(one.losses for one in found),
        signatures=tuple((key, math.fsum(by_key[key])) for key in sorted(by_key)),
    )
