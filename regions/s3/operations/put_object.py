"""PutObject: a key gets a new object, or a new version, as a whole.

Source: Amazon S3 API Reference, PutObject.
"""

from regions.s3 import digests
from regions.s3.changes import Version
from regions.s3.objects import etag_of, kept, new_version_id, put
from regions.s3.operation import Desk, Operation, Steps, Values, Write
from regions.s3.preconditions import check_write


def _perform(desk: Desk, parameters: Values) -> Steps:
    key, body = parameters["Key"], parameters.get("Body") or b""
    bucket = desk.allowed("PutObject", key)
    check_write(bucket.current(key), parameters)
    headers, metadata = kept(parameters)
    sealing = desk.sealing(bucket)
    written = yield Write(body, sealing)
    # Others have had their turn meanwhile.
    bucket = desk.bucket()
    check_write(bucket.current(key), parameters)
    version = Version(
        key=key,
        version_id=new_version_id(bucket, desk.version_id),
        stored_ns=desk.now_ns,
        size=len(body),
        etag=etag_of(written, sealing),
        pieces=written.pieces,
        sealing=sealing,
        digest=digests.given(parameters),
        headers=headers,
        metadata=metadata,
    )
    return {**put(desk, bucket, version), **digests.shown(version.digest)}


OPERATION = Operation(name="PutObject", perform=_perform)
