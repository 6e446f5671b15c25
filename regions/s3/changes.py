"""What changes in an object store, as its journal keeps it; bodies lie in files of their own.

What does not belong here: what a change does to the state (state.py), and bodies (bodies.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.service.state import state_codec
from sim.wire import Message

#: Version id of what is put while a bucket keeps no versions. Source: User Guide, "Versioning".
NULL: Final = "null"

#: Names of a bucket's settings.
POLICY, VERSIONING, LIFECYCLE, ENCRYPTION = "policy", "versioning", "lifecycle", "encryption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(Message):
    """Bytes of an object in one file."""

    file: int  #: its number
    size: int  #: bytes in the clear, 1 or more
    salt: bytes  #: 16 bytes, from which with the master key the file's key follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing(Message):
    """How an object is encrypted at rest."""

    algorithm: str = "AES256"  #: or ``aws:kms``
    key_arn: str = ""  #: of the KMS key
    blob: bytes = b""  #: the data key, sealed by KMS
    context: str = ""  #: its encryption context, JSON
    bucket_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest(Message):
    """A checksum of an object or a part."""

    algorithm: str  #: such as ``CRC32``
    value: str  #: base64; ``-N`` behind it of N parts' checksums taken together
    kind: str  #: FULL_OBJECT or COMPOSITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Message):
    """One version of an object, or a delete marker."""

    key: str
    version_id: str
    stored_ns: int  #: calendar time
    marker: bool = False
    size: int = 0
    etag: str = ""  #: without quotes
    pieces: tuple[Piece, ...] = ()
    part_sizes: tuple[int, ...] = ()  #: of a multipart upload
    sealing: Sealing = field(default_factory=Sealing)
    digest: Digest | None = None
    headers: dict[str, Any] = field(default_factory=dict)  #: members that GetObject gives back
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload(Message):
    """A multipart upload that is under way."""

    upload_id: str
    key: str
    begun_ns: int  #: calendar time
    initiator: str  #: ARN
    sealing: Sealing
    algorithm: str = ""  #: of the checksums of its parts
    kind: str = ""  #: FULL_OBJECT or COMPOSITE
    headers: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Message):
    """One part of an upload."""

    number: int  #: 1–10,000
    etag: str
    size: int
    pieces: tuple[Piece, ...]
    stored_ns: int
    digest: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketMade(Message):
    """A bucket has come into being."""

    bucket: str
    owner: str  #: account
    created_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketGone(Message):
    """An empty bucket was deleted; its uploads go with it."""

    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSet(Message):
    """A setting of a bucket has another value, or none."""

    bucket: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPut(Message):
    """A version is the newest of its key; one with the id ``null`` replaces the other such one."""

    bucket: str
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionGone(Message):
    """A version was removed for good."""

    bucket: str
    key: str
    version_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionMoved(Message):
    """A version has another storage class."""

    bucket: str
    key: str
    version_id: str
    storage_class: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadBegun(Message):
    """A multipart upload has begun."""

    bucket: str
    upload: Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPut(Message):
    """A part has arrived; it replaces one of the same number."""

    bucket: str
    upload_id: str
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadGone(Message):
    """A multipart upload was completed or aborted."""

    bucket: str
    upload_id: str


_FRAMES: Final[dict[int, type[Any]]] = {
    1: Piece,
    2: Sealing,
    3: Digest,
    4: Version,
    5: Upload,
    6: Part,
    10: BucketMade,
    11: BucketGone,
    12: BucketSet,
    13: VersionPut,
    14: VersionGone,
    15: UploadBegun,
    16: PartPut,
    17: UploadGone,
    18: VersionMoved,
}
CODEC: Final = state_codec(_FRAMES)
