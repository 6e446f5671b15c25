"""The Trail actor: API, history, delivery, other regions."""

import json
from types import ModuleType
from typing import Any

import pytest

from regions.calls import ApiCall
from regions.errors import (
    InvalidHomeRegionException,
    InvalidMaxResultsException,
    InvalidParameterCombinationException,
    InvalidTimeRangeException,
    MaximumNumberOfTrailsExceededException,
    S3BucketDoesNotExistException,
    UnknownOperationException,
    UnsupportedOperationException,
    ValidationException,
)
from regions.trail.messages import Publish
from sim.network import Partition
from sim.units import days, hours, minutes, seconds, years
from sim.world import SimWorld

REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]


def country(made: ModuleType, world: SimWorld, regions: list[str] | None = None) -> Any:
    return made.Country(world, list(regions or REGIONS)).build()


def publish(land: Any, region: str, *numbers: int, **fields: Any) -> None:
    records = tuple(land.record(number, region, **fields) for number in numbers)
    land.world.ask(f"{region}/trail", Publish(records=records))


def delivered(land: Any, bucket: str, site: str = "us-east-1") -> list[str]:
    """Return event ids of the made-up records in a bucket, sorted, repeats kept."""
    found: list[str] = []
    for entry in land.objects(bucket, site):
        events = json.loads(land.body(bucket, entry.key, site))["Records"]
        found += [e["eventID"] for e in events if e["eventSource"] != "cloudtrail.amazonaws.com"]
    return sorted(found)


def ids(made: ModuleType, *numbers: int) -> list[str]:
    return [made.event_id(number) for number in numbers]


def test_recording_is_on_from_the_start_and_needs_no_trail(made: ModuleType) -> None:
    """CT-04, CT-05, CT-07: no configuration call; each region shows its own; no bucket fills."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        publish(land, "us-east-1", 1)
        publish(land, "eu-west-1", 2)
        world.run_for(hours(3))
        seen = {r: land.call(r, "LookupEvents")["Events"] for r in REGIONS}
        assert [e["EventId"] for e in seen["us-east-1"]] == ids(made, 1)
        assert [e["EventId"] for e in seen["eu-west-1"]] == ids(made, 2)
        assert seen["ap-northeast-1"] == ()
        assert land.objects("logs") == []
        shown = seen["us-east-1"][0]
        assert json.loads(shown.pop("CloudTrailEvent"))["eventID"] == made.event_id(1)
        assert shown == {
            "EventId": made.event_id(1),
            "EventName": "Encrypt",
            "ReadOnly": "true",
            "AccessKeyId": "AKIAEXAMPLE",
            "EventTime": made.EPOCH_NS // 10**9,
            "EventSource": "kms.amazonaws.com",
            "Username": "alice",
            "Resources": ({"ResourceType": "AWS::KMS::Key", "ResourceName": made.KEY_ARN},),
        }


def test_every_cloudtrail_call_is_recorded_once_failed_or_not(made: ModuleType) -> None:
    """CT-06, CT-14: also the call that looks; the request id is the caller's."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        land.call("us-east-1", "CreateTrail", Name="audit", S3BucketName="logs")
        with pytest.raises(
            S3BucketDoesNotExistException,
            match=r"^S3BucketDoesNotExistException: S3 bucket gone does not exist!$",
        ) as caught:
            land.call("us-east-1", "CreateTrail", Name="audit2", S3BucketName="gone")
        land.call("us-east-1", "LookupEvents", MaxResults=50)
        events = land.call("us-east-1", "LookupEvents")["Events"]
        records = [json.loads(event["CloudTrailEvent"]) for event in events]
        assert [r["eventName"] for r in records] == ["LookupEvents", "CreateTrail", "CreateTrail"]
        assert len({r["eventID"] for r in records}) == 3
        look, failed, made_trail = records
        assert failed["requestID"] == caught.value.request_id
        assert (failed["errorCode"], failed["errorMessage"]) == (
            "S3BucketDoesNotExistException",
            "S3 bucket gone does not exist!",
        )
        assert failed["responseElements"] is None
        assert made_trail["responseElements"] == {
            "name": "audit",
            "s3BucketName": "logs",
            "includeGlobalServiceEvents": True,
            "isMultiRegionTrail": False,
            "trailARN": "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit",
            "logFileValidationEnabled": False,
            "isOrganizationTrail": False,
            "recursiveLogging": True,
        }
        assert made_trail["requestParameters"] == {"name": "audit", "s3BucketName": "logs"}
        assert (look["readOnly"], made_trail["readOnly"]) == (True, False)
        assert look["requestParameters"] == {"maxResults": 50}


