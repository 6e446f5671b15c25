"""The Markov chain nearest to a system of clocks: the same means, all laws exponential.

Its table of worth leads the paths of the system: tables that are wrong by a factor of three still
work, as the weights make up for it.
What does not belong here: exact answers for models that are Markov chains.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np

from scenarios.durability.estimate.chain import LOSS, REPAIR, Chain, Move, chain, values
from scenarios.durability.estimate.clock import (
    AT_ONCE,
    AZ,
    DESTROYED,
    DISK,
    FLAWED,
    GONE,
    GOOD,
    LATENT,
    LOST,
    REGION,
    UNSEEN,
    ClockError,
    Clocks,
)
from scenarios.durability.estimate.clock_state import key_of

#: More lumped states than this take too long to tabulate.
MOST_STATES: Final = 20_000
#: What the copies of a destroyed AZ, or of one of a destroyed region, are.
_AZ_GONE, _REGION_GONE = 6, 7

#: Regions of AZs of copies.
State = tuple[tuple[tuple[int, ...], ...], ...]


class Table(NamedTuple):
    """What each state is worth: the chance of a loss before all is good again."""

    keys: Any  #: uint64, rising
    worth: Any  #: by key


def lumped(state: State) -> State:
    """Return the one state that stands for all that differ by names only."""
    return tuple(sorted(tuple(sorted(tuple(sorted(az)) for az in region)) for region in state))


def moves(clocks: Clocks, state: State) -> Iterator[tuple[State, float, int]]:
    """Yield (next state, rate per year, cause or REPAIR)."""
    fresh = LOST if clocks.rebuilt_empty else GOOD
    for number, region in enumerate(state):
        before, after = state[:number], state[number + 1 :]
        if region[0][0] == _REGION_GONE:
            back = tuple((fresh,) * len(az) for az in region)
            yield (*before, back, *after), 1 / clocks.region.mend.mean, REPAIR
            continue
        gone = tuple((_REGION_GONE,) * len(az) for az in region)
        yield (*before, gone, *after), 1 / clocks.region.life.mean, REGION
        for place, az in enumerate(region):
            for changed, rate, cause in _az_moves(clocks, az, fresh):
                azs = (*region[:place], changed, *region[place + 1 :])
                yield (*before, azs, *after), rate, cause


def _az_moves(
    clocks: Clocks, az: tuple[int, ...], fresh: int
) -> Iterator[tuple[tuple[int, ...], float, int]]:
    if az[0] == _AZ_GONE:
        yield (fresh,) * len(az), 1 / clocks.az.mend.mean, REPAIR
        return
    yield (_AZ_GONE,) * len(az), 1 / clocks.az.life.mean, AZ
    disk, latent = clocks.disk, clocks.latent
    for place, copy in enumerate(az):
        before, after = az[:place], az[place + 1 :]
        if copy == UNSEEN:
            yield (*before, LOST, *after), 1 / clocks.noticed.mean, REPAIR
            continue
        if copy == LOST:
            yield (*before, GOOD, *after), 1 / disk.mend.mean, REPAIR
            continue
        if copy == FLAWED:
            found = LOST if clocks.found_is_lost else GOOD
            yield (*before, found, *after), 1 / latent.mend.mean, REPAIR
        else:
            yield (*before, FLAWED, *after), 1 / latent.life.mean, LATENT
        if copy == GOOD or clocks.flawed_can_fail:
            lost = LOST if clocks.noticed == AT_ONCE else UNSEEN
            yield (*before, lost, *after), 1 / disk.life.mean, DISK


def is_loss(clocks: Clocks, state: State, cause: int) -> bool:
    """Say whether a failure of that cause that led to the state loses the key."""
    if cause == REPAIR or (cause == LATENT and not clocks.flaws_lose):
        return False
    return sum(az.count(GOOD) for region in state for az in region) < clocks.need


def nearest_chain(clocks: Clocks) -> tuple[Chain, list[State]]:
    """Return the chain, lumped by symmetry, and the meaning of its states.

    Raises:
      ClockError: it has more than MOST_STATES states.
    """
    assert clocks.plain, "the chain of a model has what this one does not"
    start = lumped(tuple(tuple((GOOD,) * size for size in azs) for azs in clocks.regions))
    places, found, rates = {start: 0}, [start], dict[tuple[int, int, int], float]()
    for source, state in enumerate(found):  # it grows while it is walked
        for after, rate, cause in moves(clocks, state):
            if rate <= 0:
                continue
            target = LOSS
            if not is_loss(clocks, after, cause):
                name = lumped(after)
                target = places.setdefault(name, len(found))
                if target == len(found):
                    found.append(name)
            move = (source, target, cause)
            rates[move] = rates.get(move, 0.0) + rate
        if len(found) > MOST_STATES:
            raise ClockError(f"more than {MOST_STATES:,} states: too many to lead paths through")
    return chain(Move(*move[:2], rate, move[2]) for move, rate in rates.items()), found


def table(clocks: Clocks) -> Table:
    """Return what the states are worth in the nearest chain, by their keys.

    Raises:
      ClockError: there are too many of them.
    """
    found, states = nearest_chain(clocks)
    worth = values(found)
    keys = np.array([_key(state) for state in states], dtype=np.uint64)
    order = np.argsort(keys)
    assert len(np.unique(keys)) == len(keys), "two states have one key"
    return Table(keys[order], worth[order])


def _key(state: State) -> Any:
    """Return the key of a state, whose AZs may stand in another order than in the system."""
    azs = [(number, az) for number, region in enumerate(state) for az in region]
    sizes = [len(az) for _, az in azs]
    copies, regions = sum(sizes), len(state)
    parent = np.concatenate(
        (
            copies + np.repeat(np.arange(len(azs)), sizes),
            [copies + len(azs) + number for number, _ in azs],
            np.full(regions, -1),
        )
    )
    broken = np.array(
        [min(copy, GONE) for _, az in azs for copy in az]
        + [DESTROYED if az[0] == _AZ_GONE else 0 for _, az in azs]
        + [DESTROYED if region[0][0] == _REGION_GONE else 0 for region in state],
        dtype=np.int64,
    )
    return key_of((copies, len(azs), regions, 0, 0, 0, 0), parent.astype(np.int64), broken)
