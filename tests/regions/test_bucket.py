"""The object store."""

import gzip

import pytest

from regions.bucket import (
    BUCKET_FRAMES,
    Bucket,
    BucketAlreadyExists,
    BucketReady,
    CreateBucket,
    GetObject,
    HeadBucket,
    ListObjects,
    NoSuchBucket,
    NoSuchKey,
    ObjectDamaged,
    PutObject,
    to_gzip,
)
from sim.units import ms, seconds, years
from sim.wire import Codec
from sim.world import SimWorld

CODEC = Codec(BUCKET_FRAMES)
STORE = "us-east-1/bucket"


def store(world: SimWorld) -> None:
    world.start(Bucket, None, name=STORE)
    world.ask(STORE, CreateBucket(bucket="logs", owner="1"))


def put(world: SimWorld, key: str, body: bytes) -> None:
    world.ask(STORE, PutObject(bucket="logs", key=key, body=body, encoding="gzip"))


def get(world: SimWorld, key: str) -> bytes:
    body: bytes = world.ask(STORE, GetObject(bucket="logs", key=key)).body
    return body


def keys(world: SimWorld, prefix: str = "", after: str = "") -> list[str]:
    answer = world.ask(STORE, ListObjects(bucket="logs", prefix=prefix, after=after))
    return [entry.key for entry in answer.objects]


def test_buckets_and_objects_that_are_not_there_are_refused() -> None:
    with SimWorld(seed=1, codec=CODEC) as world:
        store(world)
        assert world.ask(STORE, HeadBucket(bucket="logs")) == BucketReady(owner="1")
        assert world.ask(STORE, CreateBucket(bucket="logs", owner="1")) == BucketReady(owner="1")
        with pytest.raises(
            BucketAlreadyExists, match=r"^the bucket 'logs' belongs to another account$"
        ):
            world.ask(STORE, CreateBucket(bucket="logs", owner="2"))
        for message in (
            HeadBucket(bucket="gone"),
            PutObject(bucket="gone", key="k", body=b""),
            ListObjects(bucket="gone"),
        ):
            with pytest.raises(NoSuchBucket, match=r"^the bucket 'gone' does not exist$"):
                world.ask(STORE, message)
        with pytest.raises(NoSuchKey, match=r"^the bucket 'logs' has no object 'k'$"):
            get(world, "k")


def test_keys_are_listed_in_order_by_prefix_and_in_pages() -> None:
    with SimWorld(seed=1, codec=CODEC) as world:
        store(world)
        for key in ("b/2", "a", "b/1", "b", "c"):
            put(world, key, key.encode())
        assert keys(world) == ["a", "b", "b/1", "b/2", "c"]
        assert keys(world, prefix="b") == ["b", "b/1", "b/2"]
        assert keys(world, prefix="b/", after="b/1") == ["b/2"]
        assert keys(world, after="b/2") == ["c"]
        for number in range(1_005):
            put(world, f"d{number:05}", b"x")
        page = world.ask(STORE, ListObjects(bucket="logs", prefix="d"))
        assert (len(page.objects), page.truncated) == (1_000, True)
        rest = world.ask(STORE, ListObjects(bucket="logs", prefix="d", after=page.objects[-1].key))
        assert (len(rest.objects), rest.truncated) == (5, False)


def test_what_was_acknowledged_survives_power_cuts_and_torn_objects_vanish() -> None:
    for seed in range(20):
        with SimWorld(seed=seed, codec=CODEC) as world:
            store(world)
            put(world, "kept", b"k" * 3_000)
            put(world, "kept", b"K" * 3_000)
            world.run_for(ms(2))
            for key in ("kept", "torn"):
                message = PutObject(bucket="logs", key=key, body=b"t" * 3_000)
                world.kernel.begin_ask(
                    world.kernel.cells["host"],
                    STORE,
                    message,
                    None,
                    lambda _: None,
                    seconds(1),
                    None,
                )
            world.run_for(ms(0.2))
            world.crash(STORE)
            world.restart(STORE)
            world.run_for(ms(2))
            assert get(world, "kept") in (b"K" * 3_000, b"t" * 3_000)
            assert keys(world) in (["kept"], ["kept", "torn"])
            if "torn" in keys(world):
                assert get(world, "torn") == b"t" * 3_000


def test_objects_stay_for_ever() -> None:
    """LIM-04."""
    with SimWorld(seed=1, codec=CODEC) as world:
        store(world)
        put(world, "old", b"body")
        world.run_for(years(10))
        world.crash(STORE)
        world.restart(STORE)
        world.run_for(seconds(1))
        assert get(world, "old") == b"body"


def test_gzip_carries_no_time_stamp() -> None:
    packed = to_gzip(b"body")
    assert gzip.decompress(packed) == b"body"
    assert packed[4:8] == bytes(4)


def test_a_rotted_object_is_mended_and_one_beyond_that_is_refused_and_never_served() -> None:
    body = bytes(range(256)) * 40
    with SimWorld(seed=3, codec=CODEC, keep="all") as world:
        world.start(Bucket, None, name="b")
        world.ask("b", CreateBucket(bucket="logs", owner="1" * 12))
        world.ask("b", PutObject(bucket="logs", key="k", body=body))
        disk, get = world.disk("b"), GetObject(bucket="logs", key="k")
        file = disk.files()[-1]
        healthy = disk.load(file)
        disk.rot(file, 100)
        disk.lose_sector(file, 7)
        assert world.ask("b", get).body == body
        assert disk.load(file) == healthy
        for sector in range(disk.size(file) // 512):
            disk.lose_sector(file, sector)
        with pytest.raises(ObjectDamaged, match=r"^object 'k' of 'logs' is damaged$"):
            world.ask("b", get)
        notes = [e.body.decode() for e in world.trace.events() if e.kind == "disk"]
        assert notes[0] == f"found={file}: sectors mended: 2"
        assert disk.files()[-1] == file  # What is left of it stays.


def test_a_bucket_whose_own_file_rotted_keeps_its_objects() -> None:
    with SimWorld(seed=3, codec=CODEC) as world:
        world.start(Bucket, None, name="b")
        world.ask("b", CreateBucket(bucket="logs", owner="1" * 12))
        world.ask("b", PutObject(bucket="logs", key="k", body=b"body"))
        disk = world.disk("b")
        disk.lose_sector(disk.files()[0], 0)
        disk.lose_sector(disk.files()[0], 1)
        world.crash("b")
        world.restart("b")
        assert world.ask("b", GetObject(bucket="logs", key="k")).body == b"body"
        assert world.ask("b", HeadBucket(bucket="logs")).owner == "1" * 12
