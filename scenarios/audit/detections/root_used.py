"""An account's root user called: daily work needs none, and no policy holds it back."""

from collections.abc import Iterable

from scenarios.audit.detections.detection import HIGH, Detection, Finding, Group, Period, many
from scenarios.audit.event import Event


class RootUsed(Detection):
    """A call by the root user itself, not by a service in its name."""

    name = "root-used"
    summary = "the root user of an account called"
    severity = HIGH

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._calls: dict[str, Group] = {}

    def see(self, event: Event) -> None:
        """Keep a call of root."""
        if event.kind == "Root" and not event.via and self.period.judged(event.time):
            self._calls.setdefault(event.actor, Group()).add(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each account."""
        for actor, calls in sorted(self._calls.items()):
            yield self.finding(
                calls, f"{many(calls.count, 'call')} by root: {calls.listed}", who=actor
            )
