"""What a failure breaks and a repair mends, by chance as it is or by chances that lead to a loss.

A blow may end in several ways: a shock strikes few things or many, darkness may outlast the ring of
old domain keys, and a safe may stay shut. As it is, each of them has its own chance. Where paths
are led, a chance is turned up and the weight makes up for it: the things that a shock may strike
are put in a random order, and how many of them it strikes is drawn, so that no weight is above 2
for the balanced estimator, nor above 1 / DOUBT for the one that is led by a table.
What does not belong here: clocks (clock_state.py), and when anything happens (walk.py).
"""

from typing import Any, Final

from scenarios.durability.estimate.clock import (
    AZ,
    COPIES,
    DARK,
    DARKENS,
    DESTROYED,
    DISK,
    FLAWED,
    FOUND_IS_LOST,
    GONE,
    GOOD,
    HOLLOW,
    KILLS,
    LATENT,
    LEVEL,
    LONG,
    LOST,
    MEMORY,
    NOTICED,
    OPENS,
    REBUILT_EMPTY,
    REGION,
    REGION_DARK,
    REGIONS,
    RESTORES,
    SHADOWED,
    UNLIT,
    UNLIT_LONG,
    UNSEEN,
)
from scenarios.durability.estimate.clock_state import (
    BEFORE,
    LOOK,
    TRIAL,
    all_good,
    any_power,
    has_power,
    is_loss,
    key_of,
    settle,
    stands,
)
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.laws import segment
from scenarios.durability.estimate.philox import uniform

#: How blows end: by their own chances, all ways alike, or by what they are worth.
NATURAL, ALIKE, LED = range(3)
#: A table is never trusted so far that a source or a branch gets less than this share; chosen.
DOUBT: Final = 0.02
#: Rows of scratch: of walk.py, by source; then, by how many things a shock strikes, the chance of
#: that and the chance by which it is drawn.
MEASURE, WORTH, CHANCE, PART, GUESS = range(5)
SCRATCH: Final = 5


@kernel
def _hold(held: Any, row: Any, broken: Any) -> None:
    for slot in range(len(broken)):
        held[row, slot] = broken[slot]


@kernel
def _fall_back(held: Any, row: Any, broken: Any) -> None:
    for slot in range(len(broken)):
        broken[slot] = held[row, slot]


@kernel
def _destroy(shape: Any, parent: Any, broken: Any, slot: Any) -> None:
    """Destroy an AZ or a region with all that it holds."""
    broken[slot] = DESTROYED
    for copy in range(shape[0]):
        if slot in (parent[copy], parent[parent[copy]]):
            broken[copy] = GONE
    for az in range(shape[0], shape[0] + shape[1]):
        if parent[az] == slot:
            broken[az] = GOOD


@kernel
def _darken(shape: Any, parent: Any, broken: Any, az: Any, long: Any) -> None:
    broken[az] = UNLIT_LONG if long else UNLIT
    for copy in range(shape[0]):
        if parent[copy] != az:
            continue
        if long and broken[copy] in (GOOD, SHADOWED):
            broken[copy] = LOST  # under domain keys that will be forgotten
        elif broken[copy] == SHADOWED:
            broken[copy] = HOLLOW  # what does not run has no memory


@kernel
def _lose_copy(shape: Any, broken: Any, copy: Any) -> None:
    broken[copy] = UNSEEN if shape[4] & NOTICED != 0 else LOST


@kernel
def _is_struck(shape: Any, parent: Any, broken: Any, level: Any, scope: Any, slot: Any) -> Any:
    """Say whether a shock may strike a slot."""
    above, found = slot, scope < 0
    while above >= 0:
        found = found or above == scope
        above = parent[above]
    if not found or not stands(parent, broken, slot):
        return False
    copies, azs = shape[0], shape[1]
    if level == COPIES:
        return slot < copies and broken[slot] not in (LOST, UNSEEN, GONE)
    return (slot >= copies + azs) == (level == REGIONS) and slot >= copies


@kernel
def _strike(shape: Any, parent: Any, broken: Any, level: Any, slot: Any) -> None:
    if level == COPIES:
        _lose_copy(shape, broken, slot)
    else:
        _destroy(shape, parent, broken, slot)


@kernel
def _close(shape: Any, parent: Any, broken: Any, region: Any) -> None:
    """Lose the domain keys of a region: what its copies hold cannot be opened."""
    for copy in range(shape[0]):
        if parent[parent[copy]] == region and broken[copy] in (GOOD, SHADOWED):
            broken[copy] = LOST


