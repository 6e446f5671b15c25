"""Digests as the Trail actor delivers them: one for each hour, whatever happens."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from regions.ailments import SEALED
from regions.bucket import GetObject
from regions.trail.digests import DigestState
from regions.trail.messages import Publish
from regions.trail.trails import switched
from scenarios.evidence import seconds_of
from scenarios.log_chain import Answer, Question, validate
from scenarios.log_objects import chain_of, log_of
from scenarios.log_world import WorldObjects
from sim.units import days, hours, minutes, seconds
from sim.world import SimWorld

ARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"
SITE = "us-east-1/bucket"


class Land:
    """Regions with a trail that logs into one bucket and validates."""

    def __init__(self, made: ModuleType, world: SimWorld, *regions: str) -> None:
        self.world = world
        self.country = made.Country(world, list(regions or ["us-east-1"])).build()
        self.country.bucket("logs")
        multi = len(regions) > 1
        self.country.log("audit", "us-east-1", S3BucketName="logs", IsMultiRegionTrail=multi)
        self.validate(on=True)
        self.number = 0

    def validate(self, *, on: bool) -> None:
        actor: Any = self.world.kernel.cells["us-east-1/trail"].actor
        told = actor.archive.trails.get(ARN)
        now_ns = self.world.calendar_ns
        told = replace(
            told, validation=switched(told.validation, now_ns, on=on), version=told.version + 1
        )
        self.world.kernel.gated(actor, actor._adopt, ([told],))

    def call(self, action: str, region: str = "us-east-1", **parameters: Any) -> dict[str, Any]:
        body: dict[str, Any] = self.country.call(region, action, Name="audit", **parameters)
        return body

    def publish(self, region: str = "us-east-1") -> None:
        self.number += 1
        record = self.country.record(self.number, region)
        self.world.ask(f"{region}/trail", Publish(records=(record,)))

    def digests(self, region: str = "us-east-1", bucket: str = "logs") -> list[dict[str, Any]]:
        """Return what digests of a region say, in order of time."""
        keys = [entry.key for entry in self.country.objects(bucket)]
        found = [key for key in keys if f"/CloudTrail-Digest/{region}/" in key]
        return [json.loads(self.country.body(bucket, key)) for key in sorted(found)]

    def spans(self, region: str = "us-east-1") -> list[tuple[float, float]]:
        """Return from which hour to which each digest goes, counted from the world's begin."""
        begin = self.world.kernel.epoch_ns // 10**9
        return [
            (
                (seconds_of(each["digestStartTime"]) - begin) / 3600,
                (seconds_of(each["digestEndTime"]) - begin) / 3600,
            )
            for each in self.digests(region)
        ]

    def named(self, region: str = "us-east-1") -> list[str]:
        return [log["s3Object"] for each in self.digests(region) for log in each["logFiles"]]

    def logs(self, region: str = "us-east-1") -> list[str]:
        keys = [entry.key for entry in self.country.objects("logs")]
        return [key for key in keys if (log_of(key) or ("", "", 0))[1] == region]

    def judge(self, **fields: Any) -> Answer:
        keys = {
            key.fingerprint: key.public
            for region in self.country.regions
            for key in self.state(region).keys
        }
        objects = WorldObjects(self.world, {"logs": SITE, "other": SITE})
        return validate(Question(objects=objects, keys=keys, **fields))

    def state(self, region: str = "us-east-1") -> DigestState:
        actor: Any = self.world.kernel.cells[f"{region}/trail"].actor
        found: DigestState = actor.states["digest"]
        return found


@contextmanager
def landed(made: ModuleType, *regions: str, seed: int = 1) -> Iterator[Land]:
    with SimWorld(seed=seed, codec=made.CODEC) as world:
        yield Land(made, world, *regions)


