"""Multi-Region keys of every kind: what one region seals or signs, the other one opens or verifies."""

from collections.abc import Iterator
from typing import Any

import pytest

from scenarios import Cloud

SIGNING = {"Message": b"order 1", "SigningAlgorithm": "ECDSA_SHA_256"}
MAC = {"Message": b"order 1", "MacAlgorithm": "HMAC_SHA_384"}


@pytest.fixture(scope="module")
def regions() -> Iterator[tuple[Cloud, Any, Any]]:
    with Cloud(seed=5) as cloud:
        yield cloud, cloud.boto3_client("kms", "us-east-1"), cloud.boto3_client("kms", "eu-west-1")


def replicated(regions: tuple[Cloud, Any, Any], **wanted: str) -> str:
    cloud, here, there = regions
    key_id: str = here.create_key(MultiRegion=True, **wanted)["KeyMetadata"]["KeyId"]
    here.replicate_key(KeyId=key_id, ReplicaRegion="eu-west-1")
    cloud.advance(seconds=30)
    seen = there.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (seen["KeyState"], seen["KeySpec"]) == ("Enabled", wanted["KeySpec"])
    return key_id


def test_a_signature_of_one_region_is_verified_in_the_other(
    regions: tuple[Cloud, Any, Any],
) -> None:
    _, here, there = regions
    key_id = replicated(regions, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    signature = here.sign(KeyId=key_id, **SIGNING)["Signature"]
    assert there.verify(KeyId=key_id, Signature=signature, **SIGNING)["SignatureValid"]
    halves = [kms.get_public_key(KeyId=key_id)["PublicKey"] for kms in (here, there)]
    assert halves[0] == halves[1]


def test_a_mac_of_one_region_is_verified_in_the_other(regions: tuple[Cloud, Any, Any]) -> None:
    _, here, there = regions
    key_id = replicated(regions, KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")
    mac = there.generate_mac(KeyId=key_id, **MAC)["Mac"]
    assert here.verify_mac(KeyId=key_id, Mac=mac, **MAC)["MacValid"]
