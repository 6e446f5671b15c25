"""What is broken in a system of copies at one moment, and which clocks that starts and stops.

Kernels take the arrays of clock.Layout and of a State one by one: fields of tuples would be counted
references to, at each use, which took two thirds of the time.
What does not belong here: what failures and repairs break and mend (blows.py), and when they come
(walk.py).
"""

from typing import Any, Final, NamedTuple

import numpy as np

from scenarios.durability.estimate.clock import (
    AZ,
    DARK,
    DARKENS,
    DESTROYED,
    DISK,
    FATAL,
    FLAWED,
    FLAWED_CAN_FAIL,
    FLAWS_LOSE,
    GONE,
    GOOD,
    HOLLOW,
    KIND,
    LATENT,
    LOST,
    MEMORY,
    NOTICE,
    REGION,
    REGION_DARK,
    REST,
    RING,
    SHADOWED,
    SHORT,
    SLOT,
    UNLIT_LONG,
    UNSEEN,
    Layout,
)
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.laws import draw
from scenarios.durability.estimate.philox import DICE

#: Rows of State.times: when a source's present lifetime began; when its repair ends; and of repairs
#: whose speed changes, how much is left, as of the last change, and how fast it goes.
BORN, DUE, LEFT, SPEED = range(4)
#: Rows of State.held: what was broken before a blow; what may be; what is looked up.
BEFORE, TRIAL, LOOK = range(3)

_30: Final = np.uint64(30)
_27: Final = np.uint64(27)
_31: Final = np.uint64(31)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_WEYL: Final = np.uint64(0x9E3779B97F4A7C15)


class State(NamedTuple):
    """One moment; years count from the start of the mission."""

    broken: Any  #: int64 by slot: what it is
    times: Any  #: rows by source: BORN, DUE (infinite if nothing is under way), LEFT, SPEED
    held: Any  #: rows by slot, as ``broken``
    dice: Any  #: of the path
    order: Any  #: int64: slots that a shock may strike, in its order


def new_state(system: Layout) -> State:
    """Return a state in which nothing is set yet; ``clear`` makes it all good."""
    return State(
        broken=np.zeros(len(system.parent), dtype=np.int64),
        times=np.zeros((4, system.sources.shape[1])),
        held=np.zeros((3, len(system.parent)), dtype=np.int64),
        dice=np.zeros(DICE, dtype=np.uint64),
        order=np.zeros(len(system.parent), dtype=np.int64),
    )


@kernel
def clear(broken: Any, times: Any, now: Any) -> None:
    """Make everything good and new."""
    for slot in range(len(broken)):
        broken[slot] = GOOD
    for source in range(times.shape[1]):
        times[BORN, source] = now
        times[DUE, source] = np.inf


@kernel
def stands(parent: Any, broken: Any, slot: Any) -> Any:
    """Say whether neither an AZ, a region, nor what holds them is destroyed."""
    while slot >= 0:
        if broken[slot] == DESTROYED:
            return False
        slot = parent[slot]
    return True


@kernel
def has_power(parent: Any, broken: Any, az: Any) -> Any:
    """Say whether an AZ stands and is not dark."""
    return broken[az] == GOOD and broken[parent[az]] == GOOD


@kernel
def any_power(shape: Any, parent: Any, broken: Any, region: Any) -> Any:
    """Say whether any AZ of a region has power."""
    for az in range(shape[0], shape[0] + shape[1]):
        if parent[az] == region and has_power(parent, broken, az):
            return True
    return False


@kernel
def readable(shape: Any, broken: Any) -> Any:
    """Return how many copies can be read, now or when their AZs are back."""
    found = 0
    for copy in range(shape[0]):
        if broken[copy] in (GOOD, SHADOWED):
            found += 1
    return found


