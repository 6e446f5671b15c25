"""Walks one path of a system of clocks: naively, or one biased excursion; kernels only.

What does not belong here: what failures and repairs change (blows.py), the clocks that this starts
(clock_state.py), chunks of paths and what their weights mean (clock_paths.py).
"""

from typing import Any, Final

import numpy as np

from scenarios.durability.estimate.blows import (
    ALIKE,
    CHANCE,
    DOUBT,
    LED,
    MEASURE,
    NATURAL,
    WORTH,
    blow,
    looks_good,
    mended,
    worth_failed,
    worth_mended,
)
from scenarios.durability.estimate.chain import PHI
from scenarios.durability.estimate.clock import GOOD, KIND, LOST, RESTORES
from scenarios.durability.estimate.clock_state import (
    BEFORE,
    BORN,
    DUE,
    all_good,
    can_fail,
    clear,
    is_loss,
    retimed,
)
from scenarios.durability.estimate.compiled import kernel
from scenarios.durability.estimate.laws import NEVER, age_at, cumulative, hazard
from scenarios.durability.estimate.philox import exponential, uniform
from scenarios.durability.estimate.tally import one_more

_PHI: Final = PHI


@kernel
def earliest(times: Any, row: Any) -> Any:
    """Return the source whose time in that row is the first."""
    first = 0
    for source in range(1, times.shape[1]):
        if times[row, source] < times[row, first]:
            first = source
    return first


@kernel
def _schedule(shape: Any, sources: Any, parent: Any, laws: Any, looked_up: Any, broken: Any,
              times: Any, dice: Any, now: Any, scratch: Any) -> None:  # fmt: skip
    """Draw when each source that is up and has no moment yet will fail."""
    for source in range(sources.shape[1]):
        kind = sources[KIND, source]
        if not can_fail(shape, sources, parent, broken, source):
            scratch[0, source] = np.inf
        elif scratch[0, source] == np.inf and laws[kind, 0] != NEVER:
            born = times[BORN, source]
            reached = cumulative(laws, kind, looked_up, now - born) + exponential(dice, 1.0)
            scratch[0, source] = born + age_at(laws, kind, looked_up, reached)


@kernel
def naive_path(shape: Any, sources: Any, parent: Any, odds: Any, laws: Any, looked_up: Any,
               broken: Any, times: Any, held: Any, dice: Any, order: Any, keys: Any, worth: Any,
               until: Any, counting: Any, scratch: Any) -> Any:  # fmt: skip
    """Walk from all good to a time.

    Returns:
      how many losses there were (at most one unless ``counting``), and the last one's signature.
    """
    clear(broken, times, 0.0)
    now, losses, signature, blocked = 0.0, 0, np.uint64(0), 0.0
    scratch[0, :] = np.inf
    while True:
        _schedule(shape, sources, parent, laws, looked_up, broken, times, dice, now, scratch)
        failing, mending = earliest(scratch, 0), earliest(times, DUE)
        now = min(scratch[0, failing], times[DUE, mending])
        if now > until:
            return losses, signature
        if times[DUE, mending] <= scratch[0, failing]:
            mended(shape, sources, parent, broken, held, mending)
            times[DUE, mending] = np.inf
            retimed(shape, parent, odds, laws, looked_up, broken, times, held, dice, now)
            if all_good(broken):
                signature = np.uint64(0)
            continue
        kind = sources[KIND, failing]
        scratch[0, failing] = np.inf
        blow(
            shape, sources, parent, odds, broken, held, order, dice, NATURAL, failing, keys, worth,
            scratch,
        )  # fmt: skip
        if not _changed(broken, held):
            continue
        retimed(shape, parent, odds, laws, looked_up, broken, times, held, dice, now)
        signature += one_more(kind)
        if not is_loss(shape, broken, kind) or now < blocked:
            continue
        restores = odds[kind, RESTORES]
        if restores > 0.0 and uniform(dice) < restores:
            clear(broken, times, now)
            scratch[0, :] = np.inf
            signature = np.uint64(0)
            continue
        losses += 1
        if not counting:
            return losses, signature
        blocked = _restored(shape[0], broken, times, now)