def test_every_hour_has_a_digest_which_names_the_hours_files(made: ModuleType) -> None:
    """CT-13: also an hour without log files; each file is in one digest."""
    with landed(made) as land:
        for _ in range(2):
            land.publish()
            land.world.run_for(hours(2))
        land.world.run_for(minutes(1))
        assert land.spans() == [(0, 1), (1, 2), (2, 3), (3, 4)]
        digests = land.digests()
        assert [len(each["logFiles"]) for each in digests] == [1, 0, 1, 0]
        assert sorted(land.named()) == sorted(land.logs())
        (log,) = digests[2]["logFiles"]
        body = land.country.body("logs", log["s3Object"])
        times = sorted(event["eventTime"] for event in json.loads(body)["Records"])
        assert log == {
            "s3Bucket": "logs",
            "s3Object": log["s3Object"],
            "hashValue": sha256(body).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": times[-1],
            "oldestEventTime": times[0],
        }
        answer = land.judge()
        assert [str(v.text) for v in answer.reports[0].verdicts] == ["valid"] * 6
        assert (answer.valid, answer.reports[0].gaps, answer.unvouched) == (True, [], [])


def test_the_status_tells_of_digests(made: ModuleType) -> None:
    with landed(made) as land:
        assert "LatestDigestDeliveryTime" not in land.call("GetTrailStatus")
        land.world.run_for(hours(1) + seconds(1))
        end = seconds_of(land.digests()[-1]["digestEndTime"])
        assert land.call("GetTrailStatus")["LatestDigestDeliveryTime"] == end
        land.world.crash("us-east-1/trail")
        land.world.restart("us-east-1/trail")
        land.world.run_for(seconds(1))
        assert land.call("GetTrailStatus")["LatestDigestDeliveryTime"] == end


