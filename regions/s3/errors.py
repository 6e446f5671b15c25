"""What S3 refuses about buckets and objects: its own codes, statuses and standing texts.

What does not belong here: what is refused before a bucket or an object is looked at
(api/s3_edge_errors.py, api/errors.py).
Source: Amazon S3 API Reference, "List of error codes"; texts and headers as observed.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from regions.errors import AccessDeniedException, ServiceError, ThrottlingException

NOT_FOUND: Final = 404
CONFLICT: Final = 409

Pairs = tuple[tuple[str, str], ...]


class S3Error(ServiceError):
    """An S3 error.

    Args:
      message: "" for the class's standing text.
      request_id: of the request that failed.
      members: what its XML says beside Code and Message: (element, text), in order.
      headers: that its HTTP answer carries.
    """

    text: ClassVar[str] = ""

    def __init__(
        self, message: str = "", request_id: str = "", members: Pairs = (), headers: Pairs = ()
    ) -> None:
        super().__init__(message or self.text, request_id)
        self.args = (message or self.text, request_id, members, headers)

    @property
    def members(self) -> Pairs:
        """What its XML says beside Code and Message."""
        members: Pairs = self.args[2]
        return members

    @property
    def headers(self) -> Pairs:
        """What its HTTP answer carries."""
        headers: Pairs = self.args[3]
        return headers

    def answering(self, request_id: str) -> "S3Error":
        """Return the same error as the answer to one request."""
        return type(self)(self.message, request_id, self.members, self.headers)


class NoSuchBucket(S3Error):
    """There is no bucket of that name in any region."""

    status, text = NOT_FOUND, "The specified bucket does not exist"


class NoSuchKey(S3Error):
    """The bucket has no current object of that key."""

    status, text = NOT_FOUND, "The specified key does not exist."


class NoSuchVersion(S3Error):
    """The key has no such version."""

    status, text = NOT_FOUND, "The specified version does not exist."


class BucketAlreadyOwnedByYou(S3Error):
    """The caller has that bucket already."""

    status = CONFLICT
    text = "Your previous request to create the named bucket succeeded and you already own it."


class BucketAlreadyExists(S3Error):
    """Somebody else has a bucket of that name."""

    status = CONFLICT
    text = (
        "The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again."
    )


class BucketNotEmpty(S3Error):
    """A bucket that holds objects is not deleted."""

    status, text = CONFLICT, "The bucket you tried to delete is not empty"


class NoSuchBucketPolicy(S3Error):
    """The bucket has no policy."""

    status, text = NOT_FOUND, "The bucket policy does not exist"


class NoSuchLifecycleConfiguration(S3Error):
    """The bucket has no lifecycle rules."""

    status, text = NOT_FOUND, "The lifecycle configuration does not exist"


class NoSuchUpload(S3Error):
    """There is no such multipart upload."""

    status = NOT_FOUND
    text = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
        "been aborted or completed."
    )


class InvalidPart(S3Error):
    """An upload is completed with a part that was not uploaded so."""

    text = (
        "One or more of the specified parts could not be found.  The part may not have been "
        "uploaded, or the specified entity tag may not match the part's entity tag."
    )


class InvalidPartOrder(S3Error):
    """An upload is completed with parts that do not ascend."""

    text = "The list of parts was not in ascending order. Parts must be ordered by part number."


class InvalidPartNumber(S3Error):
    """An object does not have that many parts."""

    status, text = 416, "The requested partnumber is not satisfiable"


class EntityTooSmall(S3Error):
    """A part that is not the last is too small."""

    text = "Your proposed upload is smaller than the minimum allowed size"


class EntityTooLarge(S3Error):
    """A body is larger than one request may carry."""

    text = "Your proposed upload exceeds the maximum allowed size"


class InvalidRange(S3Error):
    """A range lies outside of the object."""

    status, text = 416, "The requested range is not satisfiable"


class PreconditionFailed(S3Error):
    """A condition of the request does not hold."""

    status, text = 412, "At least one of the pre-conditions you specified did not hold"


class NotModified(S3Error):
    """The caller has this object already."""

    status, text = 304, "Not Modified"


class MarkerNotAllowed(S3Error):
    """A delete marker is no object that could be read."""

    code: ClassVar[str] = "MethodNotAllowed"
    status, text = 405, "The specified method is not allowed against this resource."


class PermanentRedirect(S3Error):
    """The bucket is in another region; header x-amz-bucket-region says in which."""

    status = 301
    text = (
        "The bucket you are attempting to access must be addressed using the specified endpoint. "
        "Please send all future requests to this endpoint."
    )


class IllegalLocationConstraintException(S3Error):
    """A regional endpoint makes buckets of its own region only, and wants to be told so."""


class AccessControlListNotSupported(S3Error):
    """Buckets are owner-enforced: lists of grants mean nothing to them."""

    text = "The bucket does not allow ACLs"


class InvalidRequest(S3Error):
    """Parameters contradict each other, or the state of what they name."""


class IllegalVersioningConfigurationException(S3Error):
    """A versioning configuration says nothing."""

    text = "The Versioning element must be specified"


class InvalidObjectState(S3Error):
    """The object lies in an archive, from which nothing is read at once."""

    status = 403
    text = "The operation is not valid for the object's storage class"


class KmsNotFound(S3Error):
    """The key that should encrypt an object does not exist."""

    code: ClassVar[str] = "KMS.NotFoundException"


class KmsDisabled(S3Error):
    """The key of an object is disabled."""

    code: ClassVar[str] = "KMS.DisabledException"


class KmsInvalidState(S3Error):
    """The state of an object's key forbids its use."""

    code: ClassVar[str] = "KMS.KMSInvalidStateException"


