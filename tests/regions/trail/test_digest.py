"""What a digest file says, where it lies, and what is signed of it."""

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.trail.digest import (
    Digest,
    Link,
    LogFile,
    digest_body,
    digest_key,
    fingerprint,
    metadata,
    string_to_sign,
)
from sim.units import hours, seconds

START_NS = 1_439_820_091 * 10**9  # 2015-08-17T14:01:31Z, the User Guide's example
ACCOUNT = "111122223333"
LOG = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-2/2015/08/17/{ACCOUNT}_CloudTrail_us-east-2_20150817T1445Z_9nYN7gp2eWAJHIfT.json.gz"

#: The public key and fingerprint of the AWS CLI's example of ``list-public-keys``.
PUBLISHED = (
    "MIIBCgKCAQEAlSS3cl92HDycr/MTj0moOhas8habjrraXw+KzlWF0axSI2tcF+3iJ9BKQAVSKxGwxwu3m0wG3J+kUl1x"
    "boEcEPHYoIYMbgfSw7KGnuDKwkLzsQWhUJ0cIbOHASox1vv/5fNXkrHhGbDCHeVXm804c83nvHUEFYThr1PfyP/8HwrC"
    "tR3FX5OANtQCP61C1nJtSSkC8JSQUOrIP4CuwJjc+4WGDk+BGH5m9iuiAKkipEHWmUl8/P7XpfpWQuk4h8g3pXZOrNXr"
    "08lbh4d39svj7UqdhvOXoBISp9t/EXYuePGEtBdrKD9Dz+VHwyUPtBQvYr9BnkF88qBnaPNhS44rzwIDAQAB"
)


def key_of(end_ns: int, prefix: str = "") -> str:
    return digest_key(
        prefix=prefix,
        account=ACCOUNT,
        region="us-east-2",
        trail="your-trail-name",
        home="us-east-1",
        end_ns=end_ns,
    )


def digest_of(**fields: Any) -> Digest:
    end_ns = START_NS + hours(1)
    found: dict[str, Any] = {
        "account": ACCOUNT,
        "bucket": "S3-bucket-name",
        "key": key_of(end_ns),
        "start_ns": START_NS,
        "end_ns": end_ns,
        "fingerprint": "31e8b5433410dfb61a9dc45cc65b22ff",
        "previous": Link(
            bucket="S3-bucket-name", key=key_of(START_NS), sha256=b"\x97" * 32, signature=b"P" * 256
        ),
        "files": (
            LogFile(
                bucket="S3-bucket-name",
                key=LOG,
                sha256=b"\x9b" * 32,
                oldest_ns=START_NS + seconds(2456),
                newest_ns=START_NS + seconds(3056),
                delivered_ns=START_NS + seconds(3100),
            ),
        ),
    }
    return Digest(**found | fields)


def test_a_digest_has_the_members_of_the_user_guides_example_in_its_order() -> None:
    said = json.loads(
        digest_body(digest_of()), object_pairs_hook=lambda pairs: [list(pair) for pair in pairs]
    )
    assert said == [
        ["awsAccountId", ACCOUNT],
        ["digestStartTime", "2015-08-17T14:01:31Z"],
        ["digestEndTime", "2015-08-17T15:01:31Z"],
        ["digestS3Bucket", "S3-bucket-name"],
        [
            "digestS3Object",
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-1_20150817T150131Z.json.gz",
        ],
        ["digestPublicKeyFingerprint", "31e8b5433410dfb61a9dc45cc65b22ff"],
        ["digestSignatureAlgorithm", "SHA256withRSA"],
        ["newestEventTime", "2015-08-17T14:52:27Z"],
        ["oldestEventTime", "2015-08-17T14:42:27Z"],
        ["previousDigestS3Bucket", "S3-bucket-name"],
        [
            "previousDigestS3Object",
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-1_20150817T140131Z.json.gz",
        ],
        ["previousDigestHashValue", "97" * 32],
        ["previousDigestHashAlgorithm", "SHA-256"],
        ["previousDigestSignature", "50" * 256],
        [
            "logFiles",
            [
                [
                    ["s3Bucket", "S3-bucket-name"],
                    ["s3Object", LOG],
                    ["hashValue", "9b" * 32],
                    ["hashAlgorithm", "SHA-256"],
                    ["newestEventTime", "2015-08-17T14:52:27Z"],
                    ["oldestEventTime", "2015-08-17T14:42:27Z"],
                ]
            ],
        ],
    ]


def test_the_first_digest_of_a_chain_knows_none_before_it_and_an_empty_one_no_event() -> None:
    """CT-13: a starting digest; an hour without log files."""
    said = json.loads(digest_body(digest_of(previous=None, files=())))
    assert {member: value for member, value in said.items() if value in (None, [])} == {
        "newestEventTime": None,
        "oldestEventTime": None,
        "previousDigestS3Bucket": None,
        "previousDigestS3Object": None,
        "previousDigestHashValue": None,
        "previousDigestHashAlgorithm": None,
        "previousDigestSignature": None,
        "logFiles": [],
    }


def test_a_prefix_stands_before_the_key_and_the_date_is_that_of_the_end() -> None:
    midnight_ns = START_NS + hours(10)
    assert key_of(midnight_ns, "audit") == (
        f"audit/AWSLogs/{ACCOUNT}/CloudTrail-Digest/us-east-2/2015/08/18/{ACCOUNT}"
        "_CloudTrail-Digest_us-east-2_your-trail-name_us-east-1_20150818T000131Z.json.gz"
    )


def test_what_is_signed_names_end_place_hash_and_the_signature_before() -> None:
    digest = digest_of()
    body = digest_body(digest)
    lines = [
        "2015-08-17T15:01:31Z",
        f"S3-bucket-name/{digest.key}",
        hashlib.sha256(body).hexdigest(),
    ]
    assert string_to_sign(digest, body).decode().split("\n") == [*lines, "50" * 256]
    assert string_to_sign(digest_of(previous=None), body).decode().split("\n") == [*lines, "null"]


def test_the_signature_stands_in_the_objects_metadata() -> None:
    assert metadata(b"\x3b\xe4") == {"signature": "3be4", "signature-algorithm": "SHA256withRSA"}


def test_a_fingerprint_is_that_of_a_published_key() -> None:
    assert fingerprint(base64.b64decode(PUBLISHED)) == "7f3f401420072e50a65a141430817ab3"


@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 2**63), bit=st.integers(0, 7))
def test_any_bit_of_a_digest_changes_what_is_signed(place: int, bit: int) -> None:
    digest = digest_of()
    body = bytearray(digest_body(digest))
    before = string_to_sign(digest, bytes(body))
    body[place % len(body)] ^= 1 << bit
    assert string_to_sign(digest, bytes(body)) != before


def test_a_published_public_key_is_of_the_size_of_ours() -> None:
    der = base64.b64decode(PUBLISHED)
    modulus = int.from_bytes(der[9 : 9 + 256], "big")
    known = rsa.RSAPublicNumbers(65537, modulus).public_key()
    assert (known.key_size, len(der)) == (2048, 270)
    assert known.public_bytes(Encoding.DER, PublicFormat.PKCS1) == der
