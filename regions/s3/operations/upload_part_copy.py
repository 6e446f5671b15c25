"""UploadPartCopy: a part that is copied from an object, or from a range of one.

The endpoint has read the source by then, as a GetObject of the same caller.
Source: Amazon S3 API Reference, UploadPartCopy.
"""

from regions.s3 import digests
from regions.s3.copying import source_of
from regions.s3.operation import Body, Desk, Operation, Steps, Values, seconds_of
from regions.s3.parts import keep_part


def _perform(desk: Desk, parameters: Values) -> Steps:
    source = source_of(desk)
    bucket = desk.bucket()
    algorithm = desk.upload(bucket).upload.algorithm
    digest = digests.computed(algorithm, source.body) if algorithm else None
    part: Body = yield from keep_part(desk, parameters, source.body, digest)
    result = {
        "ETag": part.pop("ETag"),
        "LastModified": seconds_of(desk.now_ns),
        **digests.shown(digest),
    }
    result.pop("ChecksumType", None)
    part = {member: value for member, value in part.items() if member not in result}
    if source.answer.get("VersionId") is not None:
        part["CopySourceVersionId"] = source.answer["VersionId"]
    return {**part, "CopyPartResult": result}


OPERATION = Operation(name="UploadPartCopy", perform=_perform, copies=True)
