"""Events in the trail's log group: each record is one log event, written in the name of a role.

Every region of a trail writes into the one log group, which stands in the trail's home region. A
log event carries the eventTime of its record; where PutLogEvents would refuse that as too old, the
time of the attempt, so that nothing is lost that can still be delivered.
What does not belong here: what log groups do with events (regions/logs).
Source: CloudTrail User Guide, "Sending events to CloudWatch Logs" (events of 256 KB at most; the
role's permissions), "CloudWatch log group and log stream naming for CloudTrail"; CloudWatch Logs
API Reference, PutLogEvents (limits of a batch). Chosen: the lag, one further stream for each
further batch, and that it tries for 30 days.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Final, NamedTuple

from regions.calls import ApiAnswer, Principal
from regions.iam.messages import Resolve, Resolved
from regions.logs.errors import ResourceAlreadyExistsException, ResourceNotFoundException
from regions.logs.state import MS_PER_DAY, event_size
from regions.trail.deliveries import CLOUDWATCH_LOGS, REDELIVERY_NS
from regions.trail.json_shape import json_text
from regions.trail.kept import Kept
from regions.trail.marks import Marks, runs_of
from regions.trail.own_calls import LOGS_SESSION, cloudtrail, in_session, own_call, pause_ns
from regions.trail.sink import Answer, Host, Sink, complaint
from regions.trail.trails import TrailSettings, wants
from sim.clock import Timer
from sim.units import NS_PER_SECOND, days, minutes, ms, seconds
from sim.wire import Message

#: From the first event that waits to the batch; chosen: facts of typical lags speak of five
#: minutes.
LAG_NS: Final = minutes(5)
LOGS_TIMEOUT_NS: Final = seconds(10)
#: A larger event is left out. Source: User Guide.
EVENT_BYTES_MAX: Final = 256 * 1024
#: Of one batch. Source: PutLogEvents.
BATCH_BYTES_MAX: Final = 1_048_576
BATCH_EVENTS_MAX: Final = 10_000
#: Older events are refused there; an hour less, since clocks differ.
AGE_MAX_NS: Final = days(14) - minutes(60)
#: A role's session is not used in its last minutes; chosen.
SESSION_RESERVE_NS: Final = minutes(5)
SESSION_NS: Final = minutes(60)


#: Gets the role's session.
Then = Callable[[Principal], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsPut(Message):
    """These records are in the trail's log group, or never will be."""

    arn: str  #: of the trail
    runs: tuple[int, ...]


class LogMarks:
    """Which records each trail's log group has."""

    def __init__(self) -> None:
        self.of: dict[str, Marks] = {}  #: by trail

    def apply(self, change: LogsPut) -> None:
        """Take one change over."""
        self.of.setdefault(change.arn, Marks()).mark(change.runs)

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        for arn, marks in self.of.items():
            yield LogsPut(arn=arn, runs=marks.runs())


class Entry(NamedTuple):
    """One log event to be."""

    time_ms: int
    message: str
    event: Kept


@dataclass(slots=True)
class Line:
    """How it goes with one trail's log group."""

    timer: Timer | None = None
    busy: bool = False
    failures: int = 0
    batches: int = 0  #: of this round, which began with a lag or a pause


@dataclass(slots=True)
class Session:
    """A role's session, as long as it lasts."""

    key_id: str
    token: str
    until_ns: int  #: calendar time


@dataclass(slots=True)
class Batch:
    """What goes into one stream at once."""

    settings: TrailSettings
    stream: str
    entries: list[Entry]
    skipped: list[Kept] = field(default_factory=list)  #: too large
    more: bool = False  #: others waited that had no room


def stream_name(settings: TrailSettings, batch: int) -> str:
    """Return the stream of the n-th batch of a round: 0 has no number."""
    name = f"{settings.account}_CloudTrail_{settings.home_region}"
    return f"{name}_{batch + 1}" if batch else name


