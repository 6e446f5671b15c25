"""The contract of a detection, and what it finds.

What does not belong here: any particular detection.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Final

from scenarios.audit.event import Event

#: How grave a finding is.
HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES: Final = (HIGH, MEDIUM, LOW)

#: Event ids that a finding names at most; chosen: enough to look at, whatever the count.
EVENTS_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that deserves a look."""

    detection: str
    severity: str
    first: str  #: time of the first event
    last: str
    who: str  #: ARN of a user or role, or what else there is to tell it by
    region: str
    subject: str  #: ARN of the key, the trail's name, the address; what it was done to
    count: int  #: how many events
    text: str  #: one line for people
    events: tuple[str, ...]  #: ids of the events, at most EVENTS_NAMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time that is judged; records before it show what is usual."""

    watch_from: str = ""  #: everything is judged, and nothing is known to be usual, when empty

    def judged(self, moment: str) -> bool:
        """Return whether a moment is judged."""
        return moment >= self.watch_from


class Group:
    """Events that belong together: how many, when, and the ids of the first that were read."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.count = 0
        self.first: Event | None = None
        self.last = ""
        self.names: set[str] = set()
        self.ids: list[str] = []
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Take in one more."""
        self.count += 1
        if self.first is None or (event.time, event.id) < (self.first.time, self.first.id):
            self.first = event
        self.last = max(self.last, event.time)
        self.names.add(f"{event.service}:{event.name}")
        if len(self.ids) < EVENTS_NAMED:
            self.ids.append(event.id)

    @property
    def listed(self) -> str:
        """Return the names of the events, such as ``kms:Decrypt``."""
        return ", ".join(sorted(self.names))


class Detection(ABC):
    """One sign of misuse."""

    name: ClassVar[str]  #: small letters and hyphens
    summary: ClassVar[str]  #: one line: what it finds
    severity: ClassVar[str]

    def __init__(self, period: Period) -> None:
        self.period = period

    @abstractmethod
    def see(self, event: Event) -> None:
        """Take in one record; records come in any order."""

    @abstractmethod
    def findings(self) -> Iterable[Finding]:
        """Return what was found, once all records were seen."""

    def finding(self, group: Group, text: str, *, subject: str = "", who: str = "") -> Finding:
        """Return a finding about some events, at least one."""
        first = group.first
        assert first is not None, "a finding needs an event"
        return Finding(
            detection=self.name,
            severity=self.severity,
            first=first.time,
            last=group.last,
            who=who or first.actor,
            region=first.region,
            subject=subject,
            count=group.count,
            text=text,
            events=tuple(group.ids),
        )


class OneByOne(Detection):
    """A detection that judges every event by itself."""

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._found: list[Finding] = []

    @abstractmethod
    def judge(self, event: Event) -> tuple[str, str] | None:
        """Return subject and text of what an event shows; None when it shows nothing."""

    def see(self, event: Event) -> None:
        """Judge an event of the period."""
        if self.period.judged(event.time):
            shown = self.judge(event)
            if shown is not None:
                self._found.append(self.finding(Group([event]), shown[1], subject=shown[0]))

    def findings(self) -> Iterable[Finding]:
        """Return what was found, in order of time."""
        return sorted(self._found, key=lambda found: (found.first, found.events))


def account_of(arn: str) -> str:
    """Return the account of an ARN; "" when it has none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" else ""


def many(count: int, thing: str) -> str:
    """Return a count with its noun: ``1 call``, ``2 calls``."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def tried(event: Event) -> str:
    """Return words for an event that failed; "" for one that succeeded."""
    return f" (refused: {event.error})" if event.error else ""
