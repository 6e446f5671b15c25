"""Clients of Trio have boto3's names and shapes, and their calls overlap in virtual time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import trio
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError

from scenarios import Cloud
from scenarios.kit.edge import CloudError
from scenarios.kit.trio_client import AnotherClock


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud() as cloud:
        yield cloud


async def test_concurrent_calls_take_the_time_of_one(cloud: Cloud) -> None:
    far = cloud.trio_client("kms", "eu-west-1", home="us-east-1")
    await far.list_keys()

    async def one() -> None:
        await far.generate_random(NumberOfBytes=16)

    before = cloud.now
    await one()
    alone = cloud.now - before
    before = cloud.now
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(one)
    assert cloud.now - before < 2 * alone


async def test_answers_and_errors_have_the_shapes_of_boto3(cloud: Cloud) -> None:
    kms = cloud.trio_client("kms")
    key = (await kms.create_key())["KeyMetadata"]["KeyId"]
    blob = (await kms.encrypt(KeyId=key, Plaintext=b"x"))["CiphertextBlob"]
    assert (await kms.decrypt(CiphertextBlob=blob))["Plaintext"] == b"x"
    with pytest.raises(kms.exceptions.NotFoundException):
        await kms.describe_key(KeyId="f0000000-0000-4000-8000-000000000000")


async def test_trios_own_sleeps_and_timeouts_are_virtual(cloud: Cloud) -> None:
    before = cloud.now
    await trio.sleep(3600)
    assert cloud.now - before == timedelta(hours=1)
    with trio.move_on_after(1) as scope, cloud.fault("pause us-east-1/front"):
        await cloud.trio_client("kms").list_keys()
    assert scope.cancelled_caught
    assert cloud.now - before == timedelta(hours=1, seconds=1)


async def test_an_answer_that_nobody_waits_for_any_more_disturbs_nobody(cloud: Cloud) -> None:
    kms = cloud.trio_client("kms")
    await kms.list_keys()
    with trio.move_on_after(0.001) as scope:
        await kms.list_keys()
    assert scope.cancelled_caught
    before = cloud.world.now_ns
    cloud.world.run_for(10**9)
    assert cloud.world.now_ns - before == 10**9


async def test_retries_are_botocores_and_wait_in_virtual_time(cloud: Cloud) -> None:
    config = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=7)
    kms = cloud.trio_client("kms", config=config)
    before = cloud.now
    with cloud.fault("power-off us-east-1"), pytest.raises(ConnectTimeoutError):
        await kms.list_keys()
    assert 3 * 7 <= (cloud.now - before).total_seconds() < 4 * 7


async def test_an_application_may_wait_for_a_thread(cloud: Cloud) -> None:
    before = cloud.now
    assert await trio.to_thread.run_sync(lambda: 7) == 7
    assert cloud.now == before


def test_equal_seeds_give_equal_traces_whatever_tasks_do() -> None:
    hashes = []
    for _ in range(2):
        with Cloud(seed=4, regions=["us-east-1"]) as cloud:

            async def main(cloud: Cloud = cloud) -> None:
                kms = cloud.trio_client("kms")
                async with trio.open_nursery() as nursery:
                    for size in range(1, 9):
                        nursery.start_soon(lambda n=size: kms.generate_random(NumberOfBytes=n))

            trio.run(main, clock=cloud)
            hashes.append(cloud.trace_hash)
    assert hashes[0] == hashes[1]


def test_a_run_with_another_clock_is_told_how_to_take_this_one(cloud: Cloud) -> None:
    kms = cloud.trio_client("kms")
    with pytest.raises(
        AnotherClock,
        match=r"^this Trio run does not keep the cloud's time; expected trio.run\(main, clock=cloud\)",
    ):
        trio.run(kms.list_keys)


def test_a_retry_mode_that_blocks_is_refused(cloud: Cloud) -> None:
    with pytest.raises(CloudError, match=r"^retry mode 'adaptive': expected 'standard' or 'legacy'"):
        cloud.trio_client("kms", config=Config(retries={"mode": "adaptive"}))
