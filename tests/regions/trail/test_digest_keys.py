"""Which key pair signs a digest, and which are listed for a time."""

from itertools import pairwise

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.crypto.aead import Unauthentic
from regions.trail.digest_keys import (
    MARGIN_NS,
    VALID_NS,
    DigestKey,
    DigestKeys,
    Safe,
    make_secret,
)
from sim.units import NS_PER_SECOND, days, hours

NOW_NS = 1_767_225_600 * 10**9 + 5
MASTER = bytes(range(32))


@pytest.fixture(scope="module")
def secret() -> bytes:
    return make_secret(b"s" * 48)


def keys_of(secret: bytes, *ends_ns: int) -> DigestKeys:
    keys = DigestKeys()
    for number, end_ns in enumerate(ends_ns):
        keys.add(Safe("us-east-1", MASTER).seal(secret, end_ns, bytes([number]) * 12))
    return keys


def test_a_pair_is_valid_for_thirty_days_around_its_digests(secret: bytes) -> None:
    (key,) = keys_of(secret, NOW_NS)
    second_ns = NOW_NS // NS_PER_SECOND * NS_PER_SECOND
    assert (key.start_ns, key.end_ns) == (second_ns - hours(12), second_ns + days(29.5))
    assert (days(30), hours(12)) == (VALID_NS, MARGIN_NS)


def test_a_signature_opens_under_the_public_half_alone(secret: bytes) -> None:
    (key,) = keys_of(secret, NOW_NS)
    signature = Safe("us-east-1", MASTER).sign(key, b"what is signed")
    modulus = int.from_bytes(key.public[9 : 9 + 256], "big")
    assert (len(key.public), modulus.bit_length()) == (270, 2048)
    known = rsa.RSAPublicNumbers(65537, modulus).public_key()
    known.verify(signature, b"what is signed", padding.PKCS1v15(), hashes.SHA256())


def test_a_private_half_opens_under_its_own_device_and_in_its_own_region_alone(
    secret: bytes,
) -> None:
    (key,) = keys_of(secret, NOW_NS)
    half = len(secret) // 2
    assert secret[:half] not in key.sealed
    assert secret[half:] not in key.sealed
    for safe in (Safe("us-east-1", bytes(32)), Safe("eu-west-1", MASTER)):
        with pytest.raises(Unauthentic):
            safe.sign(key, b"what is signed")


def test_equal_seeds_give_equal_keys_and_other_seeds_others(secret: bytes) -> None:
    assert make_secret(b"s" * 48) == secret
    assert make_secret(b"t" * 48) != secret


@settings(max_examples=50, deadline=None)
@given(steps=st.lists(st.integers(0, int(days(3))), min_size=1, max_size=60))
def test_every_digest_is_signed_by_a_key_that_is_valid_at_its_end_and_keys_overlap(
    steps: list[int],
) -> None:
    made, keys, end_ns = [], DigestKeys(), NOW_NS
    for step in steps:
        end_ns += step
        signer = keys.signer(end_ns)
        if signer is None:
            start_ns = end_ns - MARGIN_NS
            signer = DigestKey(
                start_ns=start_ns, end_ns=start_ns + VALID_NS, public=b"%d" % end_ns, sealed=b""
            )
            keys.add(signer)
            made.append(signer)
        assert signer.start_ns <= end_ns < signer.end_ns
        assert signer in keys.valid(end_ns, end_ns)
    assert list(keys) == made
    for one, other in pairwise(made):
        assert other.start_ns >= one.start_ns + VALID_NS - 2 * MARGIN_NS


def test_the_keys_of_a_time_are_those_that_were_valid_then(secret: bytes) -> None:
    keys = keys_of(secret, NOW_NS, NOW_NS + days(29), NOW_NS + days(58))
    first, second, third = keys
    assert keys.valid(NOW_NS, NOW_NS) == [first]
    assert keys.valid(NOW_NS + days(29), NOW_NS + days(29)) == [first, second]
    assert keys.valid(NOW_NS, NOW_NS + days(60)) == [first, second, third]
    assert keys.valid(NOW_NS - days(2), NOW_NS - days(1)) == []
    assert keys.signer(NOW_NS + days(28)) == first
    assert keys.signer(NOW_NS + days(29)) == second
