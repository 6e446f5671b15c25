"""CompleteMultipartUpload: the parts that the caller lists become one object.

No byte is copied: the object is made of the files of its parts. A repeated call finds no upload;
that real S3 remembers the answer for a while is not modelled.
Source: Amazon S3 API Reference, CompleteMultipartUpload.
"""

from regions.s3 import digests
from regions.s3.changes import Digest, UploadGone, Version
from regions.s3.errors import BadDigest, InvalidRequest
from regions.s3.objects import new_version_id, put
from regions.s3.operation import Body, Desk, Operation, Values
from regions.s3.parts import chosen_parts, digest_of, etag_of
from regions.s3.place import location_of
from regions.s3.preconditions import check_write


def _agree(given: Digest, digest: Digest) -> bool:
    """Say whether a caller's checksum is the object's; the number of parts may be left out."""
    same = given.value.partition("-")[0] == digest.value.partition("-")[0]
    return same or given.algorithm != digest.algorithm


def _perform(desk: Desk, parameters: Values) -> Body:
    key = parameters["Key"]
    bucket = desk.allowed("PutObject", key)
    state = desk.upload(bucket)
    upload = state.upload
    check_write(bucket.current(key), parameters)
    parts = chosen_parts(state, (parameters.get("MultipartUpload") or {}).get("Parts") or ())
    size = sum(part.size for part in parts)
    if parameters.get("MpuObjectSize") not in {None, size}:
        raise InvalidRequest(
            "The provided 'x-amz-mp-object-size' header does not match the size of the parts"
        )
    digest = digest_of(upload, parts)
    given = digests.given(parameters)
    if given is not None and digest is not None and not _agree(given, digest):
        raise BadDigest(
            f"The {given.algorithm.lower()} you specified did not match the calculated checksum."
        )
    version = Version(
        key=key,
        version_id=new_version_id(bucket, desk.version_id),
        stored_ns=desk.now_ns,
        size=size,
        etag=etag_of(parts),
        pieces=tuple(piece for part in parts for piece in part.pieces),
        part_sizes=tuple(part.size for part in parts),
        sealing=upload.sealing,
        digest=digest,
        headers=upload.headers,
        metadata=upload.metadata,
    )
    body = put(desk, bucket, version)
    desk.change(UploadGone(bucket=bucket.name, upload_id=upload.upload_id))
    about = {
        "Location": location_of(desk.region, bucket.name, key),
        "Bucket": bucket.name,
        "Key": key,
    }
    return {**about, **body, **digests.shown(digest)}


OPERATION = Operation(name="CompleteMultipartUpload", perform=_perform)
