"""What a set of log files does not cover, as far as it can be told from the files themselves.

Hours without a log file are named per account and region: either nothing happened, or files are
missing, and without digests nobody can tell which. Times in which a trail's logging was stopped
are told by its own events.
What does not belong here: digests (their chain is validated elsewhere), and reading files.
Source: CloudTrail User Guide, "Finding your CloudTrail log files": the name has account, region
and the time up to which the file has events; files come about every five minutes.
"""

import re
from dataclasses import dataclass
from typing import Final

from scenarios.audit.event import Event, moment_of, seconds_of
from scenarios.audit.trail_changes import trail_of

_NAME: Final = re.compile(
    r"(?:.*/)?(?P<account>\d{12})_CloudTrail_(?P<region>[a-z0-9-]+)_"
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)T(?P<hour>\d\d)(?P<minute>\d\d)Z_.*"
)
HOUR_SECONDS: Final = 3_600
#: Events that begin and end logging. A deleted trail logs no more.
_ON, _OFF = ("StartLogging",), ("StopLogging", "DeleteTrail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time that log files do not cover, or may not."""

    kind: str  #: ``no files``, ``logging stopped`` or ``no digests``
    subject: str  #: account and region, or ARN of the trail
    begin: str  #: such as ``2026-01-01T00:00:00Z``
    end: str  #: "" when it had not ended in these records
    text: str  #: one line for people


class Gaps:
    """Looks at names of files and at events of trails."""

    def __init__(self) -> None:
        self._hours: dict[tuple[str, str], set[int]] = {}
        self._undigested: list[Gap] = []
        self._switches: dict[str, list[tuple[str, bool, str]]] = {}

    def name(self, file: str) -> None:
        """Take in the name of a log file; other names tell nothing."""
        found = _NAME.fullmatch(file)
        if found is None:
            return
        date = f"{found['year']}-{found['month']}-{found['day']}"
        stamp = seconds_of(f"{date}T{found['hour']}:{found['minute']}:00Z")
        hours = self._hours.setdefault((found["account"], found["region"]), set())
        # A stamp is the end of its five minutes, so a full hour belongs to the one before.
        hours.add((stamp - 1) // HOUR_SECONDS)

    def see(self, event: Event) -> None:
        """Take in a record."""
        if event.service == "cloudtrail" and event.name in (*_ON, *_OFF) and not event.error:
            for trail in trail_of(event):
                switched = (event.time, event.name in _ON, event.principal)
                self._switches.setdefault(trail, []).append(switched)

    def add(self, chain: str, begin: str, end: str) -> None:
        """Take in a time for which a chain of digests vouches for nothing."""
        text = "no digest was made: logging or log file validation was off, or nobody can tell"
        gap = Gap(kind="no digests", subject=chain, begin=begin, end=end, text=text)
        self._undigested.append(gap)

    def found(self) -> list[Gap]:
        """Return the gaps, by their begin."""
        gaps = [*self._stopped(), *self._empty(), *self._undigested]
        return sorted(gaps, key=lambda gap: (gap.begin, gap.kind, gap.subject))

    def _stopped(self) -> list[Gap]:
        gaps = []
        for trail, switches in self._switches.items():
            begin, who = "", ""
            for moment, on, principal in sorted(switches):
                if not on:
                    begin, who = begin or moment, who or principal
                elif begin:
                    gaps.append(_stop(trail, begin, moment, who))
                    begin, who = "", ""
            if begin:
                gaps.append(_stop(trail, begin, "", who))
        return gaps

    def _empty(self) -> list[Gap]:
        gaps = []
        first = min((min(hours) for hours in self._hours.values()), default=0)
        last = max((max(hours) for hours in self._hours.values()), default=0)
        for (account, region), hours in self._hours.items():
            begin = None
            for hour in range(first, last + 2):
                here = hour in hours or hour == last + 1
                if not here:
                    begin = hour if begin is None else begin
                elif begin is not None:
                    gaps.append(_no_files(account, region, begin, hour))
                    begin = None
        return gaps


def _stop(trail: str, begin: str, end: str, who: str) -> Gap:
    until = f"until {end}" if end else "and not started again in these records"
    text = f"logging stopped by {who} {until}; calls in between are in no log file"
    return Gap(kind="logging stopped", subject=trail, begin=begin, end=end, text=text)


def _no_files(account: str, region: str, begin: int, end: int) -> Gap:
    hours = end - begin
    words = "an hour" if hours == 1 else f"{hours} hours"
    return Gap(
        kind="no files",
        subject=f"{account} {region}",
        begin=moment_of(begin * HOUR_SECONDS),
        end=moment_of(end * HOUR_SECONDS),
        text=f"{words} without a log file: nothing happened, or files are missing",
    )
