"""An eventual read is not much older than what was agreed on.

The bound: when no fault is near, an answer that shows a key's state shows one that the key still
had ``BOUND_NS`` before the call began, or took on later. While a fault touches the region, an AZ
that is cut off may serve what it has, so such answers are not judged.
What does not belong here: linearizable reads (key_state_linearizable.py judges them), and the
meaning of an answer (key_history.py).
Source: AWS KMS API Reference, every action: "eventual consistency"; changes are normally visible
in seconds; the bound is chosen.
"""

from bisect import bisect_left
from itertools import accumulate
from typing import ClassVar, Final

from regions.kms.visibility import LAG_MAX_NS
from scenarios import figures
from scenarios.arena import Arena
from scenarios.invariants.key_state_linearizable import LINEARIZABLE
from scenarios.invariants.promise import Promise
from scenarios.key_history import GONE, PENDING, Life, Sight, deletion_ns, lives
from sim.units import seconds

#: Chosen: "normally in seconds"; healthy replicas of one region are milliseconds apart.
BOUND_NS: Final = seconds(5)


def bound_ns(arena: Arena) -> int:
    """Return how old an answer may be: older by the longest lag where AZs hear of changes late."""
    return BOUND_NS + (LAG_MAX_NS if arena.topology.visibility_lag else 0)


class BoundedStaleness(Promise):
    """Without a fault near, no answer shows a key's state as it was more than 5 s before."""

    name: ClassVar[str] = "bounded-staleness"
    compared: ClassVar[str] = "states that answers showed with those the key had up to 5 s before"

    def conclude(self, arena: Arena) -> None:
        """Hold every answer that shows a state against the changes of that key."""
        if arena.topology.consistency == LINEARIZABLE:
            return
        bound = bound_ns(arena)
        for life in lives(arena):
            past = _Past(life, bound)
            for view in life.views:
                call = view.call
                if not arena.allowance.near(life.region, call.begin_ns - bound, call.end_ns):
                    self.checked += 1
                    if not past.explains(view):
                        self._stale(
                            life, view, bound=bound, excuse=arena.allowance.keys(life.region)
                        )

    def _stale(self, life: Life, view: Sight, *, bound: int, excuse: str) -> None:
        call, could = view.call, " or ".join(sorted(view.before))
        text = (
            f"{call.action} for {call.caller} ({call.outcome}) shows key {life.key_id} of"
            f" {life.region} {could}, which it was not within {figures.span(bound)} before"
        )
        self.fail(call.end_ns, text, excuse=excuse)


class _Past:
    """When a key may have been in which state."""

    def __init__(self, life: Life, bound: int) -> None:
        self._bound = bound
        self._initial = frozenset(life.initial)
        #: What may have set the state: begin, end (None: nobody knows), state.
        self._writes: list[tuple[int, int | None, str]] = [
            (one.call.begin_ns, None if one.call.indefinite else one.call.end_ns, one.after)
            for one in life.changes
        ]
        self._writes += [
            (deletion_ns(one.call), None, GONE) for one in life.changes if one.after == PENDING
        ]
        surely = sorted((end, begin) for begin, end, _ in self._writes if end is not None)
        self._ends = [end for end, _ in surely]
        #: The latest begin among the first so many that ended.
        self._latest = [-1, *accumulate((begin for _, begin in surely), max)]

    def explains(self, view: Sight) -> bool:
        """Say whether the key may have been in a state that fits, not longer ago than the bound."""
        call, fits = view.call, view.before
        over = bisect_left(self._ends, call.begin_ns - self._bound)
        # Whatever ended before this begin was surely overwritten too long ago.
        floor_ns = self._latest[over]
        if over == 0 and fits & self._initial:
            return True
        return any(
            after in fits and begin_ns <= call.end_ns and (end_ns is None or end_ns >= floor_ns)
            for begin_ns, end_ns, after in reversed(self._writes)
        )
