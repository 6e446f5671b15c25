"""What checkers read out of history and buckets, whatever lies there."""

import json

import pytest

from regions.bucket import BUCKET_FRAMES, Bucket, CreateBucket, PutObject
from scenarios.evidence import read_bucket
from sim.wire import Codec
from sim.world import SimWorld

STORE = "us-east-1/bucket"
RECORD = {
    "eventID": "e-1",
    "eventName": "Encrypt",
    "awsRegion": "us-east-1",
    "eventTime": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    "body",
    [
        b"\xba",
        b'{"Records": [',
        b'{"Rekords": []}',
        b"[]",
        b'{"Records": [7]}',
        json.dumps({"Records": [{**RECORD, "eventTime": "2026-91-01T00:00:00Z"}]}).encode(),
    ],
)
def test_a_file_that_is_no_log_file_is_named_and_hides_no_other(body: bytes) -> None:
    with SimWorld(seed=1, codec=Codec(BUCKET_FRAMES)) as world:
        world.start(Bucket, None, name=STORE)
        world.ask(STORE, CreateBucket(bucket="logs", owner="1"))
        good = json.dumps({"Records": [RECORD]}).encode()
        for key, content in (("1", body), ("2", good)):
            world.ask(STORE, PutObject(bucket="logs", key=key, body=content, encoding=""))
        garbled: list[str] = []
        found = read_bucket(world, STORE, "logs", garbled=garbled.append)
        assert ([each.event_id for each in found], garbled) == (["e-1"], ["1"])
