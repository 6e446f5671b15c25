"""What is broken in a system of copies at one moment, and how failures and repairs change it.

Kernels take the arrays of clock.Layout and of a State one by one: fields of tuples would be counted
references to, at each use, which took two thirds of the time.
What does not belong here: when things happen (clock_paths.py).
"""

from typing import Any, Final, NamedTuple

import numpy as np

from scenarios.durability.estimate.clock import (
    AZ,
    DISK,
    FLAWED,
    FLAWED_CAN_FAIL,
    FLAWS_LOSE,
    FOUND_IS_LOST,
    GOOD,
    LATENT,
    LOST,
    REBUILT_EMPTY,
    Layout,
)
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.laws import draw
from scenarios.durability.estimate.philox import DICE

#: Rows of State.times: when a source's present lifetime began, and when its repair ends.
BORN: Final = 0
DUE: Final = 1

#: Where the laws of repairs begin.
MEND: Final = 4
#: Where the law of noticing is.
NOTICE: Final = 8

_30: Final = np.uint64(30)
_27: Final = np.uint64(27)
_31: Final = np.uint64(31)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_WEYL: Final = np.uint64(0x9E3779B97F4A7C15)


class State(NamedTuple):
    """One moment; years count from the start of the mission."""

    broken: Any  #: int64 by slot: GOOD, FLAWED or LOST; an AZ or region is 0 or 1
    times: Any  #: two rows by source: BORN, and DUE, which is infinite if nothing is under way
    dice: Any  #: of the path


def new_state(system: Layout) -> State:
    """Return a state in which nothing is set yet; ``clear`` makes it all good."""
    return State(
        broken=np.zeros(len(system.parent), dtype=np.int64),
        times=np.zeros((2, len(system.cause))),
        dice=np.zeros(DICE, dtype=np.uint64),
    )


@kernel
def clear(broken: Any, times: Any) -> None:
    """Make everything good and new."""
    for slot in range(len(broken)):
        broken[slot] = GOOD
    for source in range(times.shape[1]):
        times[BORN, source] = 0.0
        times[DUE, source] = np.inf


@kernel
def slot_of(shape: Any, source: Any) -> Any:
    """Return what a source strikes."""
    return source if source < shape[0] else source - shape[0]


@kernel
def is_there(parent: Any, broken: Any, slot: Any) -> Any:
    """Say whether nothing that holds a slot is destroyed."""
    above = parent[slot]
    while above >= 0:
        if broken[above] != GOOD:
            return False
        above = parent[above]
    return True


@kernel
def can_fail(shape: Any, cause: Any, parent: Any, broken: Any, source: Any) -> Any:
    """Say whether what a source strikes is up."""
    slot = slot_of(shape, source)
    if broken[slot] != GOOD:
        flawed = cause[source] == DISK and broken[slot] == FLAWED
        if not flawed or shape[4] & FLAWED_CAN_FAIL == 0:
            return False
    return is_there(parent, broken, slot)


@kernel
def is_loss(shape: Any, parent: Any, broken: Any, kind: Any) -> Any:
    """Say whether a failure of that cause, which has just happened, loses the key."""
    if kind == LATENT and shape[4] & FLAWS_LOSE == 0:
        return False
    good = 0
    for copy in range(shape[0]):
        if broken[copy] == GOOD and is_there(parent, broken, copy):
            good += 1
    return good < shape[3]


@kernel
def broken_by(kind: Any) -> Any:
    """Return what a slot is when a source of that cause has struck it."""
    return LOST if kind == DISK else FLAWED  # of an AZ or region: 1


@kernel
def fail(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any,
         broken: Any, times: Any, dice: Any, source: Any, now: Any) -> None:  # fmt: skip
    """Let a source fail: what it held is lost, and its repair begins."""
    kind, slot, copies = cause[source], slot_of(shape, source), shape[0]
    broken[slot] = broken_by(kind)
    times[DUE, source] = now + draw(laws, MEND + kind, looked_up, dice)
    if kind == DISK:
        times[DUE, source] += draw(laws, NOTICE, looked_up, dice)
        times[DUE, copies + slot] = np.inf
    if kind < AZ:
        return
    for copy in range(copies):
        home = parent[copy]
        if home == slot or parent[home] == slot:
            broken[copy] = LOST
            times[DUE, copy] = np.inf
            times[DUE, copies + copy] = np.inf
    for home in range(copies, copies + shape[1]):
        if parent[home] == slot:
            broken[home] = GOOD
            times[DUE, copies + home] = np.inf


@kernel
def mended(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any,
           broken: Any, times: Any, dice: Any, source: Any, now: Any) -> None:  # fmt: skip
    """Let a repair end."""
    kind, slot, copies = cause[source], slot_of(shape, source), shape[0]
    times[DUE, source] = np.inf
    if kind == LATENT and shape[4] & FOUND_IS_LOST != 0:
        broken[slot] = LOST
        times[DUE, slot] = now + draw(laws, MEND + DISK, looked_up, dice)
        return
    broken[slot] = GOOD
    times[BORN, source] = now
    if kind == DISK:
        times[BORN, copies + slot] = now
    if kind < AZ:
        return
    for home in range(copies, copies + shape[1]):
        if parent[home] == slot:
            times[BORN, copies + home] = now
    for copy in range(copies):
        home = parent[copy]
        if home != slot and parent[home] != slot:
            continue
        if shape[4] & REBUILT_EMPTY != 0:
            times[DUE, copy] = now + draw(laws, MEND + DISK, looked_up, dice)
        else:
            broken[copy] = GOOD
            times[BORN, copy] = now
            times[BORN, copies + copy] = now


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
            # One digit each: its size, its state, its flawed copies, its lost ones.
            code = 3 if broken[above] != GOOD else 1 + broken[home]
            whole, digit = code == 1, 4 * (copies + 1)
            while copy < copies and parent[copy] == home:
                code += digit * (copies + 1) * (copies + 1)
                if whole and broken[copy] == FLAWED:
                    code += digit
                elif whole and broken[copy] == LOST:
                    code += digit * (copies + 1)
                copy += 1
            sums += _mixed(np.uint64(code) * _WEYL)
            home += 1
        key += _mixed(sums)
    return key


@kernel
def broken_of(kind: Any, rules: Any) -> Any:
    """Return what a copy is once its repair has ended, or its AZ's or region's."""
    if kind == DISK:
        return GOOD
    bit = FOUND_IS_LOST if kind == LATENT else REBUILT_EMPTY
    return LOST if rules & bit != 0 else GOOD
