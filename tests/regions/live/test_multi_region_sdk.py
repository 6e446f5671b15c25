"""The AWS Encryption SDK's MRK-aware provider opens with a replica where the primary is lost."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_encryption_sdk
import botocore.session
import pytest
from aws_encryption_sdk.exceptions import DecryptKeyError
from aws_encryption_sdk.key_providers.kms import MRKAwareStrictAwsKmsMasterKeyProvider
from botocore.exceptions import ClientError
from serving import PATIENCE_S, REGION, Running, serving

from scenarios.admin_client import ask

ELSEWHERE = "eu-west-1"
TEXT = b"what must be read when a region is gone"
SDK = aws_encryption_sdk.EncryptionSDKClient()


@pytest.fixture(scope="module")
def two_regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of two regions that checks signatures."""
    data: Path = tmp_path_factory.mktemp("two") / "data"
    with serving(data, "--regions", f"{REGION},{ELSEWHERE}", auth="sigv4") as running:
        yield running


@pytest.fixture(autouse=True)
def _exports(two_regions: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in two_regions.exports.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


def client(region: str) -> Any:
    return botocore.session.Session().create_client("kms", region_name=region)


def unaware(arn: str) -> Any:
    return aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
        key_ids=[arn], botocore_session=botocore.session.Session()
    )


def aware(arn: str) -> Any:
    return MRKAwareStrictAwsKmsMasterKeyProvider(
        key_ids=[arn], botocore_session=botocore.session.Session()
    )


def test_kms_10_a_replica_opens_what_the_primary_sealed_while_its_region_is_lost(
    two_regions: Running,
) -> None:
    """KMS-10: the envelope names the primary key alone; its relative elsewhere opens it.

    A provider that knows nothing of relatives opens nothing, with the same replica. A region that
    has lost every HSM waits for its safe for hours, so the primary key does not return in here.
    """
    primary = replicated()
    replica = primary.replace(REGION, ELSEWHERE)
    message, _ = SDK.encrypt(source=TEXT, key_provider=aware(primary))
    ask(two_regions.data, "POST", "/faults", {"line": f"region-loss {REGION}"})
    for provider in (aware(primary), unaware(replica)):
        with pytest.raises(DecryptKeyError, match="Unable to decrypt any data key"):
            SDK.decrypt(source=message, key_provider=provider)
    assert SDK.decrypt(source=message, key_provider=aware(replica))[0] == TEXT
    healed = ask(two_regions.data, "DELETE", "/faults")
    assert healed == [f"region-loss {REGION}"]
    assert SDK.decrypt(source=message, key_provider=aware(replica))[0] == TEXT


def replicated() -> str:
    """Return the ARN of a primary key in REGION once its replica in ELSEWHERE can be used."""
    arn = str(client(REGION).create_key(MultiRegion=True)["KeyMetadata"]["Arn"])
    client(REGION).replicate_key(KeyId=arn, ReplicaRegion=ELSEWHERE)
    there, replica = client(ELSEWHERE), arn.replace(REGION, ELSEWHERE)
    begun = time.monotonic()
    while state(there, replica) != "Enabled":
        assert time.monotonic() - begun < PATIENCE_S, "the replica never came to be"
        time.sleep(0.05)
    return arn


def state(kms: Any, arn: str) -> str:
    """Return a key's state, or the code of what the service says instead."""
    try:
        return str(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
