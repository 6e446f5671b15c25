"""The contract of one S3 action: what it may look at, what it changes, what it has done for it.

An action is a function of a desk and of the request's parameters. One that reads or writes
bodies is a generator: it yields a Read or a Write and is given the bytes or the pieces. Between
these the state may change, so it looks at the bucket again. A data key that is not there yet is
asked for by raising NeedsKey; the call then comes again with the key.
What does not belong here: any one action (operations/), disks (store.py), KMS (endpoint.py).
Source: the house's loop of services, with bodies.
"""

import base64
import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from regions.api.errors import ActionNotImplemented, InvalidArgument
from regions.calls import ApiCall
from regions.errors import AccessDeniedException
from regions.policy.evaluate import Access
from regions.s3.access import DENIED, access_of, authorize, bucket_arn, compile_policy, is_allowed
from regions.s3.changes import ENCRYPTION, POLICY, Piece, Sealing, Upload
from regions.s3.errors import NoSuchBucket, NoSuchUpload
from regions.s3.messages import DataKey, KeyWanted, Source
from regions.s3.state import BucketState, StoreState, UploadState
from sim.units import NS_PER_SECOND
from sim.wire import Message

Values = Mapping[str, Any]
Body = dict[str, Any]

#: Bytes of the randomness in a version id and in an upload id; chosen: 32 and 128 characters.
_VERSION_BYTES: Final = 24
_UPLOAD_BYTES: Final = 96

KMS: Final = "aws:kms"
#: The key that S3 uses where a bucket or a request names none.
MANAGED_KEY: Final = "alias/aws/s3"


class NeedsKey(Exception):
    """The call cannot go on without a data key."""

    def __init__(self, wanted: KeyWanted) -> None:
        super().__init__(wanted)
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Write:
    """Keep a body, durably; answered by a Written."""

    body: bytes
    sealing: Sealing


@dataclass(frozen=True, slots=True)
class Written:
    """A body is on disk; it goes again unless the action's changes use it."""

    pieces: tuple[Piece, ...]
    md5: bytes  #: of the body


@dataclass(frozen=True, slots=True)
class Read:
    """Fetch bytes ``first`` to ``last`` of pieces that follow each other; answered by bytes."""

    pieces: tuple[Piece, ...]
    sealing: Sealing
    first: int
    last: int


Steps = Generator[Read | Write, Any, Body]


@dataclass(slots=True)
class Desk:
    """One call on its way through a store."""

    state: StoreState
    call: ApiCall
    now_ns: int  #: calendar time
    region: str
    draw: Callable[[int], bytes]  #: so many bytes that nobody can guess
    keys: tuple[DataKey, ...] = ()
    source: Source | None = None
    changed: list[Message] = field(default_factory=list)
    owner: str = ""  #: account of the bucket that was looked at

    def change(self, change: Message) -> None:
        """Take a change over now; it is durable before the caller is answered."""
        self.state.apply(change)
        self.changed.append(change)

    # What there is.

    def bucket(self, expected_owner: str | None = None) -> BucketState:
        """Return the bucket that the call names.

        Raises:
          NoSuchBucket: it is not here.
          AccessDeniedException: the caller expects another owner.
        """
        parameters = self.call.parameters
        found = self.state.buckets.get(parameters["Bucket"])
        if found is None:
            raise NoSuchBucket
        self.owner = found.owner
        expected = expected_owner or parameters.get("ExpectedBucketOwner")
        if expected is not None and expected != found.owner:
            raise AccessDeniedException(DENIED)
        return found

    def allowed(self, action: str, key: str = "") -> BucketState:
        """Return the call's bucket if the caller may do this to it, or to an object in it.

        Raises:
          NoSuchBucket, AccessDeniedException: as ``bucket()``, and if the caller may not.
        """
        bucket = self.bucket()
        authorize(self.access(bucket, action, key))
        return bucket

    def may(self, bucket: BucketState, action: str, key: str = "") -> bool:
        """Say whether the caller may do this."""
        return is_allowed(self.access(bucket, action, key))

    def access(self, bucket: BucketState, action: str, key: str = "") -> Access:
        """Return the question whether the caller may do this."""
        text = bucket.settings.get(POLICY)
        return access_of(
            self.call,
            self.now_ns,
            action=f"s3:{action}",
            resource=bucket_arn(self.region, bucket.name, key),
            owner=bucket.owner,
            policy=compile_policy(text, bucket.name) if text else None,
        )

    def upload(self, bucket: BucketState) -> UploadState:
        """Return the multipart upload that the call names.

        Raises:
          NoSuchUpload: there is none, or it is of another key.
        """
        found = bucket.uploads.get(self.call.parameters["UploadId"])
        if found is None or found.upload.key != self.call.parameters["Key"]:
            raise NoSuchUpload
        return found

    # What is drawn.

    def version_id(self) -> str:
        """Return a new version id."""
        return fresh_version_id(self.draw)

    def upload_id(self) -> str:
        """Return a new upload id, 128 characters."""
        return base64.urlsafe_b64encode(self.draw(_UPLOAD_BYTES)).decode().replace("-", ".")

    # How objects are encrypted.

    def sealing(self, bucket: BucketState) -> Sealing:
        """Return how the call's object will lie on disk.

        Raises:
          NeedsKey: KMS must give a data key first.
          InvalidArgument: the request contradicts itself.
          ActionNotImplemented: it wants what is not modelled.
        """
        given = self.call.parameters
        default = default_encryption(bucket)
        algorithm = given.get("ServerSideEncryption") or default["SSEAlgorithm"]
        key_id = given.get("SSEKMSKeyId")
        check_algorithm(algorithm)
        if key_id is not None and given.get("ServerSideEncryption") != KMS:
            raise InvalidArgument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                f"x-amz-server-side-encryption : {KMS}"
            )
        if algorithm != KMS:
            return Sealing(algorithm=algorithm)
        bucket_key = given.get("BucketKeyEnabled", default["BucketKeyEnabled"])
        asked = key_id or default["KMSMasterKeyID"] or MANAGED_KEY
        context = self._context(bucket, bucket_key=bucket_key)
        for key in self.keys:
            if (key.asked, key.context) == (asked, context):
                return sealing_of(key, bucket_key=bucket_key)
        raise NeedsKey(KeyWanted(asked=asked, context=context, blob=b""))

    def _context(self, bucket: BucketState, *, bucket_key: bool) -> str:
        key = "" if bucket_key else self.call.parameters["Key"]
        context = {"aws:s3:arn": bucket_arn(self.region, bucket.name, key)}
        text = self.call.parameters.get("SSEKMSEncryptionContext")
        if text is not None:
            context = {**read_context(text), **context}
        return json.dumps(context, sort_keys=True)

    def master(self, sealing: Sealing) -> bytes | None:
        """Return the data key of an object; None if it lies under the store's own key.

        Raises:
          NeedsKey: KMS must open it first.
        """
        if sealing.algorithm != KMS:
            return None
        for key in self.keys:
            if key.blob == sealing.blob:
                return key.plaintext
        raise NeedsKey(KeyWanted(asked="", context=sealing.context, blob=sealing.blob))


