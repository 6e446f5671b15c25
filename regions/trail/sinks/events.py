"""Events on the default bus of EventBridge, in the region where the call took place.

An event goes there if some trail of its account that logs wants it; it goes once, however many do.
What does not belong here: rules and their targets (regions/events).
Source: EventBridge User Guide, "AWS service events delivered via AWS CloudTrail" (detail-types;
a trail with logging on is needed; events of more than 256 KB are not sent); CloudTrail User Guide,
"CloudTrail record contents". Chosen: the lag, and that it tries for 30 days.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from regions.events.messages import PutServiceEvents, ServiceEvent, ServiceEventsTaken
from regions.trail.deliveries import REDELIVERY_NS
from regions.trail.json_shape import json_text
from regions.trail.kept import Kept
from regions.trail.marks import Marks, runs_of
from regions.trail.own_calls import pause_ns
from regions.trail.record import AuditRecord, recipient
from regions.trail.sink import Answer, Host, Sink
from regions.trail.trails import TrailSettings, wants
from sim.clock import Timer
from sim.units import seconds
from sim.wire import Message

#: From the first event that waits to the bus; chosen: the documents speak of near real time,
#: the facts of seconds to minutes.
LAG_NS: Final = seconds(60)
EVENTS_TIMEOUT_NS: Final = seconds(10)
#: A larger event is left out. Source: CloudTrail User Guide.
EVENT_BYTES_MAX: Final = 256 * 1024
#: Of one message to EventBridge; chosen.
BATCH_BYTES_MAX: Final = 1024 * 1024

API_CALL: Final = "AWS API Call via CloudTrail"
#: eventType -> detail-type; others are API calls.
DETAIL_TYPES: Final = {
    "AwsApiCall": API_CALL,
    "AwsConsoleAction": "AWS Console Action via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsCloudTrailInsight": "AWS Insight via CloudTrail",
}
_SUFFIX: Final = ".amazonaws.com"
_INSIGHT: Final = "AwsCloudTrailInsight"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPut(Message):
    """These records are on their accounts' buses, or never will be."""

    runs: tuple[int, ...]


class BusMarks(Marks):
    """Which records EventBridge has."""

    def apply(self, change: EventsPut) -> None:
        """Take one change over."""
        self.mark(change.runs)

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        runs = self.runs()
        return [EventsPut(runs=runs)] if runs else []


def source_of(record: AuditRecord) -> str:
    """Return the source of a record's event, such as ``aws.kms``."""
    if record.event_type == _INSIGHT:
        return "aws.cloudtrail"
    return f"aws.{record.source.removesuffix(_SUFFIX)}"


def service_event(record: AuditRecord) -> ServiceEvent:
    """Return a record as an event."""
    return ServiceEvent(
        account=recipient(record),
        source=source_of(record),
        detail_type=DETAIL_TYPES.get(record.event_type, API_CALL),
        time_ns=record.time_ns,
        detail=json_text(record),
        read_only_management=record.read_only and record.category == "Management",
    )


class EventsSink(Sink):
    """Sends batches to EventBridge of its region, one at a time."""

    name = "events"
    frames: ClassVar[Mapping[int, type[Any]]] = {273: EventsPut}
    state: BusMarks

    def __init__(self, host: Host, state: Any) -> None:
        super().__init__(host, state)
        self.state.forget_from(host.archive.head)
        self._timer: Timer | None = None
        self._busy = False
        self._failures = 0

    @staticmethod
    def new_state() -> BusMarks:
        """Return the state in which nothing was sent."""
        return BusMarks()

    @property
    def _bus(self) -> str:
        """Return who is EventBridge here; "" in a world without it."""
        return self.host.service("events", self.host.archive.region)

    def resume(self) -> None:
        """Send what waits."""
        self._look()

    def arrived(self, events: Sequence[Kept]) -> None:
        """Send after a while what some trail wants."""
        if self._timer is None and not self._busy and self._bus:
            trails = self.host.archive.trails.here()
            if any(wants(settings, event) for settings in trails for event in events):
                self._arm(LAG_NS)

    def altered(self, settings: TrailSettings) -> None:  # noqa: ARG002 - whichever it is
        """Look at all records once more: a trail may want others now."""
        self.state.judge_again()
        self._look()

    def _look(self) -> None:
        if self._bus and self._waiting():
            self._arm(LAG_NS)

    def _waiting(self) -> list[Kept]:
        archive = self.host.archive
        trails = archive.trails.here()

        def wanted(event: Kept) -> bool:
            return any(wants(settings, event) for settings in trails)

        return self.state.missing(wanted, archive.history, archive.head)

    def _arm(self, wait_ns: int) -> None:
        if self._timer is None and not self._busy:
            self._timer = self.host.after_calendar(wait_ns, self._due)

    def _due(self) -> None:
        self._timer = None
        self._pump()

    def _pump(self) -> None:
        """Send the next batch, if anything waits."""
        events: list[ServiceEvent] = []
        taken: list[Kept] = []
        room = BATCH_BYTES_MAX
        waiting = self._waiting()
        for kept in waiting:
            event = service_event(kept.record)
            size = len(event.detail.encode())
            if size > EVENT_BYTES_MAX:
                taken.append(kept)
                continue
            if size > room:
                break
            room -= size
            taken.append(kept)
            events.append(event)
        if not taken:
            return
        self._busy = True
        put = PutServiceEvents(events=tuple(events))
        then = partial(self._answered, taken, len(taken) < len(waiting))
        self.host.call(self._bus, put, then, timeout_ns=EVENTS_TIMEOUT_NS)

    def _answered(self, taken: list[Kept], more: bool, answer: Answer) -> None:
        host, now_ns = self.host, self.host.calendar_ns
        self._busy = False
        if isinstance(answer, ServiceEventsTaken):
            self._failures = 0
            host.change([EventsPut(runs=runs_of(taken))])
            if more:
                self._pump()
            else:
                self._look()
            return
        self._failures += 1
        old = [kept for kept in taken if now_ns - kept.time_ns > REDELIVERY_NS]
        if old:
            host.note("events-given-up", count=len(old))
            host.change([EventsPut(runs=runs_of(old))])
        self._arm(pause_ns(self._failures))
