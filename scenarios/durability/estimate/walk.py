"""Walks one path of a system of clocks: naively, or one biased excursion; kernels only.

What does not belong here: what failures and repairs change (clock_state.py), chunks of paths and
what their weights mean (clock_paths.py).
"""

from typing import Any, Final

import numpy as np

from scenarios.durability.estimate.chain import PHI
from scenarios.durability.estimate.clock import AZ, GOOD, LATENT, LOST
from scenarios.durability.estimate.clock_state import (
    BORN,
    DUE,
    broken_by,
    broken_of,
    can_fail,
    clear,
    fail,
    is_loss,
    key_of,
    mended,
    slot_of,
)
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.laws import NEVER, age_at, cumulative, hazard
from scenarios.durability.estimate.philox import exponential, uniform
from scenarios.durability.estimate.tally import one_more

#: A table is never trusted so far that a source or a branch gets less than this share; chosen.
_DOUBT: Final = 0.02
_PHI: Final = PHI
#: Rows of scratch, by source.
MEASURE: Final = 0
WORTH: Final = 1
CHANCE: Final = 2
SCRATCH: Final = 3


@kernel
def earliest(times: Any, row: Any) -> Any:
    """Return the source whose time in that row is the first."""
    first = 0
    for source in range(1, times.shape[1]):
        if times[row, source] < times[row, first]:
            first = source
    return first


@kernel
def _schedule(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any, broken: Any,
              times: Any, dice: Any, now: Any, scratch: Any) -> None:  # fmt: skip
    """Draw when each source that is up and has no moment yet will fail."""
    for source in range(len(cause)):
        kind = cause[source]
        if not can_fail(shape, cause, parent, broken, source):
            scratch[0, source] = np.inf
        elif scratch[0, source] == np.inf and laws[kind, 0] != NEVER:
            born = times[BORN, source]
            reached = cumulative(laws, kind, looked_up, now - born) + exponential(dice, 1.0)
            scratch[0, source] = born + age_at(laws, kind, looked_up, reached)


@kernel
def naive_path(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any,
               broken: Any, times: Any, dice: Any, until: Any, counting: Any,
               scratch: Any) -> Any:  # fmt: skip
    """Walk from all good to a time.

    Returns:
      how many losses there were (at most one unless ``counting``), and the last one's signature.
    """
    clear(broken, times)
    sources, now, losses, signature, blocked = len(cause), 0.0, 0, np.uint64(0), 0.0
    for source in range(sources):
        scratch[0, source] = np.inf
    while True:
        _schedule(shape, cause, parent, laws, looked_up, broken, times, dice, now, scratch)
        failing, mending = earliest(scratch, 0), earliest(times, DUE)
        now = min(scratch[0, failing], times[DUE, mending])
        if now > until:
            return losses, signature
        if times[DUE, mending] <= scratch[0, failing]:
            mended(shape, cause, parent, laws, looked_up, broken, times, dice, mending, now)
            if all_good(broken):
                signature = np.uint64(0)
            continue
        kind = cause[failing]
        scratch[0, failing] = np.inf
        fail(shape, cause, parent, laws, looked_up, broken, times, dice, failing, now)
        signature += one_more(kind)
        if not is_loss(shape, parent, broken, kind) or now < blocked:
            continue
        losses += 1
        if not counting:
            return losses, signature
        blocked = _restored(shape[0], broken, times, now)


@kernel
def all_good(broken: Any) -> Any:
    """Say whether nothing is broken."""
    for slot in range(len(broken)):  # noqa: SIM110 - kernels have no generators
        if broken[slot] != GOOD:
            return False
    return True


@kernel
def _restored(copies: Any, broken: Any, times: Any, now: Any) -> Any:
    """After a counted loss everything is restored; return when, as until then none is counted."""
    until = now
    for copy in range(copies):
        if broken[copy] == LOST and times[DUE, copy] < np.inf:
            until = max(until, times[DUE, copy])
        elif times[DUE, copies + copy] < np.inf:
            times[DUE, copies + copy] = np.inf
            broken[copy] = GOOD
            times[BORN, copies + copy] = now
    return until


@kernel
def _looked_up(keys: Any, worth: Any, key: Any) -> Any:
    low, high = 0, len(keys)
    while high - low > 1:
        middle = (low + high) // 2
        if keys[middle] <= key:
            low = middle
        else:
            high = middle
    assert keys[low] == key, "the nearest chain has every state"
    return worth[low]


