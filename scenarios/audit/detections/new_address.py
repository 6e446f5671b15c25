"""A caller that is known to call from some addresses calls from another one."""

from collections.abc import Iterable
from typing import Final

from scenarios.audit.detections.detection import MEDIUM, Detection, Finding, Group, Period, many
from scenarios.audit.event import Event

#: Usual addresses that a finding names; chosen.
_NAMED: Final = 3


class NewAddress(Detection):
    """A known caller, from an address that it had not in the time before."""

    name = "new-address"
    summary = "a caller known from before called from an address it never had"
    severity = MEDIUM

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._usual: dict[str, set[str]] = {}
        self._calls: dict[tuple[str, str], Group] = {}

    def see(self, event: Event) -> None:
        """Remember from where somebody calls."""
        # Services call from their own name; that is no address.
        if event.via or not event.address or not event.address[-1:].isalnum():
            return
        if event.address.endswith(".amazonaws.com") or event.address == "AWS Internal":
            return
        if not self.period.judged(event.time):
            self._usual.setdefault(event.actor, set()).add(event.address)
            return
        self._calls.setdefault((event.actor, event.address), Group()).add(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each caller and new address."""
        for (actor, address), calls in sorted(self._calls.items()):
            usual = self._usual.get(actor)
            if usual and address not in usual:
                known = ", ".join(sorted(usual)[:_NAMED])
                number = many(calls.count, "call")
                text = f"{number} from {address}; known from {known}: {calls.listed}"
                yield self.finding(calls, text, subject=address, who=actor)
