"""Log files in the trail's bucket: one file of everything that waits at each slot of a trail.

Where the trail has a KMS key, each file is encrypted under a data key of its own, which KMS of the
bucket's region gives to CloudTrail acting for the trail: no key, no delivery. That call is recorded
like any other, so such a trail has something to deliver every five minutes for ever, unless it
leaves out what CloudTrail itself does (RecursiveLogging).
What does not belong here: when a slot is and what files are called (slots.py), and which plans
are under way (deliveries.py).
Source: CloudTrail User Guide, "How CloudTrail works" (at least once; redelivery for 30 days) and
"How AWS CloudTrail uses AWS KMS" (files under a key).
What a trail's status says is the code of S3's error; no list of them is published for trails.
"""

from collections.abc import Sequence
from functools import partial

from regions.bucket import ObjectStored
from regions.s3.messages import DataKey
from regions.trail.archive import State
from regions.trail.deliveries import (
    FILE_BYTES_MAX,
    FILE_RECORDS_MAX,
    REDELIVERY_NS,
    Delivered,
    DeliveryPlan,
    from_runs,
    to_runs,
)
from regions.trail.json_shape import json_text
from regions.trail.kept import Kept
from regions.trail.puts import File, Turns, put_file
from regions.trail.sealing import ask_data_key
from regions.trail.selectors import INSIGHT
from regions.trail.sink import Answer, Host, Sink, complaint
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


class S3Sink(Sink):
    """Plans files, puts them, and tries again for 30 days; its state is Archive.deliveries."""

    name = "s3"

    def __init__(self, host: Host, state: State) -> None:
        super().__init__(host, state)
        self._archive = host.archive
        self._phases: dict[str, int] = {}  #: drawn once for each incarnation
        self._slots: dict[str, Timer] = {}
        self._turns = Turns(host, self._first, self._begin)

    def resume(self) -> None:
        """Go on delivering what was planned, and plan what waits."""
        for settings in self._archive.trails.here():
            self._wake(settings)
            self._turns.go_on(settings.arn)

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
            self._plan(settings, each, now_ns, folder)
            for folder, part in self._by_folder(waiting).items()
            for each in self._split(part)
        ]
        if plans:
            self.host.change(plans, lambda: self._turns.go_on(arn))

    def _by_folder(self, waiting: list[int]) -> dict[str, list[int]]:
        """Tell Insights events from others: they have files of their own."""
        parts: dict[str, list[int]] = {LOGS: [], INSIGHTS: []}
        for sequence in waiting:
            event = self._archive.history.get(sequence)
            of_insights = event is not None and event.category == INSIGHT
            parts[INSIGHTS if of_insights else LOGS].append(sequence)
        return parts

    def _split(self, waiting: list[int]) -> list[list[int]]:
        """Return records as files: neither of too many of them nor too large."""
        files: list[list[int]] = []
        room = 0
        for sequence in waiting:
            event = self._archive.history.get(sequence)
            size = 0 if event is None else len(event.frame)
            if not files or room < size or len(files[-1]) == FILE_RECORDS_MAX:
                files.append([])
                room = FILE_BYTES_MAX
            files[-1].append(sequence)
            room -= size
        return files

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

    def _first(self, arn: str) -> tuple[DeliveryPlan, int] | None:
        plan = self._archive.delivery(arn).next_plan()
        return None if plan is None else (plan, plan.due_ns)

    def _begin(self, plan: DeliveryPlan) -> None:
        """Put the planned file that is due first, with a data key if the trail wants that."""
        self._archive.delivery(plan.arn).attempt_ns = self.host.calendar_ns
        ask_data_key(
            self.host,
            plan.arn,
            plan.bucket_site,
            (plan.bucket, plan.key),
            partial(self._put, plan),
            partial(self._failed, plan),
        )

    def _put(self, plan: DeliveryPlan, sealed: DataKey | None) -> None:
        """Put the file of a plan."""
        host, history = self.host, self._archive.history
        found = [history.get(sequence) for sequence in from_runs(plan.runs)]
        events = [event for event in found if event is not None]
        body = file_body([json_text(event.record) for event in events])
        file = File(arn=plan.arn, bucket=plan.bucket, key=plan.key, body=body, sealed=sealed)
        times = [event.time_ns for event in events] or [plan.slot_ns]

        def answered(answer: Answer) -> None:
            if not isinstance(answer, ObjectStored):
                self._failed(plan, answer)
                return
            self._delivered(
                plan,
                StoredFile(
                    bucket=plan.bucket,
                    key=plan.key,
                    body=body,
                    oldest_ns=min(times),
                    newest_ns=max(times),
                    time_ns=host.calendar_ns,
                ),
            )

        put_file(host, plan.bucket_site, file, answered)

    def _delivered(self, plan: DeliveryPlan, file: StoredFile) -> None:
        host, arn = self.host, plan.arn
        self._turns.over(arn)
        done = Delivered(arn=arn, key=plan.key, time_ns=file.time_ns)
        host.change([done, *host.stored(plan, file)], partial(host.settled, arn))
        self._turns.go_on(arn)

    def _failed(self, plan: DeliveryPlan, answer: Answer) -> None:
        """Try again later, or give up after 30 days."""
        host, arn = self.host, plan.arn
        now_ns = host.calendar_ns
        self._turns.over(arn)
        pause_ns = self._archive.delivery(arn).failed(complaint(answer))
        if now_ns - plan.slot_ns > REDELIVERY_NS:
            host.note("delivery-given-up", arn=arn, key=plan.key)
            host.change([Delivered(arn=arn, key=plan.key, time_ns=0)])
        self._turns.go_on(arn, now_ns + pause_ns)
