"""The disk of a region's one Trail actor: small damage is mended, and what is beyond is said."""

import json
from types import ModuleType

from regions.trail.messages import Publish
from sim.units import hours
from sim.world import SimWorld

TRAIL = "us-east-1/trail"


def findings(world: SimWorld) -> list[str]:
    return [e.body.decode() for e in world.trace.events() if e.kind == "disk"]


def restart(world: SimWorld) -> None:
    world.crash(TRAIL)
    world.restart(TRAIL)
    world.run_for(hours(1))


def test_rotted_records_and_state_are_mended_and_what_is_beyond_that_is_said(
    made: ModuleType,
) -> None:
    with SimWorld(seed=1, codec=made.CODEC, keep="all") as world:
        land = made.Country(world, ["us-east-1"]).build()
        land.bucket("logs")
        land.log("audit", "us-east-1", S3BucketName="logs")
        for first in (0, 20):
            records = tuple(land.record(n, "us-east-1") for n in range(first, first + 20))
            world.ask(TRAIL, Publish(records=records))
        disk = world.disk(TRAIL)
        records_file, state_file = disk.files()[0], disk.files()[-1]
        for file in (records_file, state_file):
            disk.lose_sector(file, 1)
        restart(world)
        events = [
            event["eventID"]
            for entry in land.objects("logs", "us-east-1")
            for event in json.loads(land.body("logs", entry.key, "us-east-1"))["Records"]
            if event["eventSource"] != "cloudtrail.amazonaws.com"
        ]
        assert sorted(events) == [made.event_id(number) for number in range(40)]
        mended = [f"found={file}: sectors mended: 1" for file in (records_file, state_file)]
        assert findings(world) == mended
        for sector in range(4):
            disk.lose_sector(records_file, sector)
        restart(world)
        assert len(findings(world)) == 3
        assert findings(world)[2].endswith("blocks unreadable: 1")
