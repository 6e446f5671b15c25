"""How hard a cloud was hit, as numbers that Hypothesis can aim at.

``target(value, label=name)`` of these makes Hypothesis look for examples with more of it.
What does not belong here: verdicts (judgement.py).
"""

from collections.abc import Iterator
from itertools import pairwise

from scenarios.kit.cloud import Cloud
from sim.check.history import Call
from sim.units import NS_PER_SECOND


def targets(cloud: Cloud) -> dict[str, float]:
    """Return what has happened so far to the calls of a cloud's application.

    ``unacknowledged calls``: attempts that the service failed, or left without an answer.
    ``retries``: attempts that the same caller made after one of these, of the same action.
    ``slowest call``: seconds of virtual time that one attempt took.
    ``faults met``: faults that lasted while a call was under way.
    """
    calls = cloud.calls()
    return {
        "unacknowledged calls": float(sum(not call.served for call in calls)),
        "retries": float(sum(_again(*two) for two in _in_turn(calls))),
        "slowest call": max((call.end_ns - call.begin_ns for call in calls), default=0)
        / NS_PER_SECOND,
        "faults met": float(_met(cloud, calls)),
    }


def _in_turn(calls: list[Call]) -> Iterator[tuple[Call, Call]]:
    """Yield attempts of one caller with the next one that it made."""
    callers: dict[str, list[Call]] = {}
    for call in calls:
        callers.setdefault(call.caller, []).append(call)
    for own in callers.values():
        yield from pairwise(own)


def _again(first: Call, second: Call) -> bool:
    return not first.served and (first.service, first.action) == (second.service, second.action)


def _met(cloud: Cloud, calls: list[Call]) -> int:
    spans = [
        (fault.begin_ns, cloud.world.now_ns if fault.end_ns is None else fault.end_ns)
        for fault in cloud.faults.all
    ]
    return sum(
        any(begin_ns < call.end_ns and call.begin_ns < end_ns for call in calls)
        for begin_ns, end_ns in spans
    )
