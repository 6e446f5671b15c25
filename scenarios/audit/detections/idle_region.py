"""Calls in a region where nothing happened before: nobody watches a region that nobody uses."""

from collections.abc import Iterable

from scenarios.audit.detections.detection import HIGH, Detection, Finding, Group, Period, many
from scenarios.audit.event import Event


class IdleRegion(Detection):
    """Calls in a region that was idle in the time before the one that is judged."""

    name = "idle-region"
    summary = "calls in a region that was idle before"
    severity = HIGH

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self.busy: dict[str, int] = {}  #: region -> calls before
        self._calls: dict[tuple[str, str], Group] = {}  #: (region, caller) -> calls

    def see(self, event: Event) -> None:
        """Count a call where it was made."""
        # Services look around everywhere by themselves; that is no activity of the account.
        if not event.kind or event.kind == "AWSService":
            return
        if not self.period.judged(event.time):
            self.busy[event.region] = self.busy.get(event.region, 0) + 1
            return
        self._calls.setdefault((event.region, event.actor), Group()).add(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each idle region and caller; none without a time before."""
        for (region, actor), calls in sorted(self._calls.items()):
            if self.busy and region not in self.busy:
                text = f"{many(calls.count, 'call')} in {region}, idle before: {calls.listed}"
                yield self.finding(calls, text, subject=region, who=actor)