@kernel
def _is_closed(shape: Any, parent: Any, broken: Any, held: Any, region: Any) -> Any:
    """Say whether the last HSM of a region that stands has just lost its domain keys."""
    return (
        broken[region] == GOOD
        and any_power(shape, parent, held[BEFORE], region)
        and not any_power(shape, parent, broken, region)
    )


@kernel
def worth_of(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, kind: Any,
             keys: Any, worth: Any) -> Any:  # fmt: skip
    """Return what it is worth that a failure of that kind has led to this, or a repair (-1).

    What the table does not have lies beyond its edge, and is taken for a loss.
    """
    look = held[LOOK]
    _hold(held, LOOK, broken)
    settle(shape, parent, look)
    if kind >= 0 and is_loss(shape, look, kind):
        return 1.0 - odds[kind, RESTORES]
    key = key_of(shape, parent, look)
    place = segment(keys, 0, len(keys), key)
    return worth[place] if keys[place] == key else 1.0


@kernel
def _coin(chance: Any, mode: Any, dice: Any, yes: Any, no: Any) -> Any:
    """Toss a coin; return how it fell, and its part of the weight.

    Args:
      yes: what that side is worth, where paths are led; and the other one.
    """
    if chance <= 0.0 or chance >= 1.0:
        return chance >= 1.0, 1.0
    biased = chance
    if mode != NATURAL:
        biased = 0.5 * (0.5 + chance)
        total = chance * yes + (1.0 - chance) * no
        if mode == LED and total > 0.0:
            biased = (1.0 - DOUBT) * chance * yes / total + DOUBT * biased
    if uniform(dice) < biased:
        return True, chance / biased
    return False, (1.0 - chance) / (1.0 - biased)


@kernel
def _go_dark(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, dice: Any, mode: Any,
             kind: Any, az: Any, keys: Any, worth: Any) -> Any:  # fmt: skip
    """Darken an AZ for a time, or for so long that its keys are forgotten; return the weight."""
    chance, yes, no = odds[shape[5], LONG], 0.0, 0.0
    if mode == LED and 0.0 < chance < 1.0:
        _hold(held, TRIAL, broken)
        _darken(shape, parent, held[TRIAL], az, True)
        yes = worth_of(shape, parent, odds, held[TRIAL], held, kind, keys, worth)
        _hold(held, TRIAL, broken)
        _darken(shape, parent, held[TRIAL], az, False)
        no = worth_of(shape, parent, odds, held[TRIAL], held, kind, keys, worth)
    long, weight = _coin(chance, mode, dice, yes, no)
    _darken(shape, parent, broken, az, long)
    return weight


@kernel
def _safes(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, dice: Any, mode: Any,
           kind: Any, keys: Any, worth: Any) -> Any:  # fmt: skip
    """Open the safes of all regions that need one, if they open; return the weight."""
    weight = 1.0
    if shape[4] & DARKENS == 0:
        return weight
    first = shape[0] + shape[1]
    for region in range(first, first + shape[2]):
        if not _is_closed(shape, parent, broken, held, region):
            continue
        shut, yes, no = 1.0 - odds[shape[5], OPENS], 0.0, 0.0
        if mode == LED and 0.0 < shut < 1.0:
            no = worth_of(shape, parent, odds, broken, held, kind, keys, worth)
            _hold(held, TRIAL, broken)
            _close(shape, parent, held[TRIAL], region)
            yes = worth_of(shape, parent, odds, held[TRIAL], held, kind, keys, worth)
        closed, factor = _coin(shut, mode, dice, yes, no)
        weight *= factor
        if closed:
            _close(shape, parent, broken, region)
    return weight


@kernel
def _parts(scratch: Any, things: Any, kills: Any) -> None:
    """Set how likely each number of so many things is struck."""
    chance = (1.0 - kills) ** things
    for number in range(things + 1):
        scratch[PART, number] = chance
        if kills < 1.0:
            chance *= (things - number) / (number + 1.0) * kills / (1.0 - kills)
    if kills >= 1.0:
        scratch[PART, things] = 1.0