def test_delivery_needs_a_trail_a_bucket_and_logging(made: ModuleType) -> None:
    """CT-16, CT-17, CT-36: the truth table; the API's default is one region."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        publish(land, "us-east-1", 1)  # no trail
        body = land.call("us-east-1", "CreateTrail", Name="audit", S3BucketName="logs")
        assert body["IsMultiRegionTrail"] is False
        publish(land, "us-east-1", 2)  # a trail that does not log
        world.run_for(hours(1))
        assert land.objects("logs") == []
        land.call("us-east-1", "StartLogging", Name="audit")
        publish(land, "us-east-1", 3)
        world.run_for(hours(1))
        assert delivered(land, "logs") == ids(made, 3)
        publish(land, "us-east-1", 4)
        land.call("us-east-1", "StopLogging", Name="audit")
        publish(land, "us-east-1", 5)
        world.run_for(hours(1))
        assert delivered(land, "logs") == ids(made, 3, 4)
        # Past history's 90 days the bucket still has them.
        world.run_for(days(91))
        assert land.call("us-east-1", "LookupEvents")["Events"] == ()
        assert delivered(land, "logs") == ids(made, 3, 4)


def test_the_calls_that_switch_logging_are_delivered_themselves(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs")
        world.run_for(minutes(1))
        land.call("us-east-1", "StopLogging", Name="audit")
        land.call("us-east-1", "DescribeTrails")
        world.run_for(hours(1))
        names = [
            event["eventName"]
            for entry in land.objects("logs")
            for event in json.loads(land.body("logs", entry.key))["Records"]
        ]
        assert sorted(names) == ["StartLogging", "StopLogging"]


def test_an_all_regions_trail_equals_the_same_trail_in_each_region(made: ModuleType) -> None:
    """CT-22, CT-24, CT-25, CT-29, CT-34: one bucket, a prefix for each region, union of all."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("all", "eu-west-1")
        land.log("all", "us-east-1", S3BucketName="all", IsMultiRegionTrail=True)
        for region in REGIONS:
            land.bucket(f"only-{region}", region)
            land.log("only", region, S3BucketName=f"only-{region}")
        world.run_for(seconds(1))
        for number in range(30):
            publish(land, REGIONS[number % 3], number)
            world.run_for(seconds(47))
        world.run_for(hours(1))
        assert delivered(land, "all", "eu-west-1") == ids(made, *range(30))
        for place, region in enumerate(REGIONS):
            alone = delivered(land, f"only-{region}", region)
            assert alone == ids(made, *range(place, 30, 3))
            prefix = f"AWSLogs/111122223333/CloudTrail/{region}/2026/01/01/111122223333_CloudTrail"
            files = [e.key for e in land.objects("all", "eu-west-1") if f"/{region}/" in e.key]
            assert files
            assert all(key.startswith(prefix) for key in files)


