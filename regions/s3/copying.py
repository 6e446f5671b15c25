"""Copies: what is read of their source, and how.

The endpoint reads the source as a GetObject of the same caller, in whatever region it lies, and
then has the store of the copy perform the call with it.
What does not belong here: asking actors (endpoint.py), and what becomes of the copy (operations/).
Source: Amazon S3 API Reference, CopyObject and UploadPartCopy; texts as observed.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

from regions.api.checksums import ALGORITHMS
from regions.api.errors import ActionNotImplemented, InvalidArgument
from regions.calls import ApiAnswer, ApiCall
from regions.s3 import digests
from regions.s3.changes import Digest
from regions.s3.messages import Source
from regions.s3.operation import Desk
from sim.quick import changed

_NAMED: Final = re.compile(r"/?([^/]+)/(.+)", re.DOTALL)
_RANGE: Final = re.compile(r"bytes=(\d{1,18})-(\d{1,18})", re.ASCII)
_NO_SOURCE: Final = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
#: Member of a copy -> member of the GetObject of its source.
_CONDITIONS: Final[Mapping[str, str]] = {
    "CopySourceIfMatch": "IfMatch",
    "CopySourceIfModifiedSince": "IfModifiedSince",
    "CopySourceIfNoneMatch": "IfNoneMatch",
    "CopySourceIfUnmodifiedSince": "IfUnmodifiedSince",
    "ExpectedSourceBucketOwner": "ExpectedBucketOwner",
}


def _names(text: str) -> tuple[str, str, str]:
    """Return bucket, key and version id ("" for none) of a CopySource."""
    if text.startswith("arn:"):
        raise ActionNotImplemented("Access points are not modelled.")
    path, _, query = text.partition("?")
    found = _NAMED.fullmatch(unquote_plus(path))
    if found is None:
        raise InvalidArgument(_NO_SOURCE)
    version_id = query.removeprefix("versionId=") if query.startswith("versionId=") else ""
    return found[1], found[2], unquote_plus(version_id)


def source_call(call: ApiCall) -> ApiCall:
    """Return the GetObject that reads what a call copies.

    Raises:
      InvalidArgument: the call does not say so in a form that can be read.
      ActionNotImplemented: it names an access point.
    """
    parameters = call.parameters
    bucket, key, version_id = _names(parameters["CopySource"])
    wanted: dict[str, Any] = {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}
    if version_id:
        wanted["VersionId"] = version_id
    for member, name in _CONDITIONS.items():
        if parameters.get(member) is not None:
            wanted[name] = parameters[member]
    text = parameters.get("CopySourceRange")
    if text is not None:
        found = _RANGE.fullmatch(text)
        if found is None or int(found[1]) > int(found[2]):
            raise InvalidArgument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where "
                "first and last are the zero-based offsets of the first and last bytes to copy"
            )
        wanted["Range"] = text
    return changed(call, action="GetObject", parameters=wanted)


def read_source(call: ApiCall, reading: ApiCall, answer: ApiAnswer | Mapping[str, Any]) -> Source:
    """Return what a call copies, from the answer to its GetObject.

    Raises:
      InvalidArgument: the range that it names goes beyond the object.
    """
    body = dict(answer.body if isinstance(answer, ApiAnswer) else answer)
    content: bytes = body.pop("Body")
    found = _RANGE.fullmatch(reading.parameters.get("Range", ""))
    if found is not None and len(content) != int(found[2]) - int(found[1]) + 1:
        raise InvalidArgument(
            f"Range specified is not valid for source object of size: "
            f"{body.get('ContentRange', '').rpartition('/')[2]}"
        )
    same = all(reading.parameters[name] == call.parameters[name] for name in ("Bucket", "Key"))
    return Source(body=content, answer=body, same_bucket=same)


def source_of(desk: Desk) -> Source:
    """Return what the call copies; the endpoint has read it."""
    assert desk.source is not None, "a copy comes with its source"
    return desk.source


def source_digest(answer: Mapping[str, Any]) -> Digest | None:
    """Return the checksum that a source has."""
    for algorithm in ALGORITHMS:
        value = answer.get(digests.member_of(algorithm))
        if value is not None:
            kind = answer.get("ChecksumType", digests.FULL_OBJECT)
            return Digest(algorithm=algorithm, value=value, kind=kind)
    return None