def sealing_of(key: DataKey, *, bucket_key: bool = False) -> Sealing:
    """Return how an object lies on disk that is encrypted under a data key."""
    return Sealing(
        algorithm=KMS,
        key_arn=key.key_arn,
        blob=key.blob,
        context=key.context,
        bucket_key=bucket_key,
    )


def fresh_version_id(draw: Callable[[int], bytes]) -> str:
    """Return a new version id, 32 characters."""
    return base64.urlsafe_b64encode(draw(_VERSION_BYTES)).decode().replace("-", ".")


def read_context(text: str) -> dict[str, str]:
    """Return the encryption context of a request: the base64 of a JSON map of texts.

    Raises:
      InvalidArgument: it is none.
    """
    try:
        found = json.loads(base64.b64decode(text, validate=True))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise InvalidArgument("The header 'x-amz-server-side-encryption-context' is invalid")
    return found


def check_algorithm(algorithm: str) -> None:
    """Refuse what objects cannot be encrypted with.

    Raises:
      ActionNotImplemented: it is not modelled.
      InvalidArgument: there is no such thing.
    """
    if algorithm == "aws:kms:dsse":
        raise ActionNotImplemented("Dual-layer encryption is not modelled.")
    if algorithm not in {"AES256", KMS}:
        raise InvalidArgument("The encryption method specified is not supported")


def default_encryption(bucket: BucketState) -> dict[str, Any]:
    """Return how a bucket encrypts objects of which nobody says how."""
    text = bucket.settings.get(ENCRYPTION)
    found: dict[str, Any] = json.loads(text) if text else {}
    return {
        "SSEAlgorithm": found.get("SSEAlgorithm", "AES256"),
        "KMSMasterKeyID": found.get("KMSMasterKeyID", ""),
        "BucketKeyEnabled": found.get("BucketKeyEnabled", False),
    }


def shown_sealing(sealing: Sealing) -> Body:
    """Return what an answer says of an object's encryption."""
    body: Body = {"ServerSideEncryption": sealing.algorithm}
    if sealing.algorithm == KMS:
        body["SSEKMSKeyId"] = sealing.key_arn
        if sealing.bucket_key:
            body["BucketKeyEnabled"] = True
    return body


def checksum_algorithm(upload: Upload) -> Body:
    """Return what an answer says of how the parts of an upload are summed."""
    if not upload.algorithm:
        return {}
    return {"ChecksumAlgorithm": upload.algorithm, "ChecksumType": upload.kind}


def seconds_of(calendar_ns: int) -> float:
    """Return a time as answers carry it: whole seconds since 1970, as S3 keeps no more."""
    return float(calendar_ns // NS_PER_SECOND)


Performs = Callable[[Desk, Values], Body | Steps]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One API action."""

    name: str
    perform: Performs
    read_only: bool = False
    #: As event history names it; "" of an object's action, which is a data event.
    event: str = ""
    #: It speaks of the buckets of all regions: answers of all stores are merged by this.
    merge: Callable[[list[Body], Values], Body] | None = None
    makes_bucket: bool = False  #: its bucket's name must be free in all regions
    copies: bool = False  #: from the object that its CopySource names
