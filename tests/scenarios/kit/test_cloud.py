"""A cloud serves real boto3 clients in virtual time, and its faults look as real ones do."""

import subprocess
import sys
from datetime import timedelta

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from scenarios import Cloud

#: Attempts and timeouts of a client that gives up at once.
ONCE = {"retries": {"total_max_attempts": 1}, "connect_timeout": 7, "read_timeout": 11}


def test_an_application_survives_an_az_outage_and_finds_its_calls_at_their_virtual_time() -> None:
    with Cloud() as cloud:
        kms = cloud.boto3_client("kms", region_name="us-east-1")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"order 1")["CiphertextBlob"]
        with cloud.fault("power-off us-east-1/use1-az1"):
            assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"order 1"
        before = cloud.now
        cloud.advance(days=8)
        assert cloud.now - before == timedelta(days=8)


def test_equal_seeds_and_calls_give_equal_traces_in_other_processes() -> None:
    script = """
import trio
from scenarios import Cloud
with Cloud(seed=3) as cloud:
    kms = cloud.boto3_client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    with cloud.fault("crash us-east-1/front for 3s"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    cloud.boto3_client("s3").create_bucket(Bucket="orders")
    cloud.boto3_client("iam").create_user(UserName="joe")
    joe = cloud.trio_client("kms", principal="arn:aws:iam::123456789012:user/joe")

    async def refused():
        try:
            await joe.encrypt(KeyId=key, Plaintext=b"x")
        except joe.exceptions.ClientError:
            pass

    async def main():
        async with trio.open_nursery() as nursery:
            for _ in range(5):
                nursery.start_soon(refused)

    trio.run(main, clock=cloud)
    print(cloud.trace_hash, [verdict.word for verdict in cloud.check()], cloud.trace_hash)
"""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("line", "error", "seconds"),
    [
        ("power-off us-east-1", ConnectTimeoutError, 7),
        ("partition us-east-1<->eu-west-1", ConnectTimeoutError, 7),
        ("crash us-east-1/front", EndpointConnectionError, 0),
        ("pause us-east-1/front", ReadTimeoutError, 11),
    ],
)
def test_a_fault_looks_to_the_application_as_it_would_to_botocore(
    line: str, error: type[Exception], seconds: int
) -> None:
    with Cloud(home="eu-west-1") as cloud:
        kms = cloud.boto3_client("kms", "us-east-1", config=Config(**ONCE))
        before = cloud.now
        with cloud.fault(line), pytest.raises(error):
            kms.list_keys()
        assert int((cloud.now - before).total_seconds()) == seconds


def test_what_is_not_served_says_so() -> None:
    with Cloud(regions=["us-east-1"]) as cloud:
        with pytest.raises(ClientError, match=r"kms.eu-west-1 is not served here; regions: us-east-1$"):
            cloud.boto3_client("kms", "eu-west-1").list_keys()
        with pytest.raises(ClientError, match=r"dynamodb.us-east-1 is not served here"):
            cloud.boto3_client("dynamodb").list_tables()
