"""What one trail has delivered from one region, is delivering, and still has to.

A file is planned before it is put: the plan fixes its key and its records and is on disk first,
so a delivery that is repeated after a crash writes the same bytes to the same key.
What does not belong here: which records are wanted (trails.py), timers and messages (trail.py).
Source: CloudTrail User Guide, "How CloudTrail works" (at least once; redelivery for 30 days).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from regions.trail.history import History
from regions.trail.trails import TrailSettings, wants
from sim.units import days, minutes, seconds
from sim.wire import Message

#: A file with more records is split; chosen: about 10 MB of JSON, far below 50 MB compressed.
FILE_RECORDS_MAX: Final = 10_000
#: A file of larger records is split by their encoded size; chosen: as JSON at most some times
#: that, which compression brings back. Source of the 50 MB: User Guide, quotas.
FILE_BYTES_MAX: Final = 16 * 1024 * 1024
#: A file that no attempt could deliver in this time is given up. Source: User Guide.
REDELIVERY_NS: Final = days(30)
#: The pause after a failed attempt doubles from the first to the second; chosen.
RETRY_NS: Final = seconds(5)
RETRY_MAX_NS: Final = minutes(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan(Message):
    """One file that must come to be."""

    arn: str
    bucket: str
    bucket_site: str
    key: str
    slot_ns: int  #: calendar time
    due_ns: int  #: calendar time at which it may be put
    runs: tuple[int, ...]  #: sequences of its records: first, count, first, count, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Message):
    """A planned file is in its bucket, or was given up."""

    arn: str
    key: str
    time_ns: int  #: calendar time; 0: given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned(Message):
    """What a trail has planned or delivered before a snapshot of the state."""

    arn: str
    runs: tuple[int, ...]
    latest_ns: int


def to_runs(sequences: Iterable[int]) -> tuple[int, ...]:
    """Return ascending numbers as (first, count) pairs, flat."""
    runs: list[int] = []
    for number in sequences:
        if runs and runs[-2] + runs[-1] == number:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return tuple(runs)


def from_runs(runs: tuple[int, ...]) -> Iterator[int]:
    """Yield the numbers of ``to_runs``."""
    for place in range(0, len(runs), 2):
        yield from range(runs[place], runs[place] + runs[place + 1])


@dataclass(slots=True)
class SinkHealth:
    """How it goes with one destination of a trail beside its bucket's log files."""

    error: str = ""  #: of the last attempt, as the other service says it; empty after a success
    attempt_ns: int = 0  #: calendar time of the last attempt; 0: none yet
    latest_ns: int = 0  #: calendar time of the last success; 0: none yet

    def tried(self, now_ns: int, error: str = "") -> None:
        """Note an attempt that ended now, with the other service's error or with success."""
        self.attempt_ns, self.error = now_ns, error
        if not error:
            self.latest_ns = now_ns


#: The destinations that GetTrailStatus tells of beside log files.
NOTIFICATION: Final = "notification"
CLOUDWATCH_LOGS: Final = "cloudwatch-logs"
DIGEST: Final = "digest"
SINK_NAMES: Final = (NOTIFICATION, CLOUDWATCH_LOGS, DIGEST)


class Deliveries:
    """The delivery state of one trail in one region."""

    def __init__(self) -> None:
        self.pending: dict[str, DeliveryPlan] = {}  #: by key
        self.latest_ns = 0  #: calendar time of the last delivery
        self.attempt_ns = 0
        self.error = ""  #: of the last attempt; empty after a success
        self.failures = 0
        #: Set by the sinks; like ``error`` it begins anew with each incarnation of the actor.
        self.health: dict[str, SinkHealth] = {name: SinkHealth() for name in SINK_NAMES}
        self._marks = bytearray()  #: per sequence: 1 when it is in some plan
        self._cursor = 0  #: everything before was judged under the present settings

    def judge_again(self) -> None:
        """Settings have changed: look at all records once more."""
        self._cursor = 0

    def wanted(self, settings: TrailSettings, history: History, head: int) -> list[int]:
        """Return the sequences below ``head`` that the trail wants and nothing has planned."""
        marks = self._marks
        marks.extend(bytes(max(0, head - len(marks))))
        cursor = marks.find(0, self._cursor, head)
        if cursor < 0:
            return []
        return [
            event.sequence
            for event in history.since(cursor, head)
            if not marks[event.sequence] and wants(settings, event)
        ]

    def judged(self, head: int) -> None:
        """Everything below ``head`` that is wanted is in a plan now."""
        self._cursor = head

    def plan(self, plan: DeliveryPlan) -> None:
        """Take up a plan that is, or is about to be, on disk."""
        self.pending[plan.key] = plan
        self.mark(plan.runs)

    def mark(self, runs: tuple[int, ...]) -> None:
        """Count these records as planned."""
        marks = self._marks
        for place in range(0, len(runs), 2):
            first, count = runs[place], runs[place + 1]
            marks.extend(bytes(max(0, first + count - len(marks))))
            marks[first : first + count] = b"\x01" * count

    def forget_from(self, head: int) -> None:
        """Unmark sequences that a power cut took back; they will be given out again."""
        del self._marks[head:]
        for key, plan in list(self.pending.items()):
            runs = to_runs(n for n in from_runs(plan.runs) if n < head)
            if runs != plan.runs:
                # It was not durable, so nothing was put under its key.
                del self.pending[key]
                if runs:
                    self.pending[key] = DeliveryPlan(
                        arn=plan.arn,
                        bucket=plan.bucket,
                        bucket_site=plan.bucket_site,
                        key=key,
                        slot_ns=plan.slot_ns,
                        due_ns=plan.due_ns,
                        runs=runs,
                    )

    def done(self, delivered: Delivered) -> None:
        """A file is in its bucket, or was given up."""
        self.pending.pop(delivered.key, None)
        if delivered.time_ns:
            self.latest_ns = max(self.latest_ns, delivered.time_ns)
            self.error, self.failures = "", 0

    def failed(self, error: str) -> int:
        """An attempt failed; return how long to wait before the next one."""
        self.error = error
        self.failures += 1
        return min(RETRY_NS << min(self.failures - 1, 10), RETRY_MAX_NS)

    def next_plan(self) -> DeliveryPlan | None:
        """Return the pending plan that is due first."""
        return min(self.pending.values(), key=lambda p: (p.due_ns, p.key), default=None)

    def planned(self, arn: str) -> Planned:
        """Return what a snapshot must say beside the pending plans."""
        marks, runs, place = self._marks, [], 0
        while (first := marks.find(1, place)) >= 0:
            end = marks.find(0, first)
            place = len(marks) if end < 0 else end
            runs += [first, place - first]
        return Planned(arn=arn, runs=tuple(runs), latest_ns=self.latest_ns)
