"""Recorders, the Trail actor and a bucket together, while power and network fail."""

import json
from collections import Counter
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, ClassVar

import pytest

from regions.trail.deliveries import DeliveryPlan
from regions.trail.history import History
from regions.trail.ledger import HELD_NS, PUBLISH_NS, Flush, Ledger
from regions.trail.messages import (
    Append,
    AuditRefused,
    BackUp,
    Publish,
    Published,
    RecorderUp,
    Ride,
)
from regions.trail.record import AuditRecord
from regions.trail.trail import Trail
from sim.actor import Actor, Expired, Request
from sim.faults.disk_full import DiskFull
from sim.network import Partition
from sim.units import days, hours, minutes, ms, seconds
from sim.wire import Refusal
from sim.world import SimWorld

REGION = "us-east-1"
TRAIL = "us-east-1/trail"


@dataclass
class Diary:
    """What a caller did and was told; kept outside the world, as a checker's is."""

    made: ModuleType
    recorder: str
    first: int
    count: int
    gap_ns: int
    asked: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    took_ns: list[int] = field(default_factory=list)


class Caller(Actor):
    """Stands for an AZ: appends one record after another."""

    inline: ClassVar[frozenset[type[Any]]] = frozenset({RecorderUp})

    def receive(self, request: Request) -> None:
        """Have nothing to tell a recorder that has started again: no AZ came or went."""

    def start(self) -> None:
        self.spawn(self._run)

    async def _run(self) -> None:
        diary: Diary = self.config
        for number in range(diary.first, diary.first + diary.count):
            record = diary.made.record(number, region=REGION, time_ns=self.calendar_ns)
            diary.asked.append(record.event_id)
            began_ns = self.now_ns
            try:
                await self.ask(diary.recorder, Append(record=record), timeout_ns=seconds(3))
            except (Refusal, Expired):
                diary.refused.append(record.event_id)
            else:
                diary.kept.append(record.event_id)
                diary.took_ns.append(self.now_ns - began_ns)
            await self.sleep(diary.gap_ns)


def country(made: ModuleType, world: SimWorld, audit_ack: str = "quorum") -> Any:
    land = made.Country(world, [REGION], audit_ack=audit_ack).build()
    land.bucket("logs")
    land.log("audit", REGION, S3BucketName="logs")
    return land


def callers(made: ModuleType, world: SimWorld, land: Any, count: int, gap_ns: int) -> list[Diary]:
    diaries = []
    for place, recorder in enumerate(land.recorders(REGION)):
        diary = Diary(made, recorder, 1_000_000 * (place + 1), count, gap_ns)
        world.start(Caller, diary, name=f"{recorder.rpartition('/')[0]}/az")
        diaries.append(diary)
    return diaries


def in_history(land: Any) -> list[str]:
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        attribute = ({"AttributeKey": "EventSource", "AttributeValue": "kms.amazonaws.com"},)
        page = land.call(REGION, "LookupEvents", LookupAttributes=attribute, **token)
        found += [event["EventId"] for event in page["Events"]]
        if "NextToken" not in page:
            return sorted(found)
        token = {"NextToken": page["NextToken"]}


def in_bucket(land: Any) -> list[str]:
    found: list[str] = []
    for entry in land.objects("logs"):
        events = json.loads(land.body("logs", entry.key))["Records"]
        found += [e["eventID"] for e in events if e["eventSource"] == "kms.amazonaws.com"]
    return sorted(found)


def test_a_record_is_kept_in_two_places_before_the_caller_hears(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        recorder, *peers = land.recorders(REGION)
        world.ask(recorder, Append(record=land.record(1, REGION)))
        for name in land.recorders(REGION):
            world.disk(name).power_cut()
        held = [n for n in (recorder, *peers) if any(world.disk(n).files())]
        assert len(held) == 2
        assert recorder in held


@pytest.mark.parametrize("audit_ack", ["quorum", "local", "async"])
def test_an_isolated_zone_appends_only_as_its_setting_allows(
    made: ModuleType, audit_ack: str
) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, audit_ack)
        recorder = land.recorders(REGION)[0]
        world.add_rule(Partition(one=f"{REGION}/az1", other=f"{REGION}/az2"))
        world.add_rule(Partition(one=f"{REGION}/az1", other=f"{REGION}/az3"))
        if audit_ack == "quorum":
            with pytest.raises(
                AuditRefused, match=r"^no other Availability Zone keeps the audit record$"
            ):
                world.ask(recorder, Append(record=land.record(1, REGION)))
        else:
            world.ask(recorder, Append(record=land.record(1, REGION)))
        world.crash(recorder)
        world.restart(recorder)
        world.run_for(hours(1))
        if audit_ack == "local":
            assert in_bucket(land) == [made.event_id(1)]
        elif audit_ack == "async":
            assert set(in_bucket(land)) <= {made.event_id(1)}, "async may lose it, not invent"


