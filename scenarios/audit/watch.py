"""Runs detections over records, and knows what time they judge.

What does not belong here: the detections themselves (detections/).
"""

from collections.abc import Iterable

from scenarios.audit.detections import DETECTIONS
from scenarios.audit.detections.detection import SEVERITIES, Finding, Period
from scenarios.audit.event import Event, moment_of, seconds_of


def half_way(first: str, last: str) -> str:
    """Return the moment half way between two: what is before it shows what is usual."""
    if not first:
        return ""
    return moment_of((seconds_of(first) + seconds_of(last) + 1) // 2)


class Watch:
    """Shows every record to every detection.

    Args:
      names: of detections; all when empty.
    """

    def __init__(self, period: Period, names: Iterable[str] = ()) -> None:
        self.period = period
        chosen = tuple(names) or tuple(DETECTIONS)
        self.detections = [DETECTIONS[name](period) for name in chosen]

    def see(self, event: Event) -> None:
        """Take in one record."""
        for detection in self.detections:
            detection.see(event)

    def findings(self) -> list[Finding]:
        """Return what was found, the gravest first, then in order of time."""
        found = [finding for each in self.detections for finding in each.findings()]
        return sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.first, f.detection))
