"""Log files in the trail's bucket: one file of everything that waits at each slot of a trail.

What does not belong here: when a slot is and what files are called (slots.py), and which plans
are under way (deliveries.py).
Source: CloudTrail User Guide, "How CloudTrail works" (at least once; redelivery for 30 days).
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from regions.bucket import ObjectStored, PutObject
from regions.s3.messages import DeliverObject
from regions.trail.deliveries import (
    FILE_RECORDS_MAX,
    REDELIVERY_NS,
    Delivered,
    DeliveryPlan,
    from_runs,
    to_runs,
)
from regions.trail.json_shape import json_text
from regions.trail.kept import Kept
from regions.trail.selectors import INSIGHT
from regions.trail.sink import Answer, Host, Sink, SinkState, complaint
from regions.trail.slots import (
    INSIGHTS,
    LOGS,
    draw_phase_ns,
    draw_settle_ns,
    draw_unique,
    file_body,
    next_slot_ns,
    object_key,
)
from regions.trail.stored_file import StoredFile
from regions.trail.trails import TrailSettings, wants
from sim.clock import Timer
from sim.units import seconds

#: A bucket that does not answer in this time is asked again later; chosen.
BUCKET_TIMEOUT_NS: Final = seconds(10)


class S3Sink(Sink):
    """Plans files, puts them, and tries again for 30 days; its state is Archive.deliveries."""

    name = "s3"

    def __init__(self, host: Host, state: SinkState) -> None:
        super().__init__(host, state)
        self._archive = host.archive
        self._phases: dict[str, int] = {}  #: drawn once for each incarnation
        self._slots: dict[str, Timer] = {}
        self._pumps: dict[str, Timer] = {}
        self._putting: set[str] = set()

    def resume(self) -> None:
        """Go on delivering what was planned, and plan what waits."""
        for settings in self._archive.trails.here():
            self._wake(settings)
            self._pump(settings.arn)

    def arrived(self, events: Sequence[Kept]) -> None:
        """Publish at the next slot what some trail wants."""
        for settings in self._archive.trails.here():
            if settings.arn not in self._slots and any(wants(settings, e) for e in events):
                self._arm(settings)

    def altered(self, settings: TrailSettings) -> None:
        """Look at all records once more: the trail may want others now."""
        self._wake(settings)

    def _wake(self, settings: TrailSettings) -> None:
        """Publish at the next slot if anything waits."""
        archive = self._archive
        delivery = archive.delivery(settings.arn)
        waiting = settings.arn not in self._slots and settings.is_in(archive.region)
        if waiting and delivery.wanted(settings, archive.history, archive.head):
            self._arm(settings)

    def _arm(self, settings: TrailSettings) -> None:
        host, arn = self.host, settings.arn
        now_ns = host.calendar_ns
        if arn not in self._phases:
            self._phases[arn] = draw_phase_ns(host.rng("slots", arn))
        slot_ns = next_slot_ns(now_ns, self._phases[arn])
        self._slots[arn] = host.after_calendar(slot_ns - now_ns, self._slot, arn)

    def _slot(self, arn: str) -> None:
        """Plan the files of everything that waits."""
        del self._slots[arn]
        archive, now_ns = self._archive, self.host.calendar_ns
        settings = archive.trails.get(arn)
        assert settings is not None
        delivery = archive.delivery(arn)
        waiting = delivery.wanted(settings, archive.history, archive.head)
        delivery.judged(archive.head)
        plans = [
            self._plan(settings, part[place : place + FILE_RECORDS_MAX], now_ns, folder)
            for folder, part in self._by_folder(waiting).items()
            for place in range(0, len(part), FILE_RECORDS_MAX)
        ]
        if plans:
            self.host.change(plans, lambda: self._pump(arn))

    def _by_folder(self, waiting: list[int]) -> dict[str, list[int]]:
        """Tell Insights events from others: they have files of their own."""
        parts: dict[str, list[int]] = {LOGS: [], INSIGHTS: []}
        for sequence in waiting:
            event = self._archive.history.get(sequence)
            of_insights = event is not None and event.category == INSIGHT
            parts[INSIGHTS if of_insights else LOGS].append(sequence)
        return parts

    def _plan(
        self, settings: TrailSettings, sequences: list[int], now_ns: int, folder: str
    ) -> DeliveryPlan:
        rng = self.host.rng("delivery", settings.arn)
        key = object_key(
            prefix=settings.prefix,
            account=settings.account,
            region=self._archive.region,
            slot_ns=now_ns,
            unique=draw_unique(rng),
            folder=folder,
        )
        return DeliveryPlan(
            arn=settings.arn,
            bucket=settings.bucket,
            bucket_site=settings.bucket_site,
            key=key,
            slot_ns=now_ns,
            due_ns=now_ns + draw_settle_ns(rng),
            runs=to_runs(sequences),
        )

    def _pump(self, arn: str, not_before_ns: int = 0) -> None:
        """Put the planned file that is due first, or wait for it; one at a time for each trail."""
        host = self.host
        plan = self._archive.delivery(arn).next_plan()
        if plan is None or arn in self._putting:
            return
        timer = self._pumps.pop(arn, None)
        if timer is not None:
            timer.cancel()
        wait_ns = max(plan.due_ns, not_before_ns) - host.calendar_ns
        if wait_ns > 0:
            self._pumps[arn] = host.after_calendar(wait_ns, self._pump, arn)
            return
        self._putting.add(arn)
        history = self._archive.history
        found = [history.get(sequence) for sequence in from_runs(plan.runs)]
        events = [event for event in found if event is not None]
        body = file_body([json_text(event.record) for event in events])
        put: PutObject | DeliverObject
        if host.asks_policy:
            account = arn.split(":")[4]
            put = DeliverObject(
                bucket=plan.bucket, key=plan.key, body=body, account=account, trail=arn
            )
        else:
            put = PutObject(bucket=plan.bucket, key=plan.key, body=body, encoding="gzip")
        self._archive.delivery(arn).attempt_ns = host.calendar_ns
        times = [event.time_ns for event in events] or [plan.slot_ns]
        then = partial(self._put, plan, body, min(times), max(times))
        host.call(plan.bucket_site, put, then, timeout_ns=BUCKET_TIMEOUT_NS)

    def _put(
        self,
        plan: DeliveryPlan,
        body: bytes,
        oldest_ns: int,
        newest_ns: int,
        answer: Answer,
    ) -> None:
        host, arn = self.host, plan.arn
        now_ns = host.calendar_ns
        self._putting.discard(arn)
        if isinstance(answer, ObjectStored):
            file = StoredFile(
                bucket=plan.bucket,
                key=plan.key,
                body=body,
                oldest_ns=oldest_ns,
                newest_ns=newest_ns,
                time_ns=now_ns,
            )
            done = Delivered(arn=arn, key=plan.key, time_ns=now_ns)
            host.change([done, *host.stored(plan, file)], partial(host.settled, arn))
            self._pump(arn)
            return
        pause_ns = self._archive.delivery(arn).failed(complaint(answer))
        if now_ns - plan.slot_ns > REDELIVERY_NS:
            host.note("delivery-given-up", arn=arn, key=plan.key)
            host.change([Delivered(arn=arn, key=plan.key, time_ns=0)])
        self._pump(arn, now_ns + pause_ns)
