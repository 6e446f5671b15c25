"""CloudTrail Insights of one region: for each account that has them on, for a trail or a store.

What is found is taken in as any record is, so trails deliver it and history shows it. Counts are
rebuilt from history at a restart; an Insight that is found again has the same ids and is known.
A minute is judged some minutes after its end, by a timer that exists only while one waits.
What does not belong here: the rule (insights.py), and who wants which record (trails.py, lake/).
Source: CloudTrail User Guide, "Logging Insights events": the first one up to 36 hours after they
are enabled, then within 30 minutes.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from regions.calls import Principal
from regions.trail.insights import (
    BASELINE_MINUTES,
    MINUTE_NS,
    Call,
    Insight,
    Watch,
    ids,
    to_text,
)
from regions.trail.kept import Kept
from regions.trail.lake_wishes import LakeWishes
from regions.trail.record import AuditRecord
from regions.trail.selectors import INSIGHT, MANAGEMENT, InsightSelectors
from regions.trail.sink import Host, Sink
from regions.trail.trails import TrailSettings
from sim.clock import Timer
from sim.units import hours, minutes
from sim.wire import Message

#: From enabling Insights to the first one at the earliest; chosen within the 36 hours.
LEARNING_NS: Final = hours(24)
#: From the end of a minute until it is judged: records arrive seconds after their calls, and some
#: minutes after them when an AZ was away. Chosen, within the 30 minutes.
GRACE_NS: Final = minutes(5)
#: How far back counts are rebuilt: the baseline, its whole hours and days, and an hour.
_REBUILT_NS: Final = (BASELINE_MINUTES + 26 * 60) * MINUTE_NS


Key = TypeVar("Key")


class InsightsSink(Sink):
    """Counts management events, and makes records of what is unusual."""

    name = "insights"

    def __init__(self, host: Host, state: Any) -> None:
        super().__init__(host, state)
        self._on: dict[tuple[str, str], int] = {}
        self._watches: dict[str, Watch] = {}  #: by account
        self._timer: Timer | None = None
        self._timer_minute = 0

    def resume(self) -> None:
        """Count anew what happened in the last week."""
        self._refresh()

    def altered(self, settings: TrailSettings) -> None:
        """A trail may have Insights now, or none any more."""
        del settings
        self._refresh()

    def heard(self, sender: str, message: Message) -> None:
        """An event data store may have Insights now, or none any more."""
        del sender, message
        self._refresh()

    def arrived(self, events: Sequence[Kept]) -> None:
        """Count what came in."""
        if self._watches:
            self._count(events)
            self._arm()

    # Who has Insights on.

    def _wanted(self) -> dict[tuple[str, str], int]:
        """Return account and type of what is on, and since when on the calendar."""
        found: dict[tuple[str, str], int] = {}
        for settings in self.host.archive.trails.here():
            if settings.is_logging and settings.insights:
                for kind in _types(settings.insights[-1]):
                    _earliest(found, (settings.account, kind), _since_ns(settings))
        wishes = self.host.states["lakes"]
        assert isinstance(wishes, LakeWishes), "as its sink made it"
        for wish in wishes.insights:
            for kind in wish.types:
                _earliest(found, (wish.account, kind), wish.since_ns)
        return found

    def _refresh(self) -> None:
        self._on = self._wanted()
        wanted: dict[str, int] = {}
        for (account, _), since_ns in self._on.items():
            _earliest(wanted, account, since_ns)
        for account in [a for a in self._watches if a not in wanted]:
            del self._watches[account]
        fresh = {a: since_ns for a, since_ns in wanted.items() if a not in self._watches}
        if not fresh:
            return
        for account, since_ns in fresh.items():
            self._watches[account] = Watch(since_ns + LEARNING_NS)
        archive = self.host.archive
        begin = archive.history.first_since(self.host.calendar_ns - _REBUILT_NS)
        events = archive.history.since(begin, archive.head)
        self._count(e for e in events if e.account in fresh)
        self._arm()

    def _count(self, events: Iterable[Kept]) -> None:
        for event in events:
            watch = self._watches.get(event.account)
            if watch is not None and event.management:
                watch.add(_call(event))

    # Time.

    def _arm(self) -> None:
        """Look when the first minute that waits may be judged."""
        due = [minute for w in self._watches.values() if (minute := w.due()) is not None]
        if not due:
            return
        minute = min(due)
        if self._timer is not None:
            if self._timer_minute <= minute:
                return
            self._timer.cancel()
        wait_ns = (minute + 1) * MINUTE_NS + GRACE_NS - self.host.calendar_ns
        self._timer_minute = minute
        self._timer = self.host.after_calendar(max(0, wait_ns), self._judge)

    def _judge(self) -> None:
        self._timer = None
        before = (self.host.calendar_ns - GRACE_NS) // MINUTE_NS
        records = [
            self._record(insight, account)
            for account, watch in self._watches.items()
            for insight in watch.judge(before)
            if (account, insight.subject.kind) in self._on
        ]
        if records:
            self.host.take(records)
        self._arm()

    def _record(self, insight: Insight, account: str) -> AuditRecord:
        region = self.host.archive.region
        event_id, shared = ids(insight, account, region)
        subject = insight.subject
        return AuditRecord(
            event_id=event_id,
            request_id="",
            time_ns=insight.time_ns,
            source=subject.source,
            name=subject.name,
            region=region,
            principal=Principal(kind="AWSService", account=account, arn=""),
            source_ip="",
            user_agent="",
            error_code=subject.error_code,
            read_only=False,
            event_type="AwsCloudTrailInsight",
            recipient_account=account,
            category=INSIGHT,
            raw=to_text(insight, account, region),
            shared_event_id=shared,
        )


def _call(event: Kept) -> Call:
    record = event.record
    return Call(
        time_ns=event.time_ns,
        source=event.source,
        name=event.name,
        read_only=event.read_only,
        error_code=event.error_code,
        principal_arn=event.principal_arn or record.principal.invoked_by,
        user_agent=record.user_agent,
    )


def _types(selectors: InsightSelectors) -> list[str]:
    """Return the types that look at management events; data events are not modelled here."""
    return [kind for kind, categories in selectors.types if MANAGEMENT in categories]


def _since_ns(settings: TrailSettings) -> int:
    """Return since when a trail has had some Insights on without a break."""
    since_ns = 0
    for held in settings.insights:
        if not _types(held):
            since_ns = 0
        elif not since_ns:
            since_ns = held.since_ns
    return since_ns


def _earliest(found: dict[Key, int], key: Key, since_ns: int) -> None:
    found[key] = min(since_ns, found.get(key, since_ns))