def test_a_trail_that_does_not_validate_or_does_not_log_has_no_digests(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = made.Country(world, ["us-east-1"]).build()
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs")
        land.call("us-east-1", "CreateTrail", Name="idle", S3BucketName="logs")
        world.run_for(hours(3))
        assert [e.key for e in land.objects("logs") if chain_of(e.key)] == []


def test_validation_off_ends_the_chain_after_its_hour_and_on_begins_a_new_one(
    made: ModuleType,
) -> None:
    with landed(made) as land:
        land.world.run_for(hours(2) - minutes(30))
        land.validate(on=False)
        land.publish()
        land.world.run_for(hours(2))
        land.publish()
        land.world.run_for(hours(1) - minutes(30))
        land.validate(on=True)
        land.world.run_for(hours(1) + minutes(1))
        assert land.spans() == [(0, 1), (1, 2), (4, 5)]
        assert [each["previousDigestS3Object"] is None for each in land.digests()] == [
            True,
            False,
            True,
        ]
        answer = land.judge()
        begin = land.world.kernel.epoch_ns // 10**9
        assert answer.valid
        assert answer.reports[0].gaps == [(begin + 2 * 3600, begin + 4 * 3600)]


def test_logging_that_stops_ends_the_chain_once_its_last_file_is_named(made: ModuleType) -> None:
    """CT-13: the final digest covers the StopLogging event."""
    with landed(made) as land:
        land.world.run_for(hours(2) - seconds(1))
        land.call("StopLogging")
        land.world.run_for(hours(6) + seconds(1))
        # The file of StopLogging reaches its bucket minutes after the second hour has ended.
        assert land.spans() == [(0, 1), (1, 2), (2, 3)]
        assert sorted(land.named()) == sorted(land.logs())
        last = land.country.body("logs", land.logs()[-1])
        assert "StopLogging" in [event["eventName"] for event in json.loads(last)["Records"]]
        land.call("StartLogging")
        land.world.run_for(hours(1) + minutes(1))
        assert land.spans()[3:] == [(8, 9)]
        assert land.digests()[3]["previousDigestSignature"] is None
        assert land.judge().valid


def test_a_switch_off_and_on_within_an_hour_cuts_the_hour_in_two(made: ModuleType) -> None:
    with landed(made) as land:
        land.world.run_for(hours(1) + minutes(15))
        land.publish()
        land.world.run_for(minutes(10))
        land.call("StopLogging")
        land.world.run_for(minutes(5))
        land.call("StartLogging")
        land.validate(on=False)
        land.validate(on=True)
        land.world.run_for(hours(2) + minutes(1))
        assert land.spans() == [(0, 1), (1, 1.5), (1.5, 2.5), (2.5, 3.5)]
        assert [each["previousDigestS3Object"] is None for each in land.digests()] == [
            True,
            False,
            True,
            False,
        ]
        assert sorted(land.named()) == sorted(land.logs())
        assert land.judge().valid


def test_a_deleted_trail_gets_the_digest_of_its_last_hour(made: ModuleType) -> None:
    with landed(made) as land:
        land.world.run_for(hours(1) + minutes(30))
        land.call("DeleteTrail")
        land.world.run_for(hours(3))
        assert land.spans() == [(0, 1), (1, 2)]
        land.country.log("audit", "us-east-1", S3BucketName="logs")
        land.validate(on=True)
        land.world.run_for(hours(1) + minutes(1))
        assert land.spans()[2:] == [(4.5, 5.5)]
        assert land.judge().valid


def test_a_chain_goes_on_in_the_trails_new_bucket(made: ModuleType) -> None:
    with landed(made) as land:
        land.country.bucket("other")
        land.world.run_for(hours(1) + minutes(30))
        land.call("UpdateTrail", S3BucketName="other", S3KeyPrefix="audit")
        land.world.run_for(hours(1))
        (first,), (second,) = land.digests(), land.digests(bucket="other")
        assert second["digestS3Object"].startswith("audit/AWSLogs/")
        assert (second["previousDigestS3Bucket"], second["previousDigestS3Object"]) == (
            "logs",
            first["digestS3Object"],
        )
        assert land.judge().valid


def test_each_region_has_its_own_chain_and_its_own_key(made: ModuleType) -> None:
    """CT-13: one digest per region and trail."""
    regions = ("us-east-1", "eu-west-1")
    with landed(made, *regions) as land:
        land.publish("eu-west-1")
        land.world.run_for(hours(2) + minutes(1))
        answer = land.judge()
        assert [report.chain.region for report in answer.reports] == sorted(regions)
        assert answer.valid
        prints = {d["digestPublicKeyFingerprint"] for r in regions for d in land.digests(r)}
        assert len(prints) == 2
        assert land.named("eu-west-1") == land.logs("eu-west-1")
        key = land.digests("eu-west-1")[0]["digestS3Object"]
        assert "/CloudTrail-Digest/eu-west-1/" in key
        assert "_eu-west-1_audit_us-east-1_" in key


def test_a_bucket_that_refuses_gets_the_same_digests_later(made: ModuleType) -> None:
    """CT-13, CT-21: at least once; the trail's status says what is wrong."""
    with landed(made) as land:
        land.world.run_for(minutes(30))
        land.publish()
        cell = land.world.kernel.cells[SITE]
        land.world.run_for(minutes(20))
        cell.ails[SEALED] = ("logs",)
        land.world.run_for(hours(3))
        status = land.call("GetTrailStatus")
        assert status["LatestDigestDeliveryError"] == "AccessDenied"
        assert "LatestDigestDeliveryTime" not in status
        assert land.digests() == []
        del cell.ails[SEALED]
        land.world.run_for(minutes(15))
        assert "LatestDigestDeliveryError" not in land.call("GetTrailStatus")
        assert land.spans() == [(0, 1), (1, 2), (2, 3), (3, 4)]
        assert land.judge().valid


def test_an_hour_in_which_the_service_was_down_has_its_digest_too(made: ModuleType) -> None:
    with landed(made) as land:
        land.world.run_for(hours(1) + minutes(30))
        land.world.crash("us-east-1/trail")
        land.world.run_for(hours(40))
        land.world.restart("us-east-1/trail")
        land.world.run_for(minutes(1))
        assert land.spans() == [(n, n + 1) for n in range(41)]
        assert land.judge().valid


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, hours(4)), min_size=1, max_size=4))
def test_power_cuts_change_no_digest_and_lose_none(made: ModuleType, cuts: list[int]) -> None:
    with landed(made) as land:
        for cut in cuts:
            land.publish()
            land.world.run_for(cut % hours(2))
            land.world.crash("us-east-1/trail")
            land.world.run_for(seconds(cut % 5))
            land.world.restart("us-east-1/trail")
        land.world.run_for(hours(2))
        answer = land.judge()
        assert answer.valid
        assert answer.unvouched == []
        assert [report.gaps for report in answer.reports] == [[]]
        assert len(set(land.named())) == len(land.named())
        spans = land.spans()
        assert spans[0][0] == 0
        assert all(one[1] == other[0] for one, other in pairwise(spans))


