"""What S3 answers when a request breaks its shape: its own errors, by the place of the member.

A bad body is MalformedXML, a bad header, path or query value InvalidArgument, and some members
have errors of their own. What does not belong here: rules that need a bucket or an object.
Source: Amazon S3 API Reference, "List of error codes"; User Guide, "Bucket naming rules" and
"Creating object key names"; service model s3/2006-03-01.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from regions.api.errors import (
    InvalidArgument,
    InvalidBucketName,
    InvalidLocationConstraint,
    InvalidStorageClass,
    KeyTooLongError,
    MalformedXML,
    MissingRequestBodyError,
)
from regions.api.models import Shape
from regions.errors import ServiceError

Check = Callable[[Any, str, list[str]], None]

#: Bytes of a key in UTF-8. Source: User Guide, "Creating object key names".
KEY_BYTES_MAX: Final = 1024
#: Source: User Guide, "Bucket naming rules"; all but the reserved prefixes and suffixes.
BUCKET_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]", re.ASCII)
IP_ADDRESS: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}", re.ASCII)

MALFORMED: Final = (
    "The XML you provided was not well-formed or did not validate against our published schema"
)
NO_BODY: Final = "Request Body is empty"
#: Member of a header or query string -> its own error and text.
_OWN: Final[Mapping[str, tuple[type[ServiceError], str]]] = {
    "EncodingType": (InvalidArgument, "Invalid Encoding Method specified in Request"),
    "ServerSideEncryption": (InvalidArgument, "The encryption method specified is not supported"),
    "StorageClass": (InvalidStorageClass, "The storage class you specified is not valid"),
}


def valid_bucket_name(name: str) -> bool:
    """Return whether a bucket may have this name: 3–63 characters, no IP address."""
    return BUCKET_NAME.fullmatch(name) is not None and IP_ADDRESS.fullmatch(name) is None


def _check_names(value: Mapping[str, Any]) -> None:
    bucket, key = value.get("Bucket"), value.get("Key")
    if isinstance(bucket, str) and not valid_bucket_name(bucket):
        raise InvalidBucketName("The specified bucket is not valid.")
    if isinstance(key, str) and len(key.encode("utf-8", "replace")) > KEY_BYTES_MAX:
        raise KeyTooLongError("Your key is too long")


def _refuse(member: str, reference: Shape, complaint: str) -> None:
    if "location" in reference:
        error, text = _OWN.get(member, (InvalidArgument, complaint))
        raise error(text)
    if "'createBucketConfiguration.locationConstraint'" in complaint:
        raise InvalidLocationConstraint("The specified location-constraint is not valid")
    raise MalformedXML(MALFORMED)


def s3_request_check(
    shapes: Mapping[str, Shape], name: str, check_of: Callable[[str], Check]
) -> Check:
    """Return the check of one S3 request; it raises S3's own error for the first thing wrong.

    Args:
      name: of the request's shape.
      check_of: returns the check of a shape by its name.
    """
    shape = shapes[name]
    members: Mapping[str, Shape] = shape.get("members", {})
    checks = {member: check_of(to["shape"]) for member, to in members.items()}
    required = shape.get("required", ())

    def check(value: Any, path: str, found: list[str]) -> None:  # noqa: ARG001 - raises instead
        _check_names(value)
        for member in required:
            if value.get(member) is None:
                if "location" not in members[member]:
                    raise MissingRequestBodyError(NO_BODY)
                where = members[member].get("locationName", member)
                raise InvalidArgument(f"{where} is required")
        for member, item in value.items():
            if item is not None and member in checks:
                complaints: list[str] = []
                checks[member](item, member[0].lower() + member[1:], complaints)
                if complaints:
                    _refuse(member, members[member], complaints[0])

    return check
