"""Insights: minutes in which one API action is called, or fails, far more often than it used to.

What is counted, for each account of a region that has Insights on:
- ApiCallRateInsight: write management calls, by eventSource and eventName;
- ApiErrorRateInsight: management calls that failed, by errorCode as well.
The rule, chosen (the service's own is not published): the baseline of a minute is the mean of the
168 whole hours before its hour, in calls per minute. A minute is unusual when its count is 10 or
more and exceeds three times the baseline and three standard deviations of a Poisson process above
it. The first unusual minute starts an Insight, the first one that is not unusual ends it. Fewer
calls than usual are no Insight, and data events are not counted.
Memory is bounded: at most SERIES_MAX actions of an account, an hour's counts for each, and the
VALUES_MAX most frequent callers of a day. An event of a minute that was judged before it came
counts for later baselines only.
What does not belong here: clocks and timers (sinks/insights.py), and who has Insights on.
Source: CloudTrail User Guide, "Logging Insights events" and "CloudTrail record contents for
Insights events": fields, at most five attributions, a baseline of seven days.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import sqrt
from typing import Any, Final, NamedTuple

from regions.trail.copies import derived
from regions.trail.record import timestamp
from regions.trail.selectors import CALL_RATE, ERROR_RATE
from sim.units import NS_PER_SECOND, minutes

#: Calls a minute below which nothing is unusual; chosen.
FEWEST: Final = 10
#: How many times the baseline, and how many standard deviations above it; chosen.
TIMES: Final = 3.0
DEVIATIONS: Final = 3.0
#: Minutes of a baseline. Source: User Guide: at least seven days.
BASELINE_MINUTES: Final = 7 * 24 * 60
#: Attributions of one kind that a record shows. Source: User Guide.
ATTRIBUTIONS_MAX: Final = 5
SERIES_MAX: Final = 2_000
VALUES_MAX: Final = 20
MINUTE_NS: Final = minutes(1)

_MINUTES_PER_HOUR: Final = 60
_HOURS: Final = BASELINE_MINUTES // _MINUTES_PER_HOUR
_DAYS: Final = 8
#: Averages are shown with so many digits behind the point, as in the service's examples.
_DIGITS: Final = 10
#: What a call without an error code counts as among attributions.
_NO_ERROR: Final = "null"


class Call(NamedTuple):
    """What Insights look at in one management event."""

    time_ns: int
    source: str
    name: str
    read_only: bool
    error_code: str
    principal_arn: str
    user_agent: str


class Subject(NamedTuple):
    """What is counted together."""

    kind: str  #: CALL_RATE or ERROR_RATE
    source: str
    name: str
    error_code: str  #: "" of CALL_RATE

    @property
    def attributes(self) -> tuple[str, ...]:
        """What its calls are told apart by."""
        shown = ("userIdentityArn", "userAgent")
        return shown if self.kind == ERROR_RATE else (*shown, "errorCode")


def subjects(call: Call) -> Iterator[Subject]:
    """Yield what a call counts for."""
    if not call.read_only:
        yield Subject(CALL_RATE, call.source, call.name, "")
    if call.error_code:
        yield Subject(ERROR_RATE, call.source, call.name, call.error_code)


#: Attribute -> value -> calls.
Counts = dict[str, dict[str, int]]


def _count(counts: Counts, subject: Subject, call: Call, most: int) -> None:
    values = (call.principal_arn, call.user_agent, call.error_code or _NO_ERROR)
    for attribute, value in zip(subject.attributes, values, strict=False):
        column = counts.setdefault(attribute, {})
        if value in column or len(column) < most:
            column[value] = column.get(value, 0) + 1


@dataclass(slots=True)
class _Minute:
    """A minute that was not judged yet."""

    count: int = 0
    values: Counts = field(default_factory=dict)


@dataclass(slots=True)
class _Episode:
    """An Insight that goes on."""

    start: int  #: minute
    baseline: float
    minutes: int
    count: int
    values: Counts
    before: Counts  #: of the seven days before


@dataclass(slots=True)
class _Series:
    """The counts of one subject."""

    hours: dict[int, int] = field(default_factory=dict)
    days: dict[int, Counts] = field(default_factory=dict)
    pending: dict[int, _Minute] = field(default_factory=dict)
    judged: int = -1  #: the last minute that was
    episode: _Episode | None = None

    def baseline(self, minute: int) -> float:
        """Return calls per minute in the 168 whole hours before a minute's hour."""
        hour = minute // _MINUTES_PER_HOUR
        return sum(n for h, n in self.hours.items() if hour - _HOURS <= h < hour) / BASELINE_MINUTES

    def forget(self, minute: int) -> None:
        """Let go of what no baseline from a minute on needs."""
        hour = minute // _MINUTES_PER_HOUR
        for old in [h for h in self.hours if h < hour - _HOURS]:
            del self.hours[old]
        for old in [day for day in self.days if day < hour // 24 - _DAYS]:
            del self.days[old]


@dataclass(frozen=True, slots=True)
class Insight:
    """A start or an end, as its record shows it."""

    subject: Subject
    started: bool
    minute: int  #: since 1970: of the start, or the first one that was usual again
    start: int  #: the minute of the start
    details: dict[str, Any]

    @property
    def time_ns(self) -> int:
        """Its eventTime."""
        return self.minute * MINUTE_NS


def is_unusual(count: int, baseline: float) -> bool:
    """Say whether a minute with so many calls stands out."""
    highest = max(TIMES * baseline, baseline + DEVIATIONS * sqrt(baseline))
    return count >= FEWEST and count > highest


class Watch:
    """The counts of one account in one region.

    Args:
      since_ns: calendar; no Insight starts before, whatever is counted.
    """

    def __init__(self, since_ns: int) -> None:
        self.since_ns = since_ns
        self._series: dict[Subject, _Series] = {}

    def add(self, call: Call) -> None:
        """Count one management event."""
        minute = call.time_ns // MINUTE_NS
        for subject in subjects(call):
            series = self._series.get(subject)
            if series is None:
                if len(self._series) >= SERIES_MAX:
                    continue
                series = self._series[subject] = _Series()
            hour = minute // _MINUTES_PER_HOUR
            series.hours[hour] = series.hours.get(hour, 0) + 1
            _count(series.days.setdefault(hour // 24, {}), subject, call, VALUES_MAX)
            if minute > series.judged:
                waiting = series.pending.setdefault(minute, _Minute())
                waiting.count += 1
                _count(waiting.values, subject, call, VALUES_MAX)

    def due(self) -> int | None:
        """Return the first minute that must be judged; None: nothing waits."""
        found: int | None = None
        for series in self._series.values():
            waiting = min(series.pending, default=None)
            if series.episode is not None:
                waiting = series.judged + 1
            if waiting is not None and (found is None or waiting < found):
                found = waiting
        return found

    def judge(self, before: int) -> list[Insight]:
        """Judge every minute before one that waits for it; return what begins or ends by that."""
        found: list[Insight] = []
        for subject, series in self._series.items():
            for minute in self._minutes(series, before):
                found += self._judge(subject, series, minute)
        return sorted(found, key=lambda insight: (insight.minute, insight.subject))

    @staticmethod
    def _minutes(series: _Series, before: int) -> Iterator[int]:
        """Yield the minutes with calls, and the one after the last while an Insight goes on."""
        while True:
            following = min(series.pending, default=before)
            if series.episode is not None:
                following = series.judged + 1
            if following >= before:
                return
            yield following

    def _judge(self, subject: Subject, series: _Series, minute: int) -> Iterator[Insight]:
        waiting = series.pending.pop(minute, None) or _Minute()
        episode = series.episode
        series.judged = minute
        if episode is None:
            series.forget(minute)
            baseline = series.baseline(minute)
            if minute * MINUTE_NS >= self.since_ns and is_unusual(waiting.count, baseline):
                before = _before(series, minute)
                series.episode = _Episode(
                    minute, baseline, 1, waiting.count, waiting.values, before
                )
                yield Insight(
                    subject, True, minute, minute, _details(subject, series.episode, True)
                )
        elif is_unusual(waiting.count, episode.baseline):
            episode.minutes += 1
            episode.count += waiting.count
            _merge(episode.values, waiting.values)
        else:
            series.episode = None
            details = _details(subject, episode, False)
            yield Insight(subject, False, minute, episode.start, details)


def _before(series: _Series, minute: int) -> Counts:
    """Return who called in the days before a minute's day, as far as they are of the baseline."""
    day = minute // (_MINUTES_PER_HOUR * 24)
    found: Counts = {}
    for number in sorted(series.days):
        if day - 7 <= number < day:
            _merge(found, series.days[number])
    return found


def _merge(into: Counts, more: Counts) -> None:
    for attribute, column in more.items():
        target = into.setdefault(attribute, {})
        for value, count in column.items():
            if value in target or len(target) < VALUES_MAX:
                target[value] = target.get(value, 0) + count


def _details(subject: Subject, episode: _Episode, started: bool) -> dict[str, Any]:
    """Return insightDetails; what is over has a duration."""
    statistics: dict[str, Any] = {
        "baseline": {"average": round(episode.baseline, _DIGITS)},
        "insight": {"average": round(episode.count / episode.minutes, _DIGITS)},
    }
    if not started:
        statistics["insightDuration"] = episode.minutes
    statistics["baselineDuration"] = BASELINE_MINUTES
    attributions = [
        {
            "attribute": attribute,
            "insight": _top(episode.values.get(attribute, {}), episode.minutes),
            "baseline": _top(episode.before.get(attribute, {}), BASELINE_MINUTES),
        }
        for attribute in subject.attributes
    ]
    details: dict[str, Any] = {
        "state": "Start" if started else "End",
        "eventSource": subject.source,
        "eventName": subject.name,
        "insightType": subject.kind,
    }
    if subject.error_code:
        details["errorCode"] = subject.error_code
    return details | {"insightContext": {"statistics": statistics, "attributions": attributions}}


def _top(column: dict[str, int], duration: int) -> list[dict[str, Any]]:
    """Return the most frequent values with their calls per minute."""
    order = sorted(column, key=lambda value: (-column[value], value))
    return [
        {"value": value, "average": round(column[value] / duration, _DIGITS)}
        for value in order[:ATTRIBUTIONS_MAX]
    ]


def ids(insight: Insight, account: str, region: str) -> tuple[str, str]:
    """Return eventID and sharedEventID: equal whenever the same Insight is found again."""
    what = f"{account} {region} {'/'.join(insight.subject)} {insight.start}"
    shared = derived(what, "insight")
    return derived(shared, "Start" if insight.started else "End"), shared


def to_text(insight: Insight, account: str, region: str) -> str:
    """Return the record of an Insight as the JSON object that stands in files."""
    event_id, shared = ids(insight, account, region)
    event = {
        "eventVersion": "1.08",
        "eventTime": timestamp(insight.time_ns // NS_PER_SECOND),
        "awsRegion": region,
        "eventID": event_id,
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": account,
        "sharedEventID": shared,
        "insightDetails": insight.details,
        "eventCategory": "Insight",
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