@kernel
def _expected(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, kind: Any,
              keys: Any, worth: Any) -> Any:  # fmt: skip
    """Return what a blow is worth on average over its safes; those of all regions as one."""
    value = worth_of(shape, parent, odds, broken, held, kind, keys, worth)
    if shape[4] & DARKENS == 0:
        return value
    first, closed = shape[0] + shape[1], False
    for region in range(first, first + shape[2]):
        if not _is_closed(shape, parent, broken, held, region):
            continue
        if not closed:
            _hold(held, TRIAL, broken)
        closed = True
        _close(shape, parent, held[TRIAL], region)
    if not closed:
        return value
    opens = odds[shape[5], OPENS]
    shut = worth_of(shape, parent, odds, held[TRIAL], held, kind, keys, worth)
    return opens * value + (1.0 - opens) * shut


@kernel
def _things(shape: Any, parent: Any, odds: Any, broken: Any, order: Any, kind: Any,
            scope: Any) -> Any:  # fmt: skip
    """Put what a shock may strike into ``order``; return how many things there are."""
    level, things = int(odds[kind, LEVEL]), 0
    for slot in range(len(broken)):
        if _is_struck(shape, parent, broken, level, scope, slot):
            order[things] = slot
            things += 1
    return things


@kernel
def _guesses(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, order: Any,
             things: Any, kind: Any, keys: Any, worth: Any, scratch: Any) -> Any:  # fmt: skip
    """Set what it is worth, times its chance, that a shock strikes the first so many things.

    Returns:
      the sum of all.
    """
    total = 0.0
    for number in range(things + 1):
        if number > 0:
            _strike(shape, parent, broken, int(odds[kind, LEVEL]), order[number - 1])
        scratch[GUESS, number] = 0.0
        if scratch[PART, number] > 0.0:
            value = _expected(shape, parent, odds, broken, held, kind, keys, worth)
            scratch[GUESS, number] = value * scratch[PART, number]
            total += scratch[GUESS, number]
    _fall_back(held, BEFORE, broken)
    return total


@kernel
def _how_many(dice: Any, things: Any, total: Any, scratch: Any) -> Any:
    """Draw how many things a shock strikes; return that, and the weight."""
    drawn = uniform(dice)
    for number in range(things + 1):
        chance = 0.5 * scratch[PART, number] + 0.5 / (things + 1.0)
        if total > 0.0:
            chance = (1.0 - DOUBT) * scratch[GUESS, number] / total + DOUBT * chance
        drawn -= chance
        if drawn < 0.0 or number == things:
            return number, scratch[PART, number] / chance
    return 0, 1.0


@kernel
def _shock(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, order: Any, dice: Any,
           mode: Any, kind: Any, scope: Any, keys: Any, worth: Any,
           scratch: Any) -> Any:  # fmt: skip
    """Strike within a scope; return the weight."""
    level, kills = int(odds[kind, LEVEL]), odds[kind, KILLS]
    things = _things(shape, parent, odds, broken, order, kind, scope)
    if mode == NATURAL or kills >= 1.0:
        for place in range(things):
            if kills >= 1.0 or uniform(dice) < kills:
                _strike(shape, parent, broken, level, order[place])
        return 1.0
    for place in range(things - 1, 0, -1):
        other = int(uniform(dice) * (place + 1))
        order[place], order[other] = order[other], order[place]
    _parts(scratch, things, kills)
    total = 0.0
    if mode == LED:
        total = _guesses(
            shape, parent, odds, broken, held, order, things, kind, keys, worth, scratch
        )
    struck, weight = _how_many(dice, things, total, scratch)
    for place in range(struck):
        _strike(shape, parent, broken, level, order[place])
    return weight


@kernel
def blow(shape: Any, sources: Any, parent: Any, odds: Any, broken: Any, held: Any, order: Any,
         dice: Any, mode: Any, source: Any, keys: Any, worth: Any,
         scratch: Any) -> Any:  # fmt: skip
    """Let a source fail, and keep in BEFORE what was; return the weight of how it ends."""
    kind, slot, weight = sources[0, source], sources[1, source], 1.0
    _hold(held, BEFORE, broken)
    if kind <= REGION:
        _plain(shape, parent, broken, kind, slot)
    elif kind == DARK:
        weight = _go_dark(shape, parent, odds, broken, held, dice, mode, kind, slot, keys, worth)
    elif kind == REGION_DARK:
        for az in range(shape[0], shape[0] + shape[1]):
            if parent[az] == slot and has_power(parent, broken, az):
                weight *= _go_dark(
                    shape, parent, odds, broken, held, dice, mode, kind, az, keys, worth
                )
    else:
        weight = _shock(
            shape, parent, odds, broken, held, order, dice, mode, kind, slot, keys, worth, scratch
        )
    weight *= _safes(shape, parent, odds, broken, held, dice, mode, kind, keys, worth)
    settle(shape, parent, broken)
    return weight