class StoreFailure(S3Error):
    """The store failed; whether anything happened is open."""

    code: ClassVar[str] = "InternalError"
    status, definite = 500, False
    text = "We encountered an internal error. Please try again."


class BadDigest(S3Error):
    """A completed object has another checksum than its caller says."""


#: What KMS refuses -> what S3 says then. Source: as observed; others are failures.
_KMS_REFUSALS: Final[Mapping[str, type[ServiceError]]] = {
    "AccessDeniedException": AccessDeniedException,
    "DisabledException": KmsDisabled,
    "InvalidArnException": KmsNotFound,
    "InvalidKeyUsageException": KmsInvalidState,
    "KMSInvalidStateException": KmsInvalidState,
    "NotFoundException": KmsNotFound,
    "ThrottlingException": ThrottlingException,
}


def of_kms(error: ServiceError) -> ServiceError:
    """Return what S3 says when KMS refuses a data key."""
    known = _KMS_REFUSALS.get(error.code)
    return StoreFailure() if known is None else known(error.message)


#: Wire ids 420–449. Ids are never reused.
S3_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    420: NoSuchBucket,
    421: NoSuchKey,
    422: NoSuchVersion,
    423: BucketAlreadyOwnedByYou,
    424: BucketAlreadyExists,
    425: BucketNotEmpty,
    426: NoSuchBucketPolicy,
    427: NoSuchLifecycleConfiguration,
    428: NoSuchUpload,
    429: InvalidPart,
    430: InvalidPartOrder,
    431: InvalidPartNumber,
    432: EntityTooSmall,
    433: EntityTooLarge,
    434: InvalidRange,
    435: PreconditionFailed,
    436: NotModified,
    437: MarkerNotAllowed,
    438: PermanentRedirect,
    439: IllegalLocationConstraintException,
    440: AccessControlListNotSupported,
    441: InvalidRequest,
    442: IllegalVersioningConfigurationException,
    443: KmsNotFound,
    444: KmsDisabled,
    445: KmsInvalidState,
    446: StoreFailure,
    447: BadDigest,
    392: InvalidObjectState,
}
