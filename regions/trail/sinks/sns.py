"""Notifications of delivered files: one message for all that wait, to the trail's one topic.

Of every delivered file its region owes a notification until the topic has taken it; that stands
on the disk together with the delivery. While the topic cannot be reached, files gather and go out
in one message. A topic may hear of a file twice.
What does not belong here: who has subscribed to the topic (regions/sns).
Source: CloudTrail User Guide, "Configuring Amazon SNS notifications for CloudTrail" and
"Receiving CloudTrail log files from multiple Regions"; the members of a message as in the
service's own. That it tries for 30 days is chosen: as long as for the files themselves.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any, ClassVar, Final

from regions.calls import ApiAnswer
from regions.trail.deliveries import NOTIFICATION, REDELIVERY_NS, DeliveryPlan
from regions.trail.own_calls import cloudtrail, own_call, pause_ns
from regions.trail.sink import Answer, Host, Sink, complaint
from regions.trail.stored_file import StoredFile
from regions.trail.trails import TrailSettings
from sim.clock import Timer
from sim.units import seconds
from sim.wire import Message

#: A topic that does not answer in this time is asked again later; chosen.
TOPIC_TIMEOUT_NS: Final = seconds(10)
#: Files that one message names; chosen: with the longest keys a quarter of SNS's 256 KB.
KEYS_MAX: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationOwed(Message):
    """A file lies in its bucket, and the topic has not heard of it."""

    arn: str  #: of the trail
    bucket: str
    key: str
    time_ns: int  #: calendar time of the delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDone(Message):
    """The topic has heard of these files, or never will."""

    arn: str
    keys: tuple[str, ...]


class Owed:
    """What topics have to hear of, by trail and key, the oldest first."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, NotificationOwed]] = {}

    def apply(self, change: NotificationOwed | NotificationDone) -> None:
        """Take one change over."""
        files = self.files.setdefault(change.arn, {})
        if isinstance(change, NotificationOwed):
            files[change.key] = change
        else:
            for key in change.keys:
                files.pop(key, None)
        if not files:
            del self.files[change.arn]

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        for files in self.files.values():
            yield from files.values()

    def batch(self, arn: str) -> list[NotificationOwed]:
        """Return the files of one message: the oldest ones that lie in one bucket."""
        files = list(self.files.get(arn, {}).values())[:KEYS_MAX]
        return list(takewhile(lambda file: file.bucket == files[0].bucket, files))


class SnsSink(Sink):
    """Publishes to topics, one message at a time for each trail."""

    name = "sns"
    frames: ClassVar[Mapping[int, type[Any]]] = {270: NotificationOwed, 271: NotificationDone}
    state: Owed

    def __init__(self, host: Host, state: Any) -> None:
        super().__init__(host, state)
        self._busy: set[str] = set()  #: trails for which a message is under way
        self._again: dict[str, Timer] = {}
        self._failures: dict[str, int] = {}

    @staticmethod
    def new_state() -> Owed:
        """Return the state in which nothing is owed."""
        return Owed()

    def resume(self) -> None:
        """Publish what an earlier incarnation has left."""
        for arn in list(self.state.files):
            self._pump(arn)

    def altered(self, settings: TrailSettings) -> None:
        """Try the topic that the trail has now."""
        self._failures.pop(settings.arn, None)
        self._pump(settings.arn)

    def stored(self, plan: DeliveryPlan, file: StoredFile) -> Iterable[Message]:
        """Owe the topic a notification."""
        if not self._topic(plan.arn):
            return ()
        return [
            NotificationOwed(arn=plan.arn, bucket=file.bucket, key=file.key, time_ns=file.time_ns)
        ]

    def settled(self, arn: str) -> None:
        """Publish, unless the topic is being waited for."""
        if arn not in self._again:
            self._pump(arn)

    def _topic(self, arn: str) -> str:
        """Return the topic of a trail now, "" if it has none."""
        settings = self.host.archive.trails.get(arn)
        return "" if settings is None or settings.deleted else settings.sns_topic_arn

    def _pump(self, arn: str) -> None:
        """Publish what is owed for a trail."""
        timer = self._again.pop(arn, None)
        if timer is not None:
            timer.cancel()
        if arn in self._busy or arn not in self.state.files:
            return
        host, topic, batch = self.host, self._topic(arn), self.state.batch(arn)
        keys = tuple(file.key for file in batch)
        if not topic:
            host.change([NotificationDone(arn=arn, keys=keys)], partial(self._pump, arn))
            return
        self._busy.add(arn)
        message = {"s3Bucket": batch[0].bucket, "s3ObjectKey": list(keys)}
        given = {"TopicArn": topic, "Message": json.dumps(message, separators=(",", ":"))}
        region = topic.split(":")[3]
        call = own_call("sns", region, "Publish", given, cloudtrail(arn.split(":")[4], arn))
        then = partial(self._published, arn, batch)
        host.call(host.service("sns", region), call, then, timeout_ns=TOPIC_TIMEOUT_NS)

    def _published(self, arn: str, batch: list[NotificationOwed], answer: Answer) -> None:
        host, now_ns = self.host, self.host.calendar_ns
        self._busy.discard(arn)
        health = host.archive.delivery(arn).health[NOTIFICATION]
        done = batch
        if isinstance(answer, ApiAnswer):
            health.tried(now_ns)
            self._failures.pop(arn, None)
        else:
            health.tried(now_ns, complaint(answer))
            done = [file for file in batch if now_ns - file.time_ns > REDELIVERY_NS]
            for file in done:
                host.note("notification-given-up", arn=arn, key=file.key)
        if done:
            gone = NotificationDone(arn=arn, keys=tuple(file.key for file in done))
            host.change([gone])
        if isinstance(answer, ApiAnswer):
            self._pump(arn)
        elif arn in self.state.files:
            failures = self._failures[arn] = self._failures.get(arn, 0) + 1
            self._again[arn] = host.after_calendar(pause_ns(failures), self._pump, arn)