@kernel
def _plain(shape: Any, parent: Any, broken: Any, kind: Any, slot: Any) -> None:
    """Let a disk, a copy's bits, an AZ or a region fail."""
    if kind == DISK:
        _lose_copy(shape, broken, slot)
    elif kind >= AZ:
        _destroy(shape, parent, broken, slot)
    elif shape[4] & MEMORY == 0:
        broken[slot] = FLAWED
    else:
        broken[slot] = SHADOWED if has_power(parent, broken, parent[slot]) else HOLLOW


@kernel
def worth_failed(shape: Any, sources: Any, parent: Any, odds: Any, broken: Any, held: Any,
                 order: Any, source: Any, keys: Any, worth: Any, scratch: Any) -> Any:  # fmt: skip
    """Return what the failure of a source is worth, roughly on average over how it may end."""
    kind, slot, value = sources[0, source], sources[1, source], 0.0
    _hold(held, BEFORE, broken)
    if kind <= REGION:
        _plain(shape, parent, broken, kind, slot)
        value = _expected(shape, parent, odds, broken, held, kind, keys, worth)
    elif kind in (DARK, REGION_DARK):
        value = _worth_dark(shape, parent, odds, broken, held, kind, slot, keys, worth)
    else:
        things = _things(shape, parent, odds, broken, order, kind, slot)
        _parts(scratch, things, odds[kind, KILLS])
        value = _guesses(
            shape, parent, odds, broken, held, order, things, kind, keys, worth, scratch
        )
    _fall_back(held, BEFORE, broken)
    return value


@kernel
def _worth_dark(shape: Any, parent: Any, odds: Any, broken: Any, held: Any, kind: Any, slot: Any,
                keys: Any, worth: Any) -> Any:  # fmt: skip
    chance, value = odds[shape[5], LONG], 0.0
    for long in range(2):
        share = chance if long else 1.0 - chance
        if share <= 0.0:
            continue
        for az in range(shape[0], shape[0] + shape[1]):
            if az == slot or (parent[az] == slot and has_power(parent, broken, az)):
                _darken(shape, parent, broken, az, long == 1)
        value += share * _expected(shape, parent, odds, broken, held, kind, keys, worth)
        _fall_back(held, BEFORE, broken)
    return value


@kernel
def mend(shape: Any, sources: Any, parent: Any, broken: Any, source: Any) -> None:
    """Let a repair end, and nothing else happen."""
    kind, slot, rules = sources[0, source], sources[1, source], shape[4]
    if kind == DISK:
        written = HOLLOW if rules & DARKENS != 0 else GOOD
        broken[slot] = LOST if broken[slot] == UNSEEN else written
    elif kind == LATENT:
        lost = broken[slot] == FLAWED and rules & FOUND_IS_LOST != 0
        broken[slot] = LOST if lost else GOOD
    else:
        broken[slot] = GOOD
        empty = LOST if rules & REBUILT_EMPTY != 0 else GOOD
        for copy in range(shape[0]):
            if kind != DARK and slot in (parent[copy], parent[parent[copy]]):
                broken[copy] = empty
    settle(shape, parent, broken)


@kernel
def mended(shape: Any, sources: Any, parent: Any, broken: Any, held: Any, source: Any) -> None:
    """Let a repair end, and keep in BEFORE what was."""
    _hold(held, BEFORE, broken)
    mend(shape, sources, parent, broken, source)


@kernel
def looks_good(shape: Any, sources: Any, parent: Any, broken: Any, held: Any, source: Any) -> Any:
    """Say whether all is good once this repair has ended."""
    _hold(held, LOOK, broken)
    mend(shape, sources, parent, held[LOOK], source)
    return all_good(held[LOOK])


@kernel
def worth_mended(shape: Any, sources: Any, parent: Any, odds: Any, broken: Any, held: Any,
                 source: Any, keys: Any, worth: Any) -> Any:  # fmt: skip
    """Return what the state is worth once a repair has ended."""
    _hold(held, TRIAL, broken)
    mend(shape, sources, parent, held[TRIAL], source)
    return worth_of(shape, parent, odds, held[TRIAL], held, -1, keys, worth)
