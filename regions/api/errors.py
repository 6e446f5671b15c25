"""Errors of the wire itself: what a request gets that cannot be read, or that fits no action.

They are raised where a request is read or checked against its shape, so some come from a service.
What does not belong here: errors that a service answers with (regions/errors.py and the services'
own), or how an error is written (protocols/).
Source: Amazon S3 API Reference, "Error responses"; IAM and STS API References, "Common errors";
CloudWatch Logs API Reference, InvalidParameterException.
"""

from typing import Any, ClassVar, Final

from regions.errors import ServiceError

FORBIDDEN_STATUS = 403
NOT_ALLOWED_STATUS = 405
NOT_IMPLEMENTED_STATUS = 501


class ValidationError(ServiceError):
    """The request does not fit the action's shape, in the words of query services."""


class InvalidParameterException(ServiceError):
    """The request does not fit the action's shape, in the words of CloudWatch Logs."""


class InvalidAction(ServiceError):
    """The query service has no such action in this version."""


class MissingAction(ServiceError):
    """A query request names no action."""


class NoSuchApiVersion(ServiceError):
    """The query service has no such version."""

    code: ClassVar[str] = "NoSuchVersion"


class MalformedQueryString(ServiceError):
    """A query string or a form cannot be read."""


class MalformedXML(ServiceError):
    """An XML body is not well-formed, or not what the schema says."""


class MissingRequestBodyError(ServiceError):
    """An S3 action that needs a body got none."""


class InvalidArgument(ServiceError):
    """A header, path or query value of S3 is not acceptable."""


class InvalidBucketName(ServiceError):
    """A bucket's name breaks a rule."""


class InvalidLocationConstraint(ServiceError):
    """There is no such region to put a bucket in."""


class InvalidStorageClass(ServiceError):
    """S3 has no such storage class."""


class InvalidURI(ServiceError):
    """An S3 path or query string is not UTF-8 in percent-encoding."""


class KeyTooLongError(ServiceError):
    """An object's key has more than 1,024 bytes."""


class MalformedPolicy(ServiceError):
    """A bucket policy is no text."""


class MethodNotAllowed(ServiceError):
    """S3 knows no such method on this resource."""

    status: ClassVar[int] = NOT_ALLOWED_STATUS


class ActionNotImplemented(ServiceError):
    """S3 does this, but not here: not modelled."""

    code: ClassVar[str] = "NotImplemented"
    status: ClassVar[int] = NOT_IMPLEMENTED_STATUS


#: Wire ids 560–599. Ids are never reused.
API_ERROR_FRAMES: Final[dict[int, type[Any]]] = {
    560: ValidationError,
    561: InvalidParameterException,
    562: InvalidAction,
    563: MissingAction,
    564: NoSuchApiVersion,
    565: MalformedQueryString,
    566: MalformedXML,
    567: MissingRequestBodyError,
    568: InvalidArgument,
    569: InvalidBucketName,
    570: InvalidLocationConstraint,
    571: InvalidStorageClass,
    572: InvalidURI,
    573: KeyTooLongError,
    574: MalformedPolicy,
    575: MethodNotAllowed,
    576: ActionNotImplemented,
}