@kernel
def can_fail(shape: Any, sources: Any, parent: Any, broken: Any, source: Any) -> Any:
    """Say whether what a source strikes is up."""
    kind, slot = sources[KIND, source], sources[SLOT, source]
    if slot < 0:
        return True
    if kind == DISK:
        hurt = broken[slot] in (FLAWED, HOLLOW, SHADOWED)
        return broken[slot] == GOOD or (hurt and shape[4] & FLAWED_CAN_FAIL != 0)
    if kind == LATENT:
        return broken[slot] == GOOD and not _spared(shape, parent, broken, slot)
    if kind == DARK and broken[slot] != GOOD:
        return False
    up = stands(parent, broken, slot)
    return up and (kind != REGION_DARK or any_power(shape, parent, broken, slot))


@kernel
def _spared(shape: Any, parent: Any, broken: Any, copy: Any) -> Any:
    """Say whether a latent error may not strike a copy, as it would be fatal."""
    if shape[4] & FATAL != 0 or readable(shape, broken) > shape[3]:
        return False
    return shape[4] & MEMORY == 0 or not has_power(parent, broken, parent[copy])


@kernel
def is_loss(shape: Any, broken: Any, kind: Any) -> Any:
    """Say whether a failure of that kind, which has just happened, loses the key."""
    if kind == LATENT and shape[4] & FLAWS_LOSE == 0:
        return False
    return readable(shape, broken) < shape[3]


@kernel
def all_good(broken: Any) -> Any:
    """Say whether nothing is broken."""
    for slot in range(len(broken)):  # noqa: SIM110 - kernels have no generators
        if broken[slot] != GOOD:
            return False
    return True


@kernel
def settle(shape: Any, parent: Any, broken: Any) -> None:
    """Write every hollow copy that has power, if any copy that can be read has power."""
    if shape[4] & DARKENS == 0:
        return
    source, hollow = False, False
    for copy in range(shape[0]):
        code = broken[copy]
        hollow = hollow or code == HOLLOW
        if code in (GOOD, SHADOWED) and has_power(parent, broken, parent[copy]):
            source = True
    if not (source and hollow):
        return
    for copy in range(shape[0]):
        if broken[copy] == HOLLOW and has_power(parent, broken, parent[copy]):
            broken[copy] = GOOD


@kernel
def retimed(shape: Any, parent: Any, odds: Any, laws: Any, looked_up: Any,
            broken: Any, times: Any, held: Any, dice: Any, now: Any) -> None:  # fmt: skip
    """Start and stop the clocks of everything that is not what it was in BEFORE."""
    copies, azs, regions, kinds = shape[0], shape[1], shape[2], shape[5]
    for region in range(copies + azs, copies + azs + regions):
        if broken[region] == held[BEFORE, region]:
            continue
        times[DUE, copies + region] = np.inf
        times[BORN, copies + region] = now
        if broken[region] == DESTROYED:
            mending = draw(laws, kinds + REGION, looked_up, dice)
            times[DUE, copies + region] = now + mending
        for az in range(copies, copies + azs):
            if parent[az] == region:
                times[BORN, copies + az] = now
    _azs_retimed(shape, odds, laws, looked_up, broken, times, held, dice, now)
    _copies_retimed(shape, laws, looked_up, broken, times, held, dice, now)
    if shape[4] & DARKENS != 0 or shape[6] > 0:
        _paced(shape, parent, broken, times, now)


@kernel
def _azs_retimed(shape: Any, odds: Any, laws: Any, looked_up: Any, broken: Any, times: Any,
                 held: Any, dice: Any, now: Any) -> None:  # fmt: skip
    copies, azs, regions, kinds = shape[0], shape[1], shape[2], shape[5]
    for az in range(copies, copies + azs):
        if broken[az] == held[BEFORE, az]:
            continue
        if held[BEFORE, az] == DESTROYED:
            times[BORN, copies + az] = now
        times[DUE, copies + az] = np.inf
        dark = copies + azs + regions + az
        if shape[4] & DARKENS != 0:
            times[DUE, dark] = np.inf
        if broken[az] == DESTROYED:
            times[DUE, copies + az] = now + draw(laws, kinds + AZ, looked_up, dice)
        elif broken[az] == UNLIT_LONG:
            times[DUE, dark] = now + odds[kinds, RING] + draw(laws, kinds + REST, looked_up, dice)
        elif broken[az] != GOOD:
            times[DUE, dark] = now + draw(laws, kinds + SHORT, looked_up, dice)