def test_concurrent_appends_share_flushes_and_copies(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        recorder = land.recorders(REGION)[0]
        back_ups = []
        world.tap_frames(lambda _s, _t, frame: back_ups.append(made.CODEC.name(frame)))
        diaries = []
        for number in range(50):
            diary = Diary(made, recorder, 1_000 * number, 20, 0)
            world.start(Caller, diary, name=f"{REGION}/az1/caller-{number}")
            diaries.append(diary)
        world.run_for(seconds(1))
        assert sum(len(d.kept) for d in diaries) == 1_000
        copies = back_ups.count(BackUp.__name__)
        assert copies < 100, f"{copies} copies for 1,000 records"
        slowest = max(max(d.took_ns) for d in diaries)
        assert slowest < ms(5)


def test_records_that_ride_are_published_once_by_three_recorders(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        records = tuple(land.record(number, REGION) for number in range(5))
        for recorder in land.recorders(REGION):
            world.ask(recorder, Ride(records=records))
        world.run_for(hours(1))
        expected = [made.event_id(number) for number in range(5)]
        assert in_history(land) == in_bucket(land) == expected


def test_a_dead_recorders_records_are_published_by_its_peer(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        recorder = land.recorders(REGION)[0]
        world.ask(recorder, Append(record=land.record(1, REGION)))
        world.crash(recorder)
        world.run_for(HELD_NS - seconds(1))
        assert in_history(land) == []
        world.run_for(seconds(2))
        assert in_history(land) == [made.event_id(1)]
        world.restart(recorder)
        world.run_for(hours(1))
        assert in_history(land) == in_bucket(land) == [made.event_id(1)]


def test_no_event_happens_once_everything_is_published(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        for number, recorder in enumerate(land.recorders(REGION)):
            world.ask(recorder, Append(record=land.record(number, REGION)))
        world.run_for(PUBLISH_NS + hours(1))
        before = world.statistics()["events"]
        world.run_for(days(30))
        assert world.statistics()["events"] == before
        assert all(world.disk(name).files() == () for name in land.recorders(REGION))


def _trouble(world: SimWorld, land: Any, length_ns: int) -> None:
    """Cut power and network at random until the end; everything heals then."""
    dice = world.rng("trouble")
    names = [*land.recorders(REGION), TRAIL, f"{REGION}/bucket"]
    zones = [f"{REGION}/az1", f"{REGION}/az2", f"{REGION}/az3"]
    end_ns = world.now_ns + length_ns
    while world.now_ns < end_ns:
        world.run_for(round(dice.expovariate(1 / ms(700))))
        pause_ns = round(dice.expovariate(1 / seconds(3)))
        if dice.random() < 0.7:
            victims = dice.sample(names, dice.choice([1, 1, 1, 2, 5]))
            for victim in victims:
                world.crash(victim)
            world.run_for(pause_ns)
            for victim in victims:
                world.restart(victim)
        else:
            one, other = dice.sample([*zones, TRAIL], 2)
            cut = Partition(one=one, other=other, both_ways=dice.random() < 0.5)
            world.add_rule(cut)
            world.run_for(pause_ns * 3)
            world.remove_rule(cut)
        world.run_for(ms(1))


@pytest.mark.parametrize("seed", range(10))
def test_whatever_fails_every_kept_record_is_delivered_once_and_none_invented(
    made: ModuleType, seed: int
) -> None:
    """CT-06.

    once by event id in history and in the bucket, through crashes of recorders, Trail and
    bucket at any moment, alone and together, and through cuts one way or both ways.
    """
    with SimWorld(seed=seed, codec=made.CODEC) as world:
        land = country(made, world)
        diaries = callers(made, world, land, 400, ms(150))
        _trouble(world, land, seconds(70))
        world.run_for(hours(2))
        kept = sorted(event for diary in diaries for event in diary.kept)
        asked = {event for diary in diaries for event in diary.asked}
        assert len(kept) > 300
        history, bucket = in_history(land), in_bucket(land)
        for place, found in (("history", history), ("bucket", bucket)):
            missing = sorted(set(kept) - set(found))
            assert not missing, f"{place} lacks {len(missing)} of {len(kept)} kept records"
            assert set(found) <= asked, f"{place} has records of no call"
            twice = [event for event, times in Counter(found).items() if times > 1]
            assert not twice, f"{place} has {len(twice)} records more than once"
        assert history == bucket


VICTIMS = {
    "a recorder": (f"{REGION}/az1/recorder",),
    "the trail": (TRAIL,),
    "the bucket": (f"{REGION}/bucket",),
    "everything": (*(f"{REGION}/az{n}/recorder" for n in (1, 2, 3)), TRAIL, f"{REGION}/bucket"),
}


def crash_at(made: ModuleType, frame: int, victims: tuple[str, ...], after_ns: int) -> bool:
    """Cut the victims' power right after one frame of a small story; judge what is left.

    Returns False when the story has fewer frames.
    """
    with SimWorld(seed=frame, codec=made.CODEC) as world:
        land = country(made, world)
        diaries = callers(made, world, land, 4, ms(0.3))
        sent = 0

        def tap(_source: str, _target: str, _frame: bytes) -> None:
            nonlocal sent
            sent += 1
            if sent == frame:
                for victim in victims:
                    world.at(world.now_ns + after_ns, world.crash, victim)
                    world.at(world.now_ns + seconds(1), world.restart, victim)

        world.tap_frames(tap)
        world.run_for(minutes(25))
        reached, sent = sent >= frame, -(10**9)  # What the judge sends is no part of the story.
        kept = {event for diary in diaries for event in diary.kept}
        asked = {event for diary in diaries for event in diary.asked}
        history, bucket = in_history(land), in_bucket(land)
        assert kept <= set(history), f"history lacks {sorted(kept - set(history))}"
        assert set(history) <= asked, "history has records of no call"
        assert bucket == history, "the bucket and history differ"
        assert len(history) == len(set(history)), "records are there more than once"
        return reached


@pytest.mark.parametrize("victims", sorted(VICTIMS))
def test_a_power_cut_after_any_message_loses_and_invents_nothing(
    made: ModuleType, victims: str
) -> None:
    # Every frame of the story is a moment; alternately at once, in the middle of a flush, and
    # right after it.
    frame = 1
    while crash_at(made, frame, VICTIMS[victims], (0, ms(0.25), ms(0.55))[frame % 3]):
        frame += 1
    assert frame > 40, "the story is long enough to have moments"


def _answer_early(*, flushed: bool, copied: bool) -> Any:
    """Return a batch start that takes a flush or a copy, or both, for granted."""
    honest = Ledger._begin

    def begin(self: Ledger, now_ns: int) -> list[Any]:
        batch = self._next
        effects = honest(self, now_ns)
        if batch is not None and batch is not self._next:
            batch.flushed, batch.copied = batch.flushed or flushed, batch.copied or copied
            if copied:
                self._copying.pop(batch.number, None)
            if flushed:
                effects = [e for e in effects if not isinstance(e, Flush)]
                self._flushing = False
            effects += self._settle(batch, now_ns)
        return effects

    return begin


def _publish_early(self: Trail, request: Any) -> None:
    """Acknowledge records that are not durable yet."""
    self.take(request.body.records)
    request.reply(Published())


@pytest.mark.parametrize("bug", ["no wait for disks", "no dedup", "published early", "no plan"])
def test_the_check_notices_planted_bugs(
    made: ModuleType, bug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A checker that was never seen to fail proves nothing.
    if bug == "no wait for disks":
        monkeypatch.setattr(Ledger, "_begin", _answer_early(flushed=True, copied=True))
    elif bug == "no dedup":
        monkeypatch.setattr(History, "knows", lambda *_: False)
    elif bug == "published early":
        monkeypatch.setattr(Trail, "receive", _publish_early)
    else:
        honest = Trail.change

        def change(self: Trail, changes: Any, then: Any = None) -> None:
            changes = list(changes)
            if changes and isinstance(changes[0], DeliveryPlan):
                for plan in changes:
                    self.archive.change(plan)
                self._commit.durable(then)
            else:
                honest(self, changes, then)

        monkeypatch.setattr(Trail, "change", change)
    # Recorders that keep their power forget what they believe is published.
    victims = VICTIMS["the trail" if bug == "published early" else "everything"]
    noticed = False
    for frame in range(1, 120):
        for after_ns in (0, ms(0.25)):
            try:
                crash_at(made, frame, victims, after_ns)
            except AssertionError:
                noticed = True
                break
        if noticed:
            break
    assert noticed, f"{bug}: no power cut showed it"


def test_trouble_with_one_seed_leaves_one_trace(made: ModuleType) -> None:
    hashes = []
    for _ in range(2):
        with SimWorld(seed=5, codec=made.CODEC) as world:
            land = country(made, world)
            callers(made, world, land, 50, ms(150))
            _trouble(world, land, seconds(10))
            world.run_for(minutes(20))
            hashes.append(world.trace.hash)
    assert hashes[0] == hashes[1]


def test_activity_of_other_services_is_taken_in_once(made: ModuleType) -> None:
    # Replay hands in what other services once logged; trails and history see it as it was.
    from regions.trail.activity import activity

    event = {
        "eventVersion": "1.09",
        "userIdentity": {"type": "AWSService", "invokedBy": "inspector2.amazonaws.com"},
        "eventTime": "2023-07-10T11:55:24Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "awsRegion": REGION,
        "sourceIPAddress": "inspector2.amazonaws.com",
        "userAgent": "inspector2.amazonaws.com",
        "requestParameters": {"durationSeconds": 3600},
        "responseElements": {"assumedRoleUser": {"arn": "arn:aws:sts::1:x/y"}},
        "requestID": "r",
        "eventID": made.event_id(1),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": made.ACCOUNT,
        "eventCategory": "Management",
    }
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        record: AuditRecord = activity(event, time_ns=world.calendar_ns)
        for _ in range(3):
            world.ask(TRAIL, Publish(records=(record, record)))
        world.run_for(hours(1))
        records = [
            shown
            for entry in land.objects("logs")
            for shown in json.loads(land.body("logs", entry.key))["Records"]
            if shown["eventName"] == "AssumeRole"
        ]
        assert records == [{**event, "eventTime": "2026-01-01T00:00:00Z"}]
        attribute = ({"AttributeKey": "EventSource", "AttributeValue": "sts.amazonaws.com"},)
        found = land.call(REGION, "LookupEvents", LookupAttributes=attribute)["Events"]
        assert [json.loads(e["CloudTrailEvent"]) for e in found] == records


def test_full_disks_refuse_records_at_once_and_lose_none_that_was_kept(made: ModuleType) -> None:
    with SimWorld(seed=3, codec=made.CODEC, keep="all") as world:
        land = country(made, world)
        diaries = callers(made, world, land, count=60, gap_ns=ms(500))
        world.run_for(seconds(5))
        fault = DiskFull(REGION, free="3000")
        fault.inject(world)
        world.run_for(seconds(12))
        fault.heal(world)
        world.run_for(minutes(5))
        asked = sum(len(diary.asked) for diary in diaries)
        kept = sorted(event_id for diary in diaries for event_id in diary.kept)
        assert asked == 180
        assert 0 < len(kept) < asked
        assert [id_ for id_ in kept if id_ not in set(in_history(land))] == []
        assert [e.body for e in world.trace.events() if e.kind == "abort"] == []
        assert "full" in "".join(e.body.decode() for e in world.trace.events() if e.kind == "disk")


def test_a_full_disk_refuses_with_a_reason(made: ModuleType) -> None:
    with SimWorld(seed=3, codec=made.CODEC) as world:
        land = country(made, world)
        recorder = land.recorders(REGION)[0]
        fault = DiskFull(recorder, free="0")
        fault.inject(world)
        # The first one meets the full disk, the second is told about it.
        with pytest.raises(Expired):
            world.ask(recorder, Append(record=land.record(1, REGION)), timeout_ns=seconds(3))
        with pytest.raises(AuditRefused, match=r"^the disk of this recorder is full$"):
            world.ask(recorder, Append(record=land.record(2, REGION)))
        fault.heal(world)
        world.run_for(seconds(2))
        world.ask(recorder, Append(record=land.record(3, REGION)))
