"""GetObject: an object, a part of it, or nothing if the caller has it already.

Source: Amazon S3 API Reference, GetObject.
"""

from regions.s3 import digests
from regions.s3.errors import InvalidObjectState
from regions.s3.lifecycle import class_of
from regions.s3.objects import shown, to_read
from regions.s3.operation import Body, Desk, Operation, Read, Steps, Values
from regions.s3.preconditions import check_read
from regions.s3.ranges import chosen_bytes
from regions.s3.storage_classes import ARCHIVED

#: Members that replace a header in the answer to whoever is known.
_REPLACED = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"),
    "Expires",
)


def _perform(desk: Desk, parameters: Values) -> Steps:
    bucket, version = to_read(desk, parameters)
    check_read(version, parameters)
    if class_of(version) in ARCHIVED:
        raise InvalidObjectState(members=(("StorageClass", class_of(version)),))
    chosen = chosen_bytes(version, parameters)
    body: Body = {**shown(bucket, version), **chosen.body}
    if parameters.get("ChecksumMode") == "ENABLED" and chosen.whole:
        body |= digests.shown(version.digest)
    for member in _REPLACED:
        if parameters.get(f"Response{member}") is not None:
            body[member] = parameters[f"Response{member}"]
    if chosen.length:
        body["Body"] = yield Read(version.pieces, version.sealing, chosen.first, chosen.last)
    else:
        body["Body"] = b""
    return body


OPERATION = Operation(name="GetObject", perform=_perform, read_only=True)
