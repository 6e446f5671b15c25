"""CopyObject: an object becomes a new one, with its own headers and metadata or with others.

The endpoint has read the source by then, as a GetObject of the same caller.
Source: Amazon S3 API Reference, CopyObject; texts as observed.
"""

from regions.s3 import digests
from regions.s3.changes import Digest, Version
from regions.s3.copying import source_digest, source_of
from regions.s3.errors import InvalidRequest
from regions.s3.objects import KEPT, etag_of, kept, new_version_id, put
from regions.s3.operation import Body, Desk, Operation, Steps, Values, Write, seconds_of
from regions.s3.preconditions import check_write

#: What makes a copy of an object onto itself a change.
_CHANGES = (
    *("ServerSideEncryption", "StorageClass", "WebsiteRedirectLocation"),
    *("SSEKMSKeyId", "ChecksumAlgorithm"),
)
_ONTO_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without "
    "changing the object's metadata, storage class, website redirect location or encryption "
    "attributes."
)


def _headers(parameters: Values, answer: Values) -> tuple[Body, Body]:
    """Return headers and metadata of the copy."""
    headers, metadata = kept(parameters)
    if parameters.get("MetadataDirective", "COPY") == "REPLACE":
        return headers, metadata
    copied = {
        member: answer[member]
        for member in KEPT
        if member not in {"StorageClass", "WebsiteRedirectLocation"} and member in answer
    }
    own: Body = {
        member: headers[member]
        for member in ("StorageClass", "WebsiteRedirectLocation")
        if member in headers
    }
    return {**copied, **own}, dict(answer["Metadata"])


def _digest(parameters: Values, answer: Values, body: bytes) -> Digest | None:
    algorithm = parameters.get("ChecksumAlgorithm")
    found = source_digest(answer)
    if algorithm is None and found is None:
        return None
    if algorithm is None and found is not None:
        algorithm = found.algorithm
    assert algorithm is not None
    return digests.computed(algorithm, body)


def _perform(desk: Desk, parameters: Values) -> Steps:
    source = source_of(desk)
    key, answer = parameters["Key"], source.answer
    bucket = desk.allowed("PutObject", key)
    check_write(bucket.current(key), parameters)
    replaces = parameters.get("MetadataDirective", "COPY") == "REPLACE"
    changes = replaces or any(parameters.get(member) is not None for member in _CHANGES)
    if source.same_bucket and not changes and "versionId" not in parameters["CopySource"]:
        raise InvalidRequest(_ONTO_ITSELF)
    headers, metadata = _headers(parameters, answer)
    sealing = desk.sealing(bucket)
    digest = _digest(parameters, answer, source.body)
    written = yield Write(source.body, sealing)
    bucket = desk.bucket()
    check_write(bucket.current(key), parameters)
    version = Version(
        key=key,
        version_id=new_version_id(bucket, desk.version_id),
        stored_ns=desk.now_ns,
        size=len(source.body),
        etag=etag_of(written, sealing),
        pieces=written.pieces,
        sealing=sealing,
        digest=digest,
        headers=headers,
        metadata=metadata,
    )
    body = put(desk, bucket, version)
    result = {
        "ETag": body.pop("ETag"),
        "LastModified": seconds_of(version.stored_ns),
        **digests.shown(digest),
    }
    if answer.get("VersionId") is not None:
        body["CopySourceVersionId"] = answer["VersionId"]
    return {**body, "CopyObjectResult": result}


OPERATION = Operation(name="CopyObject", perform=_perform, copies=True)
