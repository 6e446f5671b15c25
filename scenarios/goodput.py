"""How much useful work a region does: calls answered well per second, over time.

What does not belong here: percentiles and availability by phase (stats.py). Attempts that end in
an error, or in nothing, are load and no work, however busy the service is with them.
"""

from collections.abc import Iterable

from sim.check.history import OK, Call
from sim.units import seconds


def goodput(calls: Iterable[Call], place: str, begin_ns: int, end_ns: int) -> float:
    """Return the calls per second of a place that were answered well within a stretch."""
    assert begin_ns < end_ns, f"no time between {begin_ns} and {end_ns}"
    done = sum(
        call.place == place and call.outcome == OK and begin_ns <= call.end_ns < end_ns
        for call in calls
    )
    return done * seconds(1) / (end_ns - begin_ns)


def load(calls: Iterable[Call], place: str, begin_ns: int, end_ns: int) -> float:
    """Return the attempts per second that callers made at a place within a stretch."""
    assert begin_ns < end_ns, f"no time between {begin_ns} and {end_ns}"
    made = sum(call.place == place and begin_ns <= call.begin_ns < end_ns for call in calls)
    return made * seconds(1) / (end_ns - begin_ns)
