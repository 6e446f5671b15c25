"""Whatever sleeps inside a cloud spends virtual time, and what is drawn comes from the seed."""

import time

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError, WaiterError

from regions.topology import Topology, default_azs
from scenarios import Cloud


def test_an_application_that_sleeps_spends_virtual_time_and_gets_its_clock_back() -> None:
    found = time.sleep
    with Cloud(regions=["us-east-1"]) as cloud:
        before = cloud.world.now_ns
        time.sleep(3600)
        assert cloud.world.now_ns - before == 3600 * 10**9
        with pytest.raises(ValueError, match=r"^sleep length must be non-negative$"):
            time.sleep(-1)
    assert time.sleep is found


def test_the_innermost_cloud_is_the_one_whose_time_is_spent() -> None:
    with Cloud(regions=["us-east-1"]) as outer:
        before = outer.world.now_ns
        with Cloud(regions=["us-east-1"]):
            time.sleep(5)
        assert outer.world.now_ns == before


def test_a_waiter_waits_in_virtual_time() -> None:
    with Cloud(regions=["us-east-1"]) as cloud:
        before = cloud.now
        with pytest.raises(WaiterError):
            cloud.boto3_client("s3").get_waiter("bucket_exists").wait(
                Bucket="nobody-made-it", WaiterConfig={"Delay": 600, "MaxAttempts": 4}
            )
        assert int((cloud.now - before).total_seconds()) == 3 * 600


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_retries_are_as_many_as_the_client_wants_and_their_jitter_is_the_seeds(mode: str) -> None:
    took = []
    for _ in range(2):
        with Cloud(regions=["us-east-1"]) as cloud:
            config = Config(retries={"mode": mode, "total_max_attempts": 3}, read_timeout=10)
            kms = cloud.boto3_client("kms", config=config)
            with cloud.fault("pause us-east-1/front"), pytest.raises(ReadTimeoutError):
                kms.list_keys()
            took.append(cloud.world.now_ns)
    assert took[0] == took[1] > 30 * 10**9


def test_an_adaptive_client_that_is_throttled_slows_down_in_virtual_time() -> None:
    topology = Topology(
        regions={"us-east-1": default_azs("us-east-1")}, quotas=True, quota_share=0.0001
    )
    took = []
    for _ in range(2):
        with Cloud(topology=topology) as cloud:
            config = Config(retries={"mode": "adaptive", "total_max_attempts": 6})
            kms = cloud.boto3_client("kms", config=config)
            attempts = 0
            for _ in range(20):
                answer = kms.generate_random(NumberOfBytes=8)["ResponseMetadata"]
                attempts += 1 + answer["RetryAttempts"]
            took.append((attempts, cloud.world.now_ns))
    assert took[0] == took[1]
    assert took[0][0] > 20
    assert took[0][1] > 3 * 10**9  # Twenty calls that nobody throttles take a tenth of a second.
