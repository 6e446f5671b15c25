"""Many events of one kind within a span: what rates have in common.

What does not belong here: which events count (the detections).
"""

from collections.abc import Sequence

from scenarios.audit.event import Event


def densest(events: Sequence[Event], span_seconds: int) -> list[Event]:
    """Return the most events that lie within a span; the earliest such span of equal ones."""
    ordered = sorted(events, key=lambda event: (event.time, event.id))
    begin, best = 0, (0, 0)
    for end, event in enumerate(ordered, start=1):
        while event.second - ordered[begin].second >= span_seconds:
            begin += 1
        if end - begin > best[1] - best[0]:
            best = (begin, end)
    return ordered[best[0] : best[1]]
