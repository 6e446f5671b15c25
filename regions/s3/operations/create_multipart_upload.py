"""CreateMultipartUpload: an object will come in parts; how it is kept is said now.

Source: Amazon S3 API Reference, CreateMultipartUpload.
"""

from regions.s3 import digests
from regions.s3.changes import Upload, UploadBegun
from regions.s3.errors import InvalidRequest
from regions.s3.objects import kept
from regions.s3.operation import (
    Body,
    Desk,
    Operation,
    Values,
    checksum_algorithm,
    shown_sealing,
)


def _kind(parameters: Values) -> str:
    algorithm, kind = parameters.get("ChecksumAlgorithm"), parameters.get("ChecksumType")
    if algorithm is None:
        if kind is not None:
            raise InvalidRequest(
                "The x-amz-checksum-type header can only be used with the "
                "x-amz-checksum-algorithm header."
            )
        return ""
    known = digests.kinds_of(algorithm)
    if kind is not None and kind not in known:
        raise InvalidRequest(
            f"The {kind} checksum type cannot be used with the {algorithm.lower()} checksum "
            "algorithm."
        )
    return kind or known[0]


def _perform(desk: Desk, parameters: Values) -> Body:
    key = parameters["Key"]
    bucket = desk.allowed("PutObject", key)
    headers, metadata = kept(parameters)
    upload = Upload(
        upload_id=desk.upload_id(),
        key=key,
        begun_ns=desk.now_ns,
        initiator=desk.call.principal.arn,
        sealing=desk.sealing(bucket),
        algorithm=parameters.get("ChecksumAlgorithm") or "",
        kind=_kind(parameters),
        headers=headers,
        metadata=metadata,
    )
    desk.change(UploadBegun(bucket=bucket.name, upload=upload))
    return {
        "Bucket": bucket.name,
        "Key": key,
        "UploadId": upload.upload_id,
        **shown_sealing(upload.sealing),
        **checksum_algorithm(upload),
    }


OPERATION = Operation(name="CreateMultipartUpload", perform=_perform)
