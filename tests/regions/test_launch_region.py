"""A region that is launched in a running world serves, is known everywhere, and is audited."""

import json
from collections.abc import Iterator

import pytest
from regional import CODEC, booted, create_key, decrypt, encrypt

from regions.bucket import CreateBucket, GetObject, ListObjects
from regions.calls import ApiAnswer, ApiCall
from regions.errors import MaximumNumberOfTrailsExceededException, ServiceError
from regions.faults import FAULTS
from regions.latency import latency
from regions.topology import (
    LAUNCH_REGION,
    Topology,
    TopologyError,
    build,
    build_identity,
    build_services,
    default_azs,
    launch_services,
)
from scenarios.accounts import ACCOUNT
from scenarios.arena import Arena
from sim.plan import Plan
from sim.units import hours, minutes, seconds
from sim.world import SimWorld

EAST, WEST, NEW = "us-east-1", "eu-west-1", "mx-central-1"


def launch(arena: Arena, line: str = f"launch-region {NEW}") -> None:
    """Have the provider launch a region, and wait until it serves."""
    Plan.parse([line], FAULTS).schedule(arena.world, arena.world.now_ns, hours(1), FAULTS)
    arena.world.run_for(1)
    arena.boot()


def trail_call(arena: Arena, region: str, action: str, **given: object) -> dict[str, object]:
    asked = ApiCall(
        service="cloudtrail", region=region, action=action, parameters=given,
        principal=arena.administrator(), source_ip="192.0.2.1", user_agent="test",
    )  # fmt: skip
    answer: ApiAnswer = arena.world.ask(f"{EAST}/router", asked)
    return answer.body


def follow(arena: Arena) -> None:
    """Make a trail over all regions that logs."""
    arena.world.ask(f"{EAST}/bucket", CreateBucket(bucket="logs", owner=ACCOUNT))
    given = {"Name": "all", "S3BucketName": "logs", "IsMultiRegionTrail": True}
    trail_call(arena, EAST, "CreateTrail", **given)
    trail_call(arena, EAST, "StartLogging", Name="all")


def delivered(arena: Arena, region: str) -> list[tuple[str, int]]:
    """Return the events of a region in the trail's bucket: names, and when their file came."""
    found = []
    for entry in arena.world.ask(f"{EAST}/bucket", ListObjects(bucket="logs")).objects:
        if f"/CloudTrail/{region}/" in entry.key:
            body = arena.world.ask(f"{EAST}/bucket", GetObject(bucket="logs", key=entry.key)).body
            found += [(r["eventName"], entry.stored_ns) for r in json.loads(body)["Records"]]
    return found


@pytest.fixture(scope="module")
def grown() -> Iterator[Arena]:
    """Two regions with a trail over all of them, an hour later a third."""
    with booted(EAST, WEST) as arena:
        follow(arena)
        arena.world.run_for(hours(1))
        launch(arena)
        yield arena


def test_a_launched_region_serves_and_is_reached_from_everywhere(grown: Arena) -> None:
    key = create_key(grown, NEW)
    blob = encrypt(grown, key, NEW)
    assert decrypt(grown, blob, NEW) == b"attack at dawn"
    call = ApiCall(
        service="kms", region=NEW, action="DescribeKey", parameters={"KeyId": key},
        principal=grown.administrator(), source_ip="192.0.2.1", user_agent="test",
    )  # fmt: skip
    for region in (EAST, WEST):
        for _ in range(2):
            answer = grown.world.ask(f"{region}/router", call)
            assert answer.body["KeyMetadata"]["Arn"].startswith(f"arn:aws:kms:{NEW}:")
            grown.world.crash(f"{region}/router")
            grown.world.restart(f"{region}/router")
            grown.world.run_for(seconds(1))


def test_keys_can_be_replicated_to_a_region_that_was_launched_later(grown: Arena) -> None:
    key = create_key(grown, WEST, MultiRegion=True)
    blob = encrypt(grown, key, WEST)
    grown.api(WEST, "ReplicateKey", {"KeyId": key, "ReplicaRegion": NEW})
    grown.world.run_for(minutes(1))
    assert decrypt(grown, blob, NEW) == b"attack at dawn"