def test_trails_of_three_groups_each_get_a_full_copy(made: ModuleType) -> None:
    """LIM-01, CT-35: the same bucket or another one; keys never collide."""
    with SimWorld(seed=2, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("shared")
        land.bucket("own")
        land.log("dev", "us-east-1", S3BucketName="shared", S3KeyPrefix="dev")
        land.log("security", "us-east-1", S3BucketName="shared")
        land.log("audit", "us-east-1", S3BucketName="own")
        for number in range(20):
            publish(land, "us-east-1", number)
            world.run_for(seconds(40))
        world.run_for(hours(1))
        assert delivered(land, "own") == ids(made, *range(20))
        assert delivered(land, "shared") == sorted(ids(made, *range(20)) * 2)
        dev = [e.key for e in land.objects("shared") if e.key.startswith("dev/AWSLogs/")]
        assert 0 < len(dev) < len(land.objects("shared"))


def test_a_bucket_may_be_in_any_region_and_a_cut_only_delays(made: ModuleType) -> None:
    """CT-37."""
    with SimWorld(seed=3, codec=made.CODEC) as world:
        land = country(made, world)
        for region in REGIONS:
            for site in REGIONS:
                land.bucket(f"{region}-in-{site}", site)
                name = f"from-{region}-to-{site}"
                land.log(name, region, S3BucketName=f"{region}-in-{site}")
        cut = Partition(one="us-east-1", other="eu-west-1")
        world.run_for(seconds(1))
        world.add_rule(cut)
        for place, region in enumerate(REGIONS):
            publish(land, region, place)
        world.run_for(hours(2))
        cut_off = {("us-east-1", "eu-west-1"), ("eu-west-1", "us-east-1")}
        for place, region in enumerate(REGIONS):
            for site in REGIONS:
                expected = [] if (region, site) in cut_off else ids(made, place)
                assert delivered(land, f"{region}-in-{site}", site) == expected
        status = land.call("us-east-1", "GetTrailStatus", Name="from-us-east-1-to-eu-west-1")
        assert status["LatestDeliveryError"] == "RequestTimeout"
        assert "LatestDeliveryTime" not in status
        world.remove_rule(cut)
        world.run_for(minutes(15))
        for place, region in enumerate(REGIONS):
            for site in REGIONS:
                assert delivered(land, f"{region}-in-{site}", site) == ids(made, place)
        status = land.call("us-east-1", "GetTrailStatus", Name="from-us-east-1-to-eu-west-1")
        assert "LatestDeliveryError" not in status


def test_a_new_bucket_takes_later_files_and_the_old_ones_stay(made: ModuleType) -> None:
    """CT-19: a trail is configuration only."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("one")
        land.bucket("two", "eu-west-1")
        land.log("audit", "us-east-1", S3BucketName="one")
        publish(land, "us-east-1", 1)
        world.run_for(hours(1))
        land.call("us-east-1", "UpdateTrail", Name="audit", S3BucketName="two")
        publish(land, "us-east-1", 2)
        world.run_for(hours(1))
        assert delivered(land, "one") == ids(made, 1)
        assert delivered(land, "two", "eu-west-1") == ids(made, 2)


def test_settings_agree_in_all_regions_after_propagation(made: ModuleType) -> None:
    """CT-28: through a cut and a crash, no region keeps an old value."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("one")
        land.bucket("two")
        land.log("audit", "us-east-1", S3BucketName="one", IsMultiRegionTrail=True)
        world.run_for(seconds(1))
        cut = Partition(one="us-east-1", other="eu-west-1")
        world.add_rule(cut)
        land.call("us-east-1", "UpdateTrail", Name="audit", S3BucketName="two")

        def buckets() -> list[str]:
            trails = [land.call(r, "DescribeTrails")["trailList"] for r in REGIONS]
            assert all(len(found) == 1 for found in trails)
            return [found[0]["S3BucketName"] for found in trails]

        world.run_for(minutes(5))
        assert buckets() == ["two", "one", "two"]
        world.crash("us-east-1/trail")
        world.remove_rule(cut)
        world.restart("us-east-1/trail")
        world.run_for(minutes(2))
        assert buckets() == ["two", "two", "two"]


def test_a_trail_is_managed_from_its_home_region_only(made: ModuleType) -> None:
    """CT-30."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs", IsMultiRegionTrail=True)
        world.run_for(seconds(1))
        arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit"
        for action in ("StartLogging", "StopLogging", "UpdateTrail", "DeleteTrail"):
            for name in ("audit", arn):
                with pytest.raises(InvalidHomeRegionException):
                    land.call("eu-west-1", action, Name=name)
        selectors = ({"ReadWriteType": "All"},)
        with pytest.raises(InvalidHomeRegionException):
            land.call("eu-west-1", "PutEventSelectors", TrailName=arn, EventSelectors=selectors)
        shadow = land.call("eu-west-1", "DescribeTrails")["trailList"]
        assert [(t["TrailARN"], t["HomeRegion"]) for t in shadow] == [(arn, "us-east-1")]
        without = land.call("eu-west-1", "DescribeTrails", includeShadowTrails=False)
        assert without == {"trailList": ()}
        by_name = land.call("eu-west-1", "DescribeTrails", trailNameList=("audit",))
        assert by_name == {"trailList": ()}
        assert land.call("eu-west-1", "GetTrailStatus", Name=arn)["IsLogging"] is True
        land.call("us-east-1", "DeleteTrail", Name="audit")
        world.run_for(seconds(1))
        assert land.call("eu-west-1", "DescribeTrails") == {"trailList": ()}


def test_a_region_that_joins_later_is_covered_at_once(made: ModuleType) -> None:
    """CT-26, CT-31: no call by the user; its first event arrives within the usual 15 minutes."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs", IsMultiRegionTrail=True)
        world.run_for(hours(1))
        land.launch("mx-central-1")
        publish(land, "mx-central-1", 1)
        began_ns = world.calendar_ns
        world.run_for(minutes(15))
        assert delivered(land, "logs") == ids(made, 1)
        files = [e for e in land.objects("logs") if "/mx-central-1/" in e.key]
        assert files[0].stored_ns - began_ns < minutes(15)


