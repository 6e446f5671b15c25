"""A caller of one account uses a key of another account."""

from collections.abc import Iterable

from scenarios.audit.detections.detection import (
    MEDIUM,
    Detection,
    Finding,
    Group,
    Period,
    account_of,
    many,
)
from scenarios.audit.event import Event
from scenarios.audit.naming import KMS, named


class CrossAccount(Detection):
    """A key was used from another account for the first time in the period that is judged."""

    name = "cross-account-use"
    summary = "a key was used from another account, which it was not before"
    severity = MEDIUM

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._usual: set[tuple[str, str]] = set()
        self._seen: dict[tuple[str, str], Group] = {}  #: (caller, key) -> uses

    def see(self, event: Event) -> None:
        """Keep an accepted use by a caller of another account."""
        if event.service != KMS or event.error or not event.caller_account:
            return
        for key in named(event).arns:
            if account_of(key) == event.caller_account:
                continue
            pair = (event.actor, key)
            if not self.period.judged(event.time):
                self._usual.add(pair)
                continue
            self._seen.setdefault(pair, Group()).add(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each caller and key."""
        for (actor, key), uses in sorted(self._seen.items()):
            if (actor, key) not in self._usual:
                number = many(uses.count, "use")
                text = f"{number} of a key of account {account_of(key)}: {uses.listed}"
                yield self.finding(uses, text, subject=key, who=actor)