@kernel
def _changed(broken: Any, held: Any) -> Any:
    """Say whether a blow has struck anything."""
    for slot in range(len(broken)):  # noqa: SIM110 - kernels have no generators
        if broken[slot] != held[BEFORE, slot]:
            return True
    return False


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
def _measure(shape: Any, sources: Any, parent: Any, laws: Any, looked_up: Any, broken: Any,
             times: Any, now: Any, until: Any, scratch: Any) -> Any:  # fmt: skip
    """Set each source's cumulative hazard from now to a time, or if they are one its hazard then.

    Returns:
      the sum of all.
    """
    total = 0.0
    for source in range(sources.shape[1]):
        scratch[MEASURE, source] = 0.0
        kind = sources[KIND, source]
        if laws[kind, 0] == NEVER or not can_fail(shape, sources, parent, broken, source):
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
def _passed(shape: Any, sources: Any, parent: Any, laws: Any, looked_up: Any, broken: Any,
            times: Any, now: Any, until: Any) -> Any:  # fmt: skip
    """Return the cumulative hazard of all sources from now to a time."""
    total = 0.0
    for source in range(sources.shape[1]):
        kind = sources[KIND, source]
        if laws[kind, 0] != NEVER and can_fail(shape, sources, parent, broken, source):
            born = times[BORN, source]
            total += cumulative(laws, kind, looked_up, until - born)
            total -= cumulative(laws, kind, looked_up, now - born)
    return total


@kernel
def _prefer_balanced(sources: Any, scratch: Any) -> None:
    """Set the chances by which a source is chosen: kinds alike, and sources of one kind."""
    first, kinds, begin, count = -1, 0, 0, sources.shape[1]
    # Sources stand by kind, so those of one kind are a run.
    for source in range(count):
        if scratch[MEASURE, source] > 0.0 and sources[KIND, source] != first:
            first = sources[KIND, source]
            kinds += 1
    while begin < count:
        end, possible = begin, 0
        while end < count and sources[KIND, end] == sources[KIND, begin]:
            possible += scratch[MEASURE, end] > 0.0
            end += 1
        for source in range(begin, end):
            up = scratch[MEASURE, source] > 0.0
            scratch[CHANCE, source] = 1.0 / (kinds * possible) if up else 0.0
        begin = end


@kernel
def _prefer_worth(shape: Any, sources: Any, parent: Any, odds: Any, broken: Any, held: Any,
                  order: Any, keys: Any, worth: Any, scratch: Any) -> Any:  # fmt: skip
    """Set the chances by which a source is chosen: by how likely it is, and by what follows.

    Returns:
      what the failures of all are worth together.
    """
    total, possible, count = 0.0, 0, sources.shape[1]
    for source in range(count):
        scratch[WORTH, source] = 0.0
        if scratch[MEASURE, source] > 0.0:
            value = worth_failed(
                shape, sources, parent, odds, broken, held, order, source, keys, worth, scratch
            )
            scratch[WORTH, source] = value * scratch[MEASURE, source]
            total += scratch[WORTH, source]
            possible += 1
    for source in range(count):
        chance = 0.0
        if scratch[MEASURE, source] > 0.0:
            share = scratch[WORTH, source] / total if total > 0.0 else 1.0 / possible
            chance = (1.0 - DOUBT) * share + DOUBT / possible
        scratch[CHANCE, source] = chance
    return total


@kernel
def _pick(dice: Any, scratch: Any, count: Any) -> Any:
    drawn, last = uniform(dice), 0
    for source in range(count):
        if scratch[CHANCE, source] > 0.0:
            last = source
            drawn -= scratch[CHANCE, source]
            if drawn < 0.0:
                break
    return last


