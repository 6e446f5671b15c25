"""Copies in AZs in regions, as arrays, each failure and each repair with a law of its own.

A *slot* is a thing that can be broken: copies first, then AZs, then regions. A *source* is one way
for a slot to fail: the disks of the copies, latent errors in them, AZs, regions, in this order.
What does not belong here: walking (clock_paths.py), the Markov chain that is nearest (nearest.py).
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from scenarios.durability.estimate.laws import (
    HEAVY,
    LIFETIMES,
    Law,
    deterministic,
    law_table,
    never,
)

DISK, LATENT, AZ, REGION = range(4)
#: The causes of losses, by their number.
CAUSES: Final = ("disk", "latent error", "AZ destroyed", "region destroyed")

GOOD, FLAWED, LOST = range(3)


class Fate(NamedTuple):
    """One way to fail: when it comes, and how long it takes to mend."""

    life: Law
    mend: Law


#: What does not fail.
SAFE: Final = Fate(never(), never())
#: No time at all.
AT_ONCE: Final = deterministic(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """A system of copies whose clocks all run by laws of their own."""

    regions: tuple[tuple[int, ...], ...]  #: copies in each AZ of each region
    need: int = 1  #: good copies without which the key is lost
    disk: Fate  #: mended by copying from another copy
    noticed: Law = AT_ONCE  #: how long a failed disk goes unnoticed, before its repair begins
    latent: Fate = SAFE  #: mended when a scrub finds it
    az: Fate = SAFE
    region: Fate = SAFE
    found_is_lost: bool = True  #: a flawed copy that was found is copied again (disk.mend)
    flawed_can_fail: bool = True  #: the disk of a flawed copy fails as that of a good one
    rebuilt_empty: bool = True  #: copies of a rebuilt AZ or region are copied again (disk.mend)
    flaws_lose: bool = True  #: False: latent errors alone lose nothing until a disk fails

    @property
    def copies(self) -> int:
        """How many copies there are."""
        return sum(map(sum, self.regions))

    @property
    def heavy_tailed(self) -> tuple[str, ...]:
        """What takes to mend by a law whose standard deviation exceeds its mean."""
        mends = [(name, fate.mend) for name, fate in zip(CAUSES, self.fates, strict=True)]
        return tuple(
            name for name, law in [*mends, ("noticing", self.noticed)] if law.spread > HEAVY
        )

    @property
    def fates(self) -> tuple[Fate, Fate, Fate, Fate]:
        """By cause."""
        return self.disk, self.latent, self.az, self.region


class ClockError(ValueError):
    """A system that cannot be walked; one line."""


# Bits of the rules.
FOUND_IS_LOST, FLAWED_CAN_FAIL, REBUILT_EMPTY, FLAWS_LOSE = 1, 2, 4, 8


class Layout(NamedTuple):
    """A system as kernels take it; few arrays, as each costs at every call."""

    shape: tuple[int, int, int, int, int]  #: copies, AZs, regions, need, rules (bits)
    cause: Any  #: int64 by source
    parent: Any  #: int64 by slot: the slot of its AZ or region, -1 for a region
    laws: Any  #: rows: lifetimes by cause, then repairs by cause, then noticed
    looked_up: Any


def layout(clocks: Clocks) -> Layout:
    """Return the arrays of a system.

    Raises:
      ClockError: a lifetime's law has no hazard, or there are too few copies.
    """
    for cause, fate in zip(CAUSES, clocks.fates, strict=True):
        if fate.life.kind not in LIFETIMES:
            raise ClockError(f"law of {cause!r}: expected one with a hazard at every age")
    if not 1 <= clocks.need <= clocks.copies:
        raise ClockError(f"need of {clocks.need}: expected 1–{clocks.copies} copies")
    sizes = [size for azs in clocks.regions for size in azs]
    copies, azs, regions = clocks.copies, len(sizes), len(clocks.regions)
    parent = np.concatenate(
        (
            copies + np.repeat(np.arange(azs), sizes),
            copies + azs + np.repeat(np.arange(regions), [len(own) for own in clocks.regions]),
            np.full(regions, -1),
        )
    )
    fates = clocks.fates
    laws = law_table([*(f.life for f in fates), *(f.mend for f in fates), clocks.noticed])
    rules = (
        FOUND_IS_LOST * clocks.found_is_lost
        + FLAWED_CAN_FAIL * clocks.flawed_can_fail
        + REBUILT_EMPTY * clocks.rebuilt_empty
        + FLAWS_LOSE * clocks.flaws_lose
    )
    return Layout(
        shape=(copies, azs, regions, clocks.need, rules),
        cause=np.repeat(np.arange(4), (copies, copies, azs, regions)),
        parent=parent.astype(np.int64),
        laws=laws.rows,
        looked_up=laws.looked_up,
    )
