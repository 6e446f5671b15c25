"""The digest file of one hour of a trail in one region: what it says, where it lies, its signature.

A digest names the log files that were delivered in its hour, with their hashes, and the digest
before it, with that one's hash and signature. So whoever changes, moves or removes a file that any
later digest vouches for is found out.

=============================  ==================================================================
what                           how
=============================  ==================================================================
file                           JSON, members in the service's order, gzipped where it leaves the
                               simulation
hash                           SHA-256 of the uncompressed bytes, hexadecimal
signature                      RSASSA-PKCS1-v1_5 with SHA-256 over ``string_to_sign``, hexadecimal,
                               in the object's metadata (``METADATA``)
fingerprint of a public key    MD5 of its PKCS #1 DER, hexadecimal
=============================  ==================================================================

What does not belong here: when a digest is due (digests.py), and who keeps keys (digest_keys.py).
Source: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of
CloudTrail log file integrity validation"; the string to sign of a starting digest as in the AWS
CLI's ``cloudtrail validate-logs``; the fingerprint as in its example of ``list-public-keys``.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from regions.trail.record import timestamp
from sim.units import NS_PER_SECOND
from sim.wire import Message

SIGNATURE_ALGORITHM: Final = "SHA256withRSA"
HASH_ALGORITHM: Final = "SHA-256"
#: User metadata of a digest's object; S3 puts ``x-amz-meta-`` before the names.
SIGNATURE: Final = "signature"
ALGORITHM: Final = "signature-algorithm"
#: What stands for the signature before the first digest of a chain in what is signed.
_NONE_BEFORE: Final = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile(Message):
    """A log file that was delivered and stands in no digest yet."""

    bucket: str
    key: str
    sha256: bytes  #: 32 bytes, of the uncompressed file
    oldest_ns: int  #: calendar time of its oldest event
    newest_ns: int
    delivered_ns: int  #: calendar time at which its bucket had confirmed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Message):
    """What a digest says of the one before it."""

    bucket: str
    key: str
    sha256: bytes  #: 32 bytes, of the uncompressed file
    signature: bytes  #: 256 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that a digest file says."""

    account: str
    bucket: str
    key: str
    start_ns: int  #: calendar time, whole seconds; files delivered from here on
    end_ns: int  #: to here, exclusively
    fingerprint: str
    previous: Link | None  #: None in the first one of a chain, the starting digest
    files: tuple[LogFile, ...]


def digest_key(
    *, prefix: str, account: str, region: str, trail: str, home: str, end_ns: int
) -> str:
    """Return the key of a digest file.

    Args:
      prefix: of the trail's files; may be empty.
      region: whose log files it names.
      trail: name of the trail.
      home: the trail's home region.
      end_ns: calendar time at which the digest's hour ends.
    """
    end = datetime.fromtimestamp(end_ns // NS_PER_SECOND, UTC)
    folder = f"AWSLogs/{account}/CloudTrail-Digest/{region}/{end:%Y/%m/%d}"
    name = f"{account}_CloudTrail-Digest_{region}_{trail}_{home}_{end:%Y%m%dT%H%M%SZ}.json.gz"
    return f"{prefix}/{folder}/{name}" if prefix else f"{folder}/{name}"


def _at(time_ns: int) -> str:
    return timestamp(time_ns // NS_PER_SECOND)


def digest_body(digest: Digest) -> bytes:
    """Return the uncompressed content of a digest file; equal digests have equal bytes."""
    files, link = digest.files, digest.previous
    content: dict[str, Any] = {
        "awsAccountId": digest.account,
        "digestStartTime": _at(digest.start_ns),
        "digestEndTime": _at(digest.end_ns),
        "digestS3Bucket": digest.bucket,
        "digestS3Object": digest.key,
        "digestPublicKeyFingerprint": digest.fingerprint,
        "digestSignatureAlgorithm": SIGNATURE_ALGORITHM,
        "newestEventTime": _at(max(f.newest_ns for f in files)) if files else None,
        "oldestEventTime": _at(min(f.oldest_ns for f in files)) if files else None,
        "previousDigestS3Bucket": link.bucket if link else None,
        "previousDigestS3Object": link.key if link else None,
        "previousDigestHashValue": link.sha256.hex() if link else None,
        "previousDigestHashAlgorithm": HASH_ALGORITHM if link else None,
        "previousDigestSignature": link.signature.hex() if link else None,
        "logFiles": [
            {
                "s3Bucket": each.bucket,
                "s3Object": each.key,
                "hashValue": each.sha256.hex(),
                "hashAlgorithm": HASH_ALGORITHM,
                "newestEventTime": _at(each.newest_ns),
                "oldestEventTime": _at(each.oldest_ns),
            }
            for each in files
        ],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def string_to_sign(digest: Digest, body: bytes) -> bytes:
    """Return what the signature of a digest is made over.

    Args:
      body: the uncompressed file.
    """
    link = digest.previous
    before = link.signature.hex() if link else _NONE_BEFORE
    place = f"{digest.bucket}/{digest.key}"
    return f"{_at(digest.end_ns)}\n{place}\n{hashlib.sha256(body).hexdigest()}\n{before}".encode()


def metadata(signature: bytes) -> dict[str, str]:
    """Return the user metadata of a digest's object."""
    return {SIGNATURE: signature.hex(), ALGORITHM: SIGNATURE_ALGORITHM}


def fingerprint(public: bytes) -> str:
    """Return 32 hexadecimal digits that name a public key.

    Args:
      public: PKCS #1 in DER.
    """
    return hashlib.md5(public, usedforsecurity=False).hexdigest()
