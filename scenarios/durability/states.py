"""States of a key's copies, as nested tuples of small integers, sorted so that equals are equal.

===========  ==================================================================================
``Zone``     one AZ: its status, then the codes of its copies in order; a destroyed AZ has its
             status alone: ``(LIT, 0, 0)``, ``(GONE,)``
``Region``   its zones in order; a destroyed region is the single zone ``(REGION_GONE,)``
``State``    its regions in order
===========  ==================================================================================

A copy's code is its kind times PHASES plus the phase of the law it is waiting in; a status from
GONE on, and from REGION_GONE on, counts the phases of rebuilding likewise. Sorting lumps states
that differ only in which disk, AZ or region it is: all are alike, so the lumped chain is exact.
What does not belong here: rates (causes/), and the search through all states (chain.py).
Source: Kemeny and Snell, "Finite Markov Chains" (1960), section 6.3 (lumpability).
"""

from collections import Counter
from typing import Final

from scenarios.durability.model import Model

Zone = tuple[int, ...]
Region = tuple[Zone, ...]
State = tuple[Region, ...]

#: How many phases one law may have.
PHASES: Final = 32

#: Kinds of copies, each from its first phase on.
GOOD: Final = 0 * PHASES
LATENT: Final = 1 * PHASES
UNSEEN: Final = 2 * PHASES  #: failed, and nobody has noticed
MISSING: Final = 3 * PHASES  #: being copied again
AWAITED: Final = 4 * PHASES  #: of a new key, on its way here for the first time
HOLLOW: Final = 5 * PHASES  #: ready to be written again, from any copy that has power
#: With an error on its disk that a running process does not feel; this side of LATENT: it is good.
SHADOWED: Final = -1 * PHASES

#: Statuses of an AZ.
LIT: Final = 0
DARK: Final = 1  #: without power; its disks keep what they have
DARK_LONG: Final = 2  #: for so long that its copies are under forgotten domain keys
GONE: Final = 3
REGION_GONE: Final = GONE + PHASES

_KIND_NAMES: Final = {
    LATENT: "latent error",
    UNSEEN: "copy failed unnoticed",
    MISSING: "copy missing",
    AWAITED: "copy not yet there",
    HOLLOW: "copy unread",
    SHADOWED: "latent error",
}
_STATUS_NAMES: Final = {DARK: "AZ dark", DARK_LONG: "AZ dark for long", GONE: "AZ destroyed"}


def kind(code: int) -> int:
    """Return the kind of a copy's code: GOOD, LATENT, UNSEEN and so on."""
    return code - code % PHASES


def is_gone(region: Region) -> bool:
    """Return whether the whole region is destroyed."""
    return region[0][0] >= REGION_GONE


def good_of(region: Region) -> int:
    """Return how many copies of a region can be read, now or when its AZs are back."""
    return sum(code < LATENT for zone in region for code in zone[1:])


def good(state: State) -> int:
    """Return how many copies can be read, now or when their AZs are back."""
    return sum(good_of(region) for region in state)


def settled(state: State) -> State:
    """Return the state once every hollow copy was written that can be.

    It is written at once, in an AZ with power, from any copy that can be read and has power.
    """
    zones = [zone for region in state for zone in region]
    if not any(code >= HOLLOW for zone in zones for code in zone[1:]):
        return state
    if not any(zone[0] == LIT and any(code < LATENT for code in zone[1:]) for zone in zones):
        return state
    return tuple(sorted(tuple(sorted(_written(zone) for zone in region)) for region in state))


def _written(zone: Zone) -> Zone:
    if zone[0] != LIT:
        return zone
    return zone_of(LIT, [GOOD + code - HOLLOW if code >= HOLLOW else code for code in zone[1:]])


def zone_of(status: int, codes: list[int] | tuple[int, ...]) -> Zone:
    """Return an AZ with its copies in order."""
    return (status, *sorted(codes))


def swap(zone: Zone, place: int, code: int) -> Zone:
    """Return the AZ with another code for the copy at that place (from 1)."""
    return (zone[0], *sorted((*zone[1:place], code, *zone[place + 1 :])))


def with_zone(region: Region, place: int, zone: Zone) -> Region:
    """Return the region with another AZ at that place."""
    return tuple(sorted((*region[:place], zone, *region[place + 1 :])))


def with_region(state: State, place: int, region: Region) -> State:
    """Return the state with another region at that place."""
    return tuple(sorted((*state[:place], region, *state[place + 1 :])))


def full_region(model: Model, code: int = GOOD) -> Region:
    """Return a region all of whose copies have that code."""
    return ((LIT, *[code] * model.layout.copies),) * model.layout.azs


def all_good(model: Model) -> State:
    """Return the state in which nothing is wrong."""
    return (full_region(model),) * model.layout.regions


def start(model: Model) -> State:
    """Return the state of a key when the mission begins."""
    if model.write is None:
        return all_good(model)
    copies, azs = model.layout.copies, model.layout.azs
    there = ((LIT, *[GOOD] * copies),) * model.write.azs
    coming = ((LIT, *[AWAITED] * copies),) * (azs - model.write.azs)
    first = tuple(sorted((*there, *coming)))
    others = (full_region(model, AWAITED),) * (model.layout.regions - 1)
    return tuple(sorted((first, *others)))


def describe(state: State) -> str:
    """Return what is wrong in a state, for people: ``2 copies missing, AZ destroyed``."""
    wrong: Counter[str] = Counter()
    for region in state:
        if is_gone(region):
            wrong["region destroyed"] += 1
            continue
        for zone in region:
            if zone[0] != LIT:
                wrong[_STATUS_NAMES[min(zone[0], GONE)]] += 1
            wrong.update(_KIND_NAMES[kind(code)] for code in zone[1:] if kind(code) != GOOD)
    if not wrong:
        return "all is well"
    return " + ".join(f"{n} x {name}" if n > 1 else name for name, n in sorted(wrong.items()))