@kernel
def _worth_failed(shape: Any, cause: Any, parent: Any, broken: Any, source: Any,
                  keys: Any, worth: Any) -> Any:  # fmt: skip
    """Return what the state is worth once a source has failed."""
    kind, slot = cause[source], slot_of(shape, source)
    before, found = broken[slot], 1.0
    broken[slot] = broken_by(kind)
    if not is_loss(shape, parent, broken, kind):
        found = _looked_up(keys, worth, key_of(shape, parent, broken))
    broken[slot] = before
    return found


@kernel
def _worth_mended(shape: Any, cause: Any, parent: Any, broken: Any, source: Any,
                  keys: Any, worth: Any) -> Any:  # fmt: skip
    """Return what the state is worth once a repair has ended."""
    kind, slot, copies = cause[source], slot_of(shape, source), shape[0]
    before, after = broken[slot], broken_of(kind, shape[4])
    broken[slot] = after if kind < AZ else GOOD
    # The copies of what is rebuilt are all lost until then.
    for copy in range(copies):
        if kind >= AZ and (parent[copy] == slot or parent[parent[copy]] == slot):
            broken[copy] = after
    found = _looked_up(keys, worth, key_of(shape, parent, broken))
    broken[slot] = before
    for copy in range(copies):
        if kind >= AZ and (parent[copy] == slot or parent[parent[copy]] == slot):
            broken[copy] = LOST
    return found


@kernel
def _measure(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any, broken: Any,
             times: Any, now: Any, until: Any, scratch: Any) -> Any:  # fmt: skip
    """Set each source's cumulative hazard from now to a time, or if they are one its hazard then.

    Returns:
      the sum of all.
    """
    total = 0.0
    for source in range(len(cause)):
        scratch[MEASURE, source] = 0.0
        kind = cause[source]
        if laws[kind, 0] == NEVER or not can_fail(shape, cause, parent, broken, source):
            continue
        age = now - times[BORN, source]
        if until == now:
            found = hazard(laws, kind, looked_up, age)
        else:
            found = cumulative(laws, kind, looked_up, until - times[BORN, source])
            found -= cumulative(laws, kind, looked_up, age)
        scratch[MEASURE, source] = found
        total += found
    return total


@kernel
def _passed(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any, broken: Any,
            times: Any, now: Any, until: Any) -> Any:  # fmt: skip
    """Return the cumulative hazard of all sources from now to a time."""
    total = 0.0
    for source in range(len(cause)):
        kind = cause[source]
        if laws[kind, 0] != NEVER and can_fail(shape, cause, parent, broken, source):
            born = times[BORN, source]
            total += cumulative(laws, kind, looked_up, until - born)
            total -= cumulative(laws, kind, looked_up, now - born)
    return total


@kernel
def _prefer_balanced(cause: Any, scratch: Any) -> None:
    """Set the chances by which a source is chosen: causes alike, and sources of one cause."""
    first, causes = -1, 0
    # Sources stand by cause, so those of one cause are a run.
    for source in range(len(cause)):
        if scratch[MEASURE, source] > 0.0 and cause[source] != first:
            first = cause[source]
            causes += 1
    begin = 0
    while begin < len(cause):
        end, possible = begin, 0
        while end < len(cause) and cause[end] == cause[begin]:
            possible += scratch[MEASURE, end] > 0.0
            end += 1
        for source in range(begin, end):
            up = scratch[MEASURE, source] > 0.0
            scratch[CHANCE, source] = 1.0 / (causes * possible) if up else 0.0
        begin = end


@kernel
def _prefer_worth(shape: Any, cause: Any, parent: Any, broken: Any, keys: Any, worth: Any,
                  scratch: Any) -> Any:  # fmt: skip
    """Set the chances by which a source is chosen: by how likely it is, and by what follows.

    Returns:
      what the failures of all are worth together.
    """
    total, possible = 0.0, 0
    for source in range(len(cause)):
        scratch[WORTH, source] = 0.0
        if scratch[MEASURE, source] > 0.0:
            value = _worth_failed(shape, cause, parent, broken, source, keys, worth)
            scratch[WORTH, source] = value * scratch[MEASURE, source]
            total += scratch[WORTH, source]
            possible += 1
    for source in range(len(cause)):
        chance = 0.0
        if scratch[MEASURE, source] > 0.0:
            share = scratch[WORTH, source] / total if total > 0.0 else 1.0 / possible
            chance = (1.0 - _DOUBT) * share + _DOUBT / possible
        scratch[CHANCE, source] = chance
    return total