@kernel
def _moment(shape: Any, sources: Any, parent: Any, laws: Any, looked_up: Any,
            broken: Any, times: Any, dice: Any, source: Any, now: Any, limit: Any,
            scratch: Any) -> Any:  # fmt: skip
    """Draw when a source fails within a gap; return that, and its part of the weight."""
    if limit <= now:
        return now, 1.0
    kind, born = sources[KIND, source], times[BORN, source]
    reached = cumulative(laws, kind, looked_up, now - born)
    reached += scratch[MEASURE, source] * uniform(dice)
    # Rounding must not carry the failure out of its gap.
    moment = min(max(born + age_at(laws, kind, looked_up, reached), now), limit)
    passed = _passed(shape, sources, parent, laws, looked_up, broken, times, now, moment)
    return moment, np.exp(-passed)


@kernel
def _gaps(shape: Any, sources: Any, parent: Any, odds: Any, laws: Any, looked_up: Any,
          broken: Any, times: Any, held: Any, dice: Any, order: Any, keys: Any, worth: Any,
          now: Any, mission: Any, led: Any, scratch: Any) -> Any:  # fmt: skip
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
                shape, sources, parent, laws, looked_up, broken, times, now, limit, scratch
            )
        ends = limit == mission or looks_good(shape, sources, parent, broken, held, mending)
        if ends and hazards <= 0.0:
            return now, limit, 1.0, 0.0
        forced = 1.0 if ends else _PHI
        if hazards <= 0.0:
            forced = 0.0
        elif led:
            failures = _prefer_worth(
                shape, sources, parent, odds, broken, held, order, keys, worth, scratch
            )
            if not ends:
                repair = worth_mended(
                    shape, sources, parent, odds, broken, held, mending, keys, worth
                )
                total, forced = failures + repair, 0.5
                if total > 0.0:
                    forced = min(max(failures / total, DOUBT), 1.0 - DOUBT)
        if forced == 1.0 or uniform(dice) < forced:
            return now, limit, forced, weight
        weight *= np.exp(-hazards) / (1.0 - forced)
        now = limit
        mended(shape, sources, parent, broken, held, mending)
        times[DUE, mending] = np.inf
        retimed(shape, parent, odds, laws, looked_up, broken, times, held, dice, now)


@kernel
def excursion(shape: Any, sources: Any, parent: Any, odds: Any, laws: Any, looked_up: Any,
              broken: Any, times: Any, held: Any, dice: Any, order: Any, keys: Any, worth: Any,
              start: Any, mission: Any, led: Any, scratch: Any) -> Any:  # fmt: skip
    """Walk one biased excursion that begins at ``start`` when all is good.

    Returns:
      its weight (0 if it ends without a loss) and its signature.
    """
    now, limit, forced, weight, signature = start, start, 1.0, mission, np.uint64(0)
    _measure(shape, sources, parent, laws, looked_up, broken, times, start, start, scratch)
    if led:
        _prefer_worth(shape, sources, parent, odds, broken, held, order, keys, worth, scratch)
    while weight > 0.0:
        if not led:
            _prefer_balanced(sources, scratch)
        source = _pick(dice, scratch, sources.shape[1])
        if scratch[CHANCE, source] <= 0.0:
            break
        weight *= scratch[MEASURE, source] / (forced * scratch[CHANCE, source])
        now, factor = _moment(
            shape, sources, parent, laws, looked_up, broken, times, dice, source, now, limit,
            scratch,
        )  # fmt: skip
        weight *= factor
        weight *= blow(
            shape, sources, parent, odds, broken, held, order, dice, LED if led else ALIKE, source,
            keys, worth, scratch,
        )  # fmt: skip
        kind = sources[KIND, source]
        if _changed(broken, held):
            signature += one_more(kind)
            if is_loss(shape, broken, kind):
                return weight * (1.0 - odds[kind, RESTORES]), signature
            retimed(shape, parent, odds, laws, looked_up, broken, times, held, dice, now)
        if all_good(broken):
            break
        now, limit, forced, factor = _gaps(
            shape, sources, parent, odds, laws, looked_up, broken, times, held, dice, order, keys,
            worth, now, mission, led, scratch,
        )  # fmt: skip
        weight *= factor
    return 0.0, signature
