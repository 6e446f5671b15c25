"""One caller opens far more in an hour than it ever does: a copy of the data is being read."""

from collections.abc import Iterable
from statistics import median
from typing import Final

from scenarios.audit.detections.detection import HIGH, Detection, Finding, Group, Period
from scenarios.audit.event import Event
from scenarios.audit.naming import KMS

#: Opened within one hour by the clock; chosen: below it nobody reads data in bulk.
AT_LEAST: Final = 100
#: And that many times the median of the caller's other hours in which it opened anything; chosen.
TIMES_USUAL: Final = 10
_OPENS: Final = ("Decrypt", "ReEncrypt")
_HOUR_DIGITS: Final = len("2026-01-01T00")


class BulkDecrypt(Detection):
    """A hundred decryptions in an hour, and ten times what is usual for the caller."""

    name = "bulk-decrypt"
    summary = f"{AT_LEAST} blobs or more opened in an hour, {TIMES_USUAL} times the caller's usual"
    severity = HIGH

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._hours: dict[str, dict[str, Group]] = {}  #: caller -> hour -> what it opened

    def see(self, event: Event) -> None:
        """Count what was opened."""
        if event.service != KMS or event.name not in _OPENS or event.error:
            return
        hour = event.time[:_HOUR_DIGITS]
        self._hours.setdefault(event.actor, {}).setdefault(hour, Group()).add(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each hour that stands out."""
        for actor, hours in sorted(self._hours.items()):
            for hour, opened in sorted(hours.items()):
                assert opened.first is not None, "a group is made for its first event"
                others = [one.count for other, one in hours.items() if other != hour]
                usual = median(others) if others else 0
                if opened.count < AT_LEAST or opened.count < TIMES_USUAL * usual:
                    continue
                # Who was at it before the time that is judged shows that it is usual.
                before = opened.last if others else opened.first.time
                if before < self.period.watch_from:
                    continue
                words = f"{usual:g} is usual" if others else "and none in any other hour"
                text = f"opened {opened.count} blobs in one hour, {words}"
                yield self.finding(opened, text, who=actor)