@kernel
def _pick(dice: Any, scratch: Any) -> Any:
    drawn, last = uniform(dice), 0
    for source in range(scratch.shape[1]):
        if scratch[CHANCE, source] > 0.0:
            last = source
            drawn -= scratch[CHANCE, source]
            if drawn < 0.0:
                break
    return last


@kernel
def _is_last(rules: Any, times: Any, kind: Any, source: Any) -> Any:
    """Say whether all is good once this repair has ended."""
    if (kind == LATENT or kind >= AZ) and broken_of(kind, rules) != GOOD:
        return False
    for other in range(times.shape[1]):
        if other != source and times[DUE, other] < np.inf:
            return False
    return True


@kernel
def _moment(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any,
            broken: Any, times: Any, dice: Any, source: Any, now: Any, limit: Any,
            scratch: Any) -> Any:  # fmt: skip
    """Draw when a source fails within a gap; return that, and its part of the weight."""
    if limit <= now:
        return now, 1.0
    kind, born = cause[source], times[BORN, source]
    reached = cumulative(laws, kind, looked_up, now - born)
    reached += scratch[MEASURE, source] * uniform(dice)
    # Rounding must not carry the failure out of its gap.
    moment = min(max(born + age_at(laws, kind, looked_up, reached), now), limit)
    passed = _passed(shape, cause, parent, laws, looked_up, broken, times, now, moment)
    return moment, np.exp(-passed)


@kernel
def _gaps(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any,
          broken: Any, times: Any, dice: Any, now: Any, mission: Any, balanced: Any,
          keys: Any, worth: Any, scratch: Any) -> Any:  # fmt: skip
    """Let repairs end until a failure is to be forced before the next one does.

    Returns:
      the gap's begin and end, the chance by which it was forced, and the weight of what was not;
      the weight is 0 if all is good again, or the mission has ended.
    """
    weight = 1.0
    while True:
        mending = earliest(times, DUE)
        limit = min(times[DUE, mending], mission)
        hazards = 0.0
        if limit > now:
            hazards = _measure(
                shape, cause, parent, laws, looked_up, broken, times, now, limit, scratch
            )
        ends = limit == mission or _is_last(shape[4], times, cause[mending], mending)
        if ends and hazards <= 0.0:
            return now, limit, 1.0, 0.0
        forced = 1.0 if ends else _PHI
        if hazards <= 0.0:
            forced = 0.0
        elif not balanced:
            failures = _prefer_worth(shape, cause, parent, broken, keys, worth, scratch)
            if not ends:
                repair = _worth_mended(shape, cause, parent, broken, mending, keys, worth)
                forced = min(max(failures / (failures + repair), _DOUBT), 1.0 - _DOUBT)
        if forced == 1.0 or uniform(dice) < forced:
            return now, limit, forced, weight
        weight *= np.exp(-hazards) / (1.0 - forced)
        now = limit
        mended(shape, cause, parent, laws, looked_up, broken, times, dice, mending, now)


@kernel
def excursion(shape: Any, cause: Any, parent: Any, laws: Any, looked_up: Any,
              broken: Any, times: Any, dice: Any, start: Any, mission: Any, balanced: Any,
              keys: Any, worth: Any, scratch: Any) -> Any:  # fmt: skip
    """Walk one biased excursion that begins at ``start`` when all is good.

    Returns:
      its weight (0 if it ends without a loss) and its signature.
    """
    now, limit, forced, weight, signature = start, start, 1.0, mission, np.uint64(0)
    _measure(shape, cause, parent, laws, looked_up, broken, times, start, start, scratch)
    if not balanced:
        _prefer_worth(shape, cause, parent, broken, keys, worth, scratch)
    while weight > 0.0:
        if balanced:
            _prefer_balanced(cause, scratch)
        source = _pick(dice, scratch)
        if scratch[CHANCE, source] <= 0.0:
            break
        weight *= scratch[MEASURE, source] / (forced * scratch[CHANCE, source])
        now, factor = _moment(
            shape, cause, parent, laws, looked_up, broken, times, dice, source, now, limit, scratch
        )
        weight *= factor
        fail(shape, cause, parent, laws, looked_up, broken, times, dice, source, now)
        signature += one_more(cause[source])
        if is_loss(shape, parent, broken, cause[source]):
            return weight, signature
        now, limit, forced, factor = _gaps(
            shape, cause, parent, laws, looked_up, broken, times, dice, now, mission, balanced,
            keys, worth, scratch,
        )  # fmt: skip
        weight *= factor
    return 0.0, signature