def test_a_clock_that_is_put_forward_and_back_leaves_the_chain_whole(made: ModuleType) -> None:
    with landed(made) as land:
        land.world.run_for(hours(1) + minutes(20))
        land.world.shift_clock("us-east-1/trail", hours(5))
        land.publish()
        land.world.run_for(hours(1))
        land.world.shift_clock("us-east-1/trail", -hours(5))
        land.publish()
        land.world.run_for(hours(7))
        answer = land.judge()
        assert answer.valid
        assert [report.gaps for report in answer.reports] == [[]]
        assert sorted(land.named()) == sorted(land.logs())


def test_keys_change_over_months_and_all_digests_stay_valid(made: ModuleType) -> None:
    """CT-13: a pair is valid for thirty days."""
    with landed(made) as land:
        land.world.run_for(days(61))
        answer = land.judge()
        assert (len(list(land.state().keys)), answer.valid) == (3, True)
        assert answer.reports[0].count("digest", invalid=False) == 61 * 24


def test_no_private_half_reaches_a_disk_or_a_wire(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        found: list[str | None] = []
        find = world.kernel.secrets.find
        seen: list[int] = []

        def look(data: bytes) -> None:
            seen.append(len(data))
            found.append(find(data, ("digest-key",)))

        world.tap_frames(lambda _source, _target, data: look(data))
        world.tap_blocks(lambda _disk, _file, _offset, data: look(data))
        land = Land(made, world)
        land.world.run_for(hours(1) + minutes(1))
        world.crash("us-east-1/trail")
        world.restart("us-east-1/trail")
        land.world.run_for(hours(1))
        assert len(land.digests()) == 2
        assert land.judge().valid
        assert (set(found), bool(seen)) == ({None}, True)


def test_equal_seeds_give_equal_digests(made: ModuleType) -> None:
    bodies = []
    for seed in (1, 1, 2):
        with landed(made, seed=seed) as land:
            land.publish()
            land.world.run_for(hours(1) + minutes(1))
            bodies.append(land.digests())
    assert bodies[0] == bodies[1]
    assert bodies[0] != bodies[2]


def test_a_region_that_hears_late_begins_its_chain_late(made: ModuleType) -> None:
    with landed(made, "us-east-1", "eu-west-1") as land:
        land.world.run_for(minutes(30))
        actor: Any = land.world.kernel.cells["us-east-1/trail"].actor
        told = actor.archive.trails.get(ARN)
        assert len(land.state("eu-west-1").trails) == 1
        # The same news again is none.
        before = land.state("eu-west-1").of(ARN).chain
        land.world.kernel.gated(actor, actor._altered, (told,))
        land.world.run_for(minutes(1))
        assert land.state("eu-west-1").of(ARN).chain == before


def test_a_digest_object_carries_its_signature(made: ModuleType) -> None:
    with landed(made) as land:
        land.world.run_for(hours(1) + minutes(1))
        key = land.digests()[0]["digestS3Object"]
        found = land.world.ask(SITE, GetObject(bucket="logs", key=key))
        assert sorted(found.metadata) == ["signature", "signature-algorithm"]
        assert len(found.metadata["signature"]) == 512
        assert found.metadata["signature-algorithm"] == "SHA256withRSA"