def test_only_selected_events_are_delivered(made: ModuleType) -> None:
    """CT-18: delivered = filter(all); history has them all."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, ["us-east-1"])
        wanted = {"all": lambda _: True, "reads": lambda n: n % 2, "writes": lambda n: not n % 2}
        kinds = {"all": "All", "reads": "ReadOnly", "writes": "WriteOnly"}
        for name, kind in kinds.items():
            land.bucket(name)
            land.log(name, "us-east-1", S3BucketName=name)
            selectors = ({"ReadWriteType": kind},)
            land.call("us-east-1", "PutEventSelectors", TrailName=name, EventSelectors=selectors)
        land.bucket("no-kms")
        land.log("no-kms", "us-east-1", S3BucketName="no-kms")
        excluded = ({"ExcludeManagementEventSources": ("kms.amazonaws.com",)},)
        land.call("us-east-1", "PutEventSelectors", TrailName="no-kms", EventSelectors=excluded)
        answer = land.call("us-east-1", "GetEventSelectors", TrailName="no-kms")
        assert answer["EventSelectors"] == (
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": (),
                "ExcludeManagementEventSources": ("kms.amazonaws.com",),
            },
        )
        for number in range(10):
            publish(land, "us-east-1", number, read_only=bool(number % 2))
        world.run_for(hours(1))
        for name, test in wanted.items():
            assert delivered(land, name) == ids(made, *[n for n in range(10) if test(n)])
        assert delivered(land, "no-kms") == []


def test_the_sixth_trail_is_refused_in_whatever_region_is_full(made: ModuleType) -> None:
    """LIM-02, LIM-03: an all-regions trail counts everywhere and needs room everywhere."""
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        land.call(
            "us-east-1", "CreateTrail", Name="all", S3BucketName="logs", IsMultiRegionTrail=True
        )
        world.run_for(seconds(1))
        for number in range(4):
            land.call("eu-west-1", "CreateTrail", Name=f"one{number}", S3BucketName="logs")
        world.run_for(seconds(1))
        for region, multi in (("eu-west-1", False), ("us-east-1", True)):
            with pytest.raises(
                MaximumNumberOfTrailsExceededException,
                match=r"^MaximumNumberOfTrailsExceededException: User: 111122223333 already has "
                r"5 trails in eu-west-1\.$",
            ):
                land.call(
                    region,
                    "CreateTrail",
                    Name="more",
                    S3BucketName="logs",
                    IsMultiRegionTrail=multi,
                )
        assert len(land.call("eu-west-1", "DescribeTrails")["trailList"]) == 5
        land.call("us-east-1", "CreateTrail", Name="more", S3BucketName="logs")


def test_bad_requests_are_refused_with_the_services_words(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, ["us-east-1"])
        land.bucket("logs")
        cases: list[tuple[type[Exception], str, str, dict[str, Any]]] = [
            (
                ValidationException,
                (
                    "1 validation error detected: Value null at 's3BucketName' failed to satisfy "
                    "constraint: Member must not be null"
                ),
                "CreateTrail",
                {"Name": "audit"},
            ),
            (
                InvalidParameterCombinationException,
                "Multi-Region trail must include global service events.",
                "CreateTrail",
                {
                    "Name": "audit",
                    "S3BucketName": "logs",
                    "IsMultiRegionTrail": True,
                    "IncludeGlobalServiceEvents": False,
                },
            ),
            (
                UnsupportedOperationException,
                "SnsTopicName cannot be set: this world has no SNS in us-east-1",
                "CreateTrail",
                {"Name": "audit", "S3BucketName": "logs", "SnsTopicName": "news"},
            ),
            (
                UnknownOperationException,
                "DeregisterOrganizationDelegatedAdmin is not modelled",
                "DeregisterOrganizationDelegatedAdmin",
                {},
            ),
            (
                InvalidMaxResultsException,
                "A max results value of 51 is invalid. Specify max results between 1 and 50.",
                "LookupEvents",
                {"MaxResults": 51},
            ),
            (
                InvalidTimeRangeException,
                "The start time must be earlier than the end time.",
                "LookupEvents",
                {"StartTime": 10, "EndTime": 9},
            ),
        ]
        for error, message, action, parameters in cases:
            with pytest.raises(error) as caught:
                land.call("us-east-1", action, **parameters)
            assert caught.value.message == message  # type: ignore[attr-defined]


def test_a_quiet_year_after_delivery_costs_no_event(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs", IsMultiRegionTrail=True)
        publish(land, "us-east-1", 1)
        world.run_for(days(1))
        before = world.statistics()["events"]
        world.run_for(years(1))
        assert world.statistics()["events"] == before
        assert delivered(land, "logs") == ids(made, 1)


def test_the_state_is_written_afresh_and_old_files_go(
    made: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("regions.trail.archive.STATE_BYTES_MAX", 2_000)
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world, ["us-east-1"])
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs")
        for number in range(200):
            publish(land, "us-east-1", number)
            world.run_for(hours(18))
        files = world.disk("us-east-1/trail").files()
        assert len([f for f in files if f.startswith("state:")]) == 1
        assert files[-1] > "state:00000004"
        assert len([f for f in files if f.startswith("records:")]) <= 123
        world.crash("us-east-1/trail")
        world.restart("us-east-1/trail")
        publish(land, "us-east-1", 190, 500)
        world.run_for(hours(1))
        assert delivered(land, "logs") == ids(made, *range(200), 500)


def test_a_foreign_regions_call_never_reaches_this_ones_history(made: ModuleType) -> None:
    with SimWorld(seed=1, codec=made.CODEC) as world:
        land = country(made, world)
        call = ApiCall(
            service="cloudtrail",
            region="eu-west-1",
            action="DescribeTrails",
            parameters={},
            principal=made.ADMINISTRATOR,
            source_ip="192.0.2.7",
            user_agent="nines/1",
        )
        world.ask("eu-west-1/trail", call)
        assert land.call("us-east-1", "LookupEvents")["Events"] == ()
        found = land.call("eu-west-1", "LookupEvents")["Events"]
        assert [json.loads(e["CloudTrailEvent"])["awsRegion"] for e in found] == ["eu-west-1"]
