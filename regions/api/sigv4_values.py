"""What a signature claims, what a secret is, and what was found to be true.

What does not belong here: how a claim is read (coral_claim.py, s3_claim.py) and how it is checked
(sigv4.py).
Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests".
"""

from dataclasses import dataclass, field
from typing import Final

from sim.quick import hastened

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TERMINATOR: Final = "aws4_request"
#: How far the time of a signature may be from ours. Observed at S3
#: (MaxAllowedSkewMilliseconds); other services allow 5 or 15 minutes.
SKEW_S: Final = 15 * 60

UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
STREAMING_UNSIGNED_TRAILER: Final = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING_SIGNED: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_SIGNED_TRAILER: Final = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
#: The values of x-amz-content-sha256 whose body is ``aws-chunked``.
STREAMING: Final = frozenset(
    {STREAMING_UNSIGNED_TRAILER, STREAMING_SIGNED, STREAMING_SIGNED_TRAILER}
)


@dataclass(frozen=True, slots=True)
class Secret:
    """What the holder of one access key knows."""

    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)  #: "" for a long-term key
    expires_s: int | None = None  #: seconds since 1970 at which a session is over


@hastened
@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its own signature; nothing of it is true yet."""

    access_key_id: str
    date: str  #: of the credential scope, such as ``20130524``
    region: str
    service: str
    signed_headers: str  #: names joined by ``;``, as written
    signature: str
    timestamp: str  #: such as ``20130524T000000Z``
    presigned: bool
    session_token: str = field(repr=False)

    @property
    def scope(self) -> str:
        """The credential scope as it is signed."""
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


@dataclass(frozen=True, slots=True)
class ChunkSeal:
    """What the signatures of a chunked body are made with, and how to name them when wrong."""

    signing_key: bytes = field(repr=False)  #: 32 bytes
    seed_signature: str  #: of the request itself; the first chunk's signature covers it
    timestamp: str
    scope: str
    access_key_id: str
    canonical_request: bytes = field(repr=False)


@hastened
@dataclass(frozen=True, slots=True)
class Verified:
    """A request whose signature is right."""

    access_key_id: str
    presigned: bool
    signed_headers: tuple[str, ...]
    #: s3: value of x-amz-content-sha256, UNSIGNED-PAYLOAD if a presigned URL has none; else the
    #: SHA-256 of the body that was received, 64 hexadecimal digits.
    payload: str
    seal: ChunkSeal | None = None  #: of a chunked body that is signed chunk by chunk
