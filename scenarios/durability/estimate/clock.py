"""Copies in AZs in regions, as arrays, each failure and each repair with a law of its own.

A *slot* is a thing that can be broken: copies first, then AZs, then regions. A *source* is one way
for things to fail: the disks of the copies, latent errors in them, AZs, regions, AZs and regions in
the dark, then shocks, in this order; its *kind* is its place among these.
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

DISK, LATENT, AZ, REGION, DARK, REGION_DARK, SHOCK = range(7)
#: The causes of losses, by their kind; shocks follow, each a kind of its own.
CAUSES: Final = (
    "disk",
    "latent error",
    "AZ destroyed",
    "region destroyed",
    "AZ dark",
    "region dark",
)

#: What a copy is: as it should be; with an error that nobody knows; being copied again; failed, and
#: nobody has noticed; ready to be written, without a source; with an error that a running process
#: does not feel; destroyed with its AZ or region.
GOOD, FLAWED, LOST, UNSEEN, HOLLOW, SHADOWED, GONE = range(7)
#: What an AZ is, beside 0; a region is 0 or DESTROYED.
DESTROYED, UNLIT, UNLIT_LONG = 1, 2, 3
#: What a shock strikes within its scope.
COPIES, AZS, REGIONS = range(3)


class Fate(NamedTuple):
    """One way to fail: when it comes, and how long it takes to mend."""

    life: Law
    mend: Law


#: What does not fail.
SAFE: Final = Fate(never(), never())
#: No time at all.
AT_ONCE: Final = deterministic(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Darkness:
    """How AZs lose their power, and their HSMs the region's domain keys."""

    az: Law  #: until one AZ does
    region: Law  #: until all AZs of a region do
    short: Law  #: how long a darkness is that old domain keys outlast
    long_share: float = 0.0  #: probability that they do not
    ring: float = 0.0  #: years for which they are kept
    rest: Law = AT_ONCE  #: what then is left of the darkness
    safe: float = 0.0  #: probability that a safe brings the keys of a region back


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A shock: what it strikes is destroyed, each thing with one probability."""

    name: str
    life: Law
    level: int  #: COPIES, AZS or REGIONS
    scope: int | None  #: in each of the AZS or REGIONS; None: in all at once
    kills: float


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
    darkness: Darkness | None = None
    shocks: tuple[Strike, ...] = ()
    restores: tuple[float, ...] = ()  #: by kind: probability that a backup makes a loss good
    repairers: int = 0  #: copies of a region that are made at full speed at a time; 0: any number
    memory: bool = False  #: a copy with a latent error is good until its AZ is dark
    fatal: bool = True  #: latent errors may strike the last copy that is needed
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
        mends = [(name, fate.mend) for name, fate in zip(CAUSES, self.fates, strict=False)]
        mends.append(("noticing", self.noticed))
        if self.darkness is not None:
            mends.append(("darkness", self.darkness.short))
        return tuple(name for name, law in mends if law.spread > HEAVY)

    @property
    def plain(self) -> bool:
        """Whether there are only disks, latent errors, AZs and regions, each as it was built."""
        more = self.darkness or self.shocks or any(self.restores) or self.repairers or self.memory
        return self.fatal and not more

    @property
    def fates(self) -> tuple[Fate, Fate, Fate, Fate]:
        """Of disks, latent errors, AZs and regions."""
        return self.disk, self.latent, self.az, self.region

    @property
    def lives(self) -> tuple[Law, ...]:
        """When what fails, by kind."""
        dark = (never(), never())
        if self.darkness is not None:
            dark = self.darkness.az, self.darkness.region
        return (*(fate.life for fate in self.fates), *dark, *(one.life for one in self.shocks))

    @property
    def causes(self) -> tuple[str, ...]:
        """Names by kind."""
        return (*CAUSES, *(one.name for one in self.shocks))


class ClockError(ValueError):
    """A system that cannot be walked; one line."""


# Bits of the rules.
FOUND_IS_LOST, FLAWED_CAN_FAIL, REBUILT_EMPTY, FLAWS_LOSE = 1, 2, 4, 8
MEMORY, FATAL, NOTICED, DARKENS = 16, 32, 64, 128

#: Rows of Layout.sources.
KIND, SLOT = 0, 1
#: Columns of Layout.odds: by kind, a backup's chance and how likely a shock strikes which level.
RESTORES, KILLS, LEVEL = 0, 1, 2
#: Columns of its last row: the chance that a safe opens, that darkness is long, and the ring.
OPENS, LONG, RING = 0, 1, 2
#: Laws of mending, after those of lifetimes: the four fates', then these.
NOTICE, SHORT, REST = 4, 5, 6


class Layout(NamedTuple):
    """A system as kernels take it; few arrays, as each costs at every call."""

    #: Copies, AZs, regions, need, rules (bits), kinds, repairers.
    shape: tuple[int, int, int, int, int, int, int]
    sources: Any  #: int64, by source: KIND, and SLOT: what it strikes, or -1 for everything
    parent: Any  #: int64 by slot: the slot of its AZ or region, -1 for a region
    odds: Any  #: rows by kind, and one more
    laws: Any  #: rows: lifetimes by kind, then repairs
    looked_up: Any


def layout(clocks: Clocks) -> Layout:
    """Return the arrays of a system.

    Raises:
      ClockError: a lifetime's law has no hazard, or there are too few copies.
    """
    for cause, life in zip(clocks.causes, clocks.lives, strict=True):
        if life.kind not in LIFETIMES:
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
    dark = clocks.darkness
    laws = law_table(
        [
            *clocks.lives,
            *(fate.mend for fate in clocks.fates),
            clocks.noticed,
            AT_ONCE if dark is None else dark.short,
            AT_ONCE if dark is None else dark.rest,
        ]
    )
    rules = (
        FOUND_IS_LOST * clocks.found_is_lost
        + FLAWED_CAN_FAIL * clocks.flawed_can_fail
        + REBUILT_EMPTY * clocks.rebuilt_empty
        + FLAWS_LOSE * clocks.flaws_lose
        + MEMORY * clocks.memory
        + FATAL * clocks.fatal
        + NOTICED * (clocks.noticed != AT_ONCE)
        + DARKENS * (dark is not None)
    )
    kinds = len(clocks.lives)
    return Layout(
        shape=(copies, azs, regions, clocks.need, rules, kinds, clocks.repairers),
        sources=np.array(_sources(clocks, copies, azs, regions), dtype=np.int64).T.copy(),
        parent=parent.astype(np.int64),
        odds=_odds(clocks, kinds),
        laws=laws.rows,
        looked_up=laws.looked_up,
    )


def _sources(clocks: Clocks, copies: int, azs: int, regions: int) -> list[tuple[int, int]]:
    """Return (kind, slot) of each source; those of one kind stand together."""
    of_az = list(range(copies, copies + azs))
    of_region = list(range(copies + azs, copies + azs + regions))
    found = [(kind, copy) for kind in (DISK, LATENT) for copy in range(copies)]
    found += [(AZ, slot) for slot in of_az] + [(REGION, slot) for slot in of_region]
    if clocks.darkness is not None:
        found += [(DARK, slot) for slot in of_az] + [(REGION_DARK, slot) for slot in of_region]
    for kind, shock in enumerate(clocks.shocks, start=SHOCK):
        scopes = {None: [-1], AZS: of_az, REGIONS: of_region}[shock.scope]
        found += [(kind, slot) for slot in scopes]
    return found


def _odds(clocks: Clocks, kinds: int) -> Any:
    odds = np.zeros((kinds + 1, 3))
    odds[: len(clocks.restores), RESTORES] = clocks.restores
    for kind, shock in enumerate(clocks.shocks, start=SHOCK):
        odds[kind, KILLS], odds[kind, LEVEL] = shock.kills, shock.level
    if clocks.darkness is not None:
        dark = clocks.darkness
        odds[kinds] = dark.safe, dark.long_share, dark.ring
    return odds