def fit(waiting: Sequence[Kept], now_ns: int) -> tuple[list[Entry], list[Kept]]:
    """Return as many records as one batch holds, in order of time, and those that none holds.

    Args:
      waiting: at least one, in order of arrival.
      now_ns: calendar time.
    """
    entries: list[Entry] = []
    skipped: list[Kept] = []
    room, first_ms, last_ms = BATCH_BYTES_MAX, 0, 0
    for event in waiting:
        message = json_text(event.record)
        size = event_size(message)
        if size > EVENT_BYTES_MAX:
            skipped.append(event)
            continue
        time_ns = event.second * NS_PER_SECOND
        time_ms = (time_ns if now_ns - time_ns <= AGE_MAX_NS else now_ns) // ms(1)
        low_ms, high_ms = (
            (min(first_ms, time_ms), max(last_ms, time_ms))
            if entries
            else (
                time_ms,
                time_ms,
            )
        )
        if size > room or len(entries) == BATCH_EVENTS_MAX or high_ms - low_ms > MS_PER_DAY:
            break
        first_ms, last_ms = low_ms, high_ms
        room -= size
        entries.append(Entry(time_ms, message, event))
    return sorted(entries, key=lambda entry: entry.time_ms), skipped


class LogsSink(Sink):
    """Writes to log groups, one batch at a time for each trail."""

    name = "logs"
    frames: ClassVar[Mapping[int, type[Any]]] = {272: LogsPut}
    state: LogMarks

    def __init__(self, host: Host, state: Any) -> None:
        super().__init__(host, state)
        for marks in self.state.of.values():
            marks.forget_from(host.archive.head)
        self._lines: dict[str, Line] = {}
        self._sessions: dict[str, Session] = {}  #: by ARN of the role

    @staticmethod
    def new_state() -> LogMarks:
        """Return the state in which nothing was written."""
        return LogMarks()

    def resume(self) -> None:
        """Write what waits."""
        for settings in self.host.archive.trails.here():
            self.altered(settings)

    def arrived(self, events: Sequence[Kept]) -> None:
        """Write after a while what some trail wants."""
        for settings in self.host.archive.trails.here():
            if settings.log_group_arn and any(_wants(settings, event) for event in events):
                self._arm(settings.arn, LAG_NS)

    def altered(self, settings: TrailSettings) -> None:
        """Look at all records once more: the trail may want others now."""
        self._marks(settings.arn).judge_again()
        self._line(settings.arn).failures = 0
        if settings.is_in(self.host.archive.region) and self._waiting(settings):
            self._arm(settings.arn, LAG_NS)

    def _marks(self, arn: str) -> Marks:
        return self.state.of.setdefault(arn, Marks())

    def _line(self, arn: str) -> Line:
        return self._lines.setdefault(arn, Line())

    def _waiting(self, settings: TrailSettings) -> list[Kept]:
        if not settings.log_group_arn:
            return []
        archive = self.host.archive
        wanted = partial(_wants, settings)
        return self._marks(settings.arn).missing(wanted, archive.history, archive.head)

    def _arm(self, arn: str, wait_ns: int) -> None:
        line = self._line(arn)
        if line.timer is None and not line.busy:
            line.batches = 0
            line.timer = self.host.after_calendar(wait_ns, self._due, arn)

    def _due(self, arn: str) -> None:
        self._line(arn).timer = None
        self._pump(arn)

    def _pump(self, arn: str) -> None:
        """Write the next batch of a trail, if anything waits."""
        host, line = self.host, self._line(arn)
        settings = host.archive.trails.get(arn)
        if settings is None or not settings.is_in(host.archive.region):
            return
        waiting = self._waiting(settings)
        if not waiting:
            return
        entries, skipped = fit(waiting, host.calendar_ns)
        more = len(entries) + len(skipped) < len(waiting)
        batch = Batch(settings, stream_name(settings, line.batches), entries, skipped, more)
        line.busy = True
        if entries:
            self._as_role(batch, partial(self._write, batch, may_create=True))
        else:
            self._done(batch)

    # The role.

    def _as_role(self, batch: Batch, then: Then) -> None:
        """Call ``then(principal)`` in the name of the trail's role."""
        host, role = self.host, batch.settings.logs_role_arn
        region = host.archive.region
        session = self._sessions.get(role)
        if session is not None and host.calendar_ns < session.until_ns - SESSION_RESERVE_NS:
            self._resolve(batch, session, then)
            return
        given = {"RoleArn": role, "RoleSessionName": LOGS_SESSION}
        settings = batch.settings
        who = cloudtrail(settings.account, settings.arn)
        call = own_call("sts", region, "AssumeRole", given, who)

        def lent(answer: Answer) -> None:
            if not isinstance(answer, ApiAnswer):
                self._failed(batch, answer)
                return
            found = answer.body["Credentials"]
            made = self._sessions[role] = Session(
                found["AccessKeyId"], found["SessionToken"], host.calendar_ns + SESSION_NS
            )
            self._resolve(batch, made, then)

        host.call(host.service("sts", region), call, lent, timeout_ns=LOGS_TIMEOUT_NS)

    def _resolve(self, batch: Batch, session: Session, then: Then) -> None:
        """Call ``then(principal)``, who may do what the role may do now."""
        host = self.host

        def found(answer: Answer) -> None:
            if isinstance(answer, Resolved):
                then(in_session(answer.principal, answer.principal.session_ns))
            else:
                self._sessions.pop(batch.settings.logs_role_arn, None)
                self._failed(batch, answer)

        resolve = Resolve(access_key_id=session.key_id, session_token=session.token)
        iam = host.service("iam", host.archive.region)
        host.call(iam, resolve, found, timeout_ns=LOGS_TIMEOUT_NS)

    # The group.

    def _write(self, batch: Batch, principal: Principal, *, may_create: bool) -> None:
        """Put a batch, into a stream that is made when it is not there."""
        events = tuple(
            {"timestamp": entry.time_ms, "message": entry.message} for entry in batch.entries
        )

        def answered(answer: Answer) -> None:
            if isinstance(answer, ApiAnswer):
                self._done(batch)
            elif may_create and isinstance(answer, ResourceNotFoundException):
                self._call(batch, principal, "CreateLogStream", {}, created)
            else:
                self._failed(batch, answer)

        def created(answer: Answer) -> None:
            # Another region may have made it meanwhile.
            if isinstance(answer, ApiAnswer | ResourceAlreadyExistsException):
                self._write(batch, principal, may_create=False)
            else:
                self._failed(batch, answer)

        self._call(batch, principal, "PutLogEvents", {"logEvents": events}, answered)

    def _call(
        self,
        batch: Batch,
        principal: Principal,
        action: str,
        given: dict[str, Any],
        then: Any,
    ) -> None:
        host, settings = self.host, batch.settings
        parts = settings.log_group_arn.split(":", 6)
        place = {"logGroupName": parts[6].removesuffix(":*"), "logStreamName": batch.stream}
        call = own_call("logs", parts[3], action, place | given, principal)
        host.call(host.service("logs", parts[3]), call, then, timeout_ns=LOGS_TIMEOUT_NS)

    def _done(self, batch: Batch) -> None:
        host, arn = self.host, batch.settings.arn
        line = self._line(arn)
        line.busy, line.failures = False, 0
        line.batches += 1
        if batch.entries:
            host.archive.delivery(arn).health[CLOUDWATCH_LOGS].tried(host.calendar_ns)
        self._mark(arn, [*(entry.event for entry in batch.entries), *batch.skipped])
        if batch.more:
            self._pump(arn)
        elif self._waiting(batch.settings):
            # Perhaps of what writing itself has caused: that must not go round and round.
            self._arm(arn, LAG_NS)

    def _failed(self, batch: Batch, answer: Answer) -> None:
        """Try again later; give up what is 30 days old."""
        host, arn, now_ns = self.host, batch.settings.arn, self.host.calendar_ns
        line = self._line(arn)
        line.busy = False
        line.failures += 1
        host.archive.delivery(arn).health[CLOUDWATCH_LOGS].tried(now_ns, complaint(answer))
        old = [e.event for e in batch.entries if now_ns - e.event.time_ns > REDELIVERY_NS]
        if old:
            host.note("log-events-given-up", arn=arn, count=len(old))
            self._mark(arn, old)
        self._arm(arn, pause_ns(line.failures))

    def _mark(self, arn: str, events: list[Kept]) -> None:
        if events:
            self.host.change([LogsPut(arn=arn, runs=runs_of(events))])


def _wants(settings: TrailSettings, event: Kept) -> bool:
    """Say whether a record belongs in a trail's log group: not what came before it was named."""
    return event.time_ns >= settings.logs_since_ns and wants(settings, event)
