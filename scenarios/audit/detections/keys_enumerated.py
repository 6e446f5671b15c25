"""One caller looks at many keys in a short time: it wants to know what there is to take."""

from collections.abc import Iterable
from typing import Final

from scenarios.audit.detections.detection import LOW, Detection, Finding, Group, Period
from scenarios.audit.event import Event
from scenarios.audit.naming import KMS, named

#: Keys looked at by one caller within the span; chosen: more than an application has.
KEYS: Final = 10
SPAN_SECONDS: Final = 600
_LOOKS: Final = (
    "DescribeKey",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListGrants",
    "ListKeyPolicies",
    "ListResourceTags",
)


class KeysEnumerated(Detection):
    """Ten keys looked at within ten minutes, by a caller who did not do so before."""

    name = "keys-enumerated"
    summary = f"{KEYS} keys looked at by one caller within ten minutes, as never before"
    severity = LOW

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._looks: dict[str, list[Event]] = {}
        self._before: dict[str, list[Event]] = {}

    def see(self, event: Event) -> None:
        """Keep a look at a key."""
        if event.service == KMS and event.name in _LOOKS and not event.via:
            kept = self._looks if self.period.judged(event.time) else self._before
            kept.setdefault(event.actor, []).append(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each caller."""
        for actor, looks in sorted(self._looks.items()):
            together = _distinct(looks)
            if len(together) >= KEYS > len(_distinct(self._before.get(actor, []))):
                text = f"looked at {len(together)} keys within ten minutes"
                yield self.finding(Group(together), text, who=actor)


def _distinct(looks: list[Event]) -> list[Event]:
    """Return a look at each key of the span in which most keys were looked at."""
    ordered = sorted(looks, key=lambda event: (event.time, event.id))
    begin, within, best = 0, dict[str, int](), (0, 0, 0)
    for end, event in enumerate(ordered, start=1):
        for key in named(event).arns:
            within[key] = within.get(key, 0) + 1
        while event.second - ordered[begin].second >= SPAN_SECONDS:
            for key in named(ordered[begin]).arns:
                within[key] -= 1
                if not within[key]:
                    del within[key]
            begin += 1
        if len(within) > best[0]:
            best = (len(within), begin, end)
    first: dict[str, Event] = {}
    for event in ordered[best[1] : best[2]]:
        for key in named(event).arns:
            first.setdefault(key, event)
    return list(first.values())