@kernel
def _copies_retimed(shape: Any, laws: Any, looked_up: Any, broken: Any, times: Any, held: Any,
                    dice: Any, now: Any) -> None:  # fmt: skip
    copies, kinds = shape[0], shape[5]
    paced = shape[4] & DARKENS != 0 or shape[6] > 0
    for copy in range(copies):
        before, code = held[BEFORE, copy], broken[copy]
        if before == code:
            continue
        times[DUE, copy] = np.inf
        times[DUE, copies + copy] = np.inf
        source, law = copy, -1
        if code == UNSEEN:
            law = NOTICE
        elif code == LOST:
            law = DISK
        elif code in (FLAWED, SHADOWED):
            source, law = copies + copy, LATENT
        if law >= 0:
            takes = draw(laws, kinds + law, looked_up, dice)
            if paced:
                times[LEFT, source] = takes
                times[SPEED, source] = 0.0
            else:
                times[DUE, source] = now + takes
        if code == GOOD:
            times[BORN, copies + copy] = now
        if code in (GOOD, HOLLOW) and before in (LOST, UNSEEN, GONE):
            times[BORN, copy] = now


@kernel
def _paced(shape: Any, parent: Any, broken: Any, times: Any, now: Any) -> None:
    """Set how fast repairs go: not at all in the dark, and shared among too many."""
    copies, azs, regions, repairers = shape[0], shape[1], shape[2], shape[6]
    for region in range(copies + azs, copies + azs + regions):
        waiting = 0
        for copy in range(copies):
            az = parent[copy]
            if parent[az] == region and broken[copy] == LOST and has_power(parent, broken, az):
                waiting += 1
        share = min(1.0, repairers / waiting) if repairers > 0 and waiting > 0 else 1.0
        for copy in range(copies):
            az, code = parent[copy], broken[copy]
            if parent[az] != region or code in (GOOD, HOLLOW, GONE):
                continue
            source = copy if code in (LOST, UNSEEN) else copies + copy
            speed = share if code == LOST else 1.0
            if not has_power(parent, broken, az):
                speed = 0.0
            before = times[SPEED, source]
            if speed == before:
                continue
            if before > 0.0:
                times[LEFT, source] = (times[DUE, source] - now) * before
            times[SPEED, source] = speed
            times[DUE, source] = now + times[LEFT, source] / speed if speed > 0.0 else np.inf


@kernel
def _mixed(word: Any) -> Any:
    """Return a 64-bit word that depends on all bits of another (the finalizer of SplitMix64)."""
    word = (word ^ (word >> _30)) * _MIX_1
    word = (word ^ (word >> _27)) * _MIX_2
    return word ^ (word >> _31)


@kernel
def key_of(shape: Any, parent: Any, broken: Any) -> Any:
    """Return a number that all states share which differ by names only.

    AZs are mixed and summed, then regions: a sum does not tell who stands first. That two states
    with different meanings do not share one is checked where tables are made (nearest.py).
    """
    copies, azs = shape[0], shape[1]
    copy, key = 0, np.uint64(0)
    home = copies
    while home < copies + azs:
        above, sums = parent[home], np.uint64(0)
        while home < copies + azs and parent[home] == above:
            # One digit each: its state, its size, and how many copies are what.
            gone = broken[above] == DESTROYED
            code = np.uint64(4 if gone else broken[home])
            whole = not gone and broken[home] != DESTROYED
            while copy < copies and parent[copy] == home:
                digit = np.uint64(5)
                if whole:
                    for _ in range(broken[copy]):
                        digit *= np.uint64(copies + 1)
                code += digit
                copy += 1
            sums += _mixed(code * _WEYL)
            home += 1
        key += _mixed(sums)
    return key