def test_a_trail_over_all_regions_covers_it_with_no_call_by_anybody(grown: Arena) -> None:
    """CT-26, CT-31: its first event arrives within the usual 15 minutes, without any call."""
    began_ns = grown.world.calendar_ns
    key = create_key(grown, NEW)
    encrypt(grown, key, NEW)
    grown.world.run_for(minutes(15))
    found = [(name, at) for name, at in delivered(grown, NEW) if at >= began_ns]
    assert {"CreateKey", "Encrypt"} <= {name for name, _ in found}
    shadows = trail_call(grown, NEW, "DescribeTrails")["trailList"]
    assert isinstance(shadows, tuple)
    assert [(t["Name"], t["HomeRegion"]) for t in shadows] == [("all", EAST)]
    status = trail_call(grown, NEW, "GetTrailStatus", Name=shadows[0]["TrailARN"])
    assert status["IsLogging"] is True


def test_a_launched_region_counts_trails_as_any_other(grown: Arena) -> None:
    """LIM-02, LIM-03: four of its own beside the one over all regions."""
    for number in range(4):
        trail_call(grown, NEW, "CreateTrail", Name=f"own{number}", S3BucketName="logs")
    with pytest.raises(MaximumNumberOfTrailsExceededException) as caught:
        trail_call(grown, NEW, "CreateTrail", Name="more", S3BucketName="logs")
    assert caught.value.message == f"User: {ACCOUNT} already has 5 trails in {NEW}."


def test_what_cannot_be_launched_is_refused_and_changes_nothing(grown: Arena) -> None:
    order = grown.world.orders[LAUNCH_REGION]
    before = grown.world.names()
    with pytest.raises(TopologyError, match=f"^region '{NEW}' is there already$"):
        order(NEW)
    with pytest.raises(TopologyError, match=r"^AZ 'x' of ca-west-1: expected one of caw1-az1, "):
        order("ca-west-1", ("x", "y", "z"))
    assert grown.world.names() == before


def test_services_beside_kms_come_with_a_launched_region() -> None:
    topology = Topology(regions={WEST: default_azs(WEST)}, services=True)
    with SimWorld(seed=3, codec=CODEC, latency=latency) as world:
        arena = Arena(world, build(world, topology))
        build_identity(world, topology)
        build_services(world, topology, {}, "")
        late = f"region '{EAST}' comes too late: global services are in {WEST}"
        with pytest.raises(TopologyError, match=rf"^{late}$"):
            world.orders[LAUNCH_REGION](EAST)
        world.orders[LAUNCH_REGION](NEW)
        grown = Topology(regions={**topology.regions, NEW: default_azs(NEW)}, services=True)
        endpoints = launch_services(world, grown, NEW, "", "")
        world.run_for(seconds(5))
        where = {"CreateBucketConfiguration": {"LocationConstraint": NEW}}
        owner = arena.administrator()

        def call(service: str, region: str, action: str, **given: object) -> dict[str, object]:
            asked = ApiCall(
                service=service, region=region, action=action, parameters=given,
                principal=owner, source_ip="192.0.2.1", user_agent="test",
            )  # fmt: skip
            actor = endpoints[service, region] if region == NEW else f"{region}/{service}"
            answer: ApiAnswer = world.ask(actor, asked)
            return answer.body

        # What is made there is seen from here.
        call("s3", NEW, "CreateBucket", Bucket="afar", **where)
        assert call("s3", NEW, "GetBucketLocation", Bucket="afar") == {"LocationConstraint": NEW}
        buckets = call("s3", WEST, "ListBuckets")["Buckets"]
        assert isinstance(buckets, tuple)
        assert [bucket["Name"] for bucket in buckets] == ["afar"]
        topic = call("sns", NEW, "CreateTopic", Name="news")
        assert topic["TopicArn"] == f"arn:aws:sns:{NEW}:{ACCOUNT}:news"
        found = call("sts", NEW, "GetCallerIdentity")
        assert found["Arn"] == owner.arn
        with pytest.raises(ServiceError, match=r"^PermanentRedirect: "):
            call("s3", WEST, "GetBucketPolicy", Bucket="afar")
