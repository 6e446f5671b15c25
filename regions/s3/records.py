"""The audit record of one call of S3: of a bucket, a management event; of an object, a data event.

What does not belong here: who keeps it, and whether anybody wants it (endpoint.py, trail/).
Known to differ from the real service: of an answer without an object's body, and of an error,
``bytesTransferredOut`` is 0; a failed call names the caller's account as the bucket's owner.
Source: files that the service delivered in July 2023; Amazon S3 User Guide, "Amazon S3 CloudTrail
events" (which call is which kind of event) and "CloudTrail log file entries"; published data
events of S3 (resources, SSEApplied).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from regions.api.protocols.rest_xml import host_id
from regions.calls import ApiCall, Connection, as_recorded
from regions.errors import ServiceError
from regions.s3.access import bucket_arn
from regions.s3.operation import KMS, Operation
from regions.trail.json_shape import SDK_CIPHER_SUITE, SDK_TLS_VERSION
from regions.trail.record import DATA, MANAGEMENT, AuditRecord, Resource

SOURCE: Final = "s3.amazonaws.com"
BUCKET: Final = "AWS::S3::Bucket"
OBJECT: Final = "AWS::S3::Object"
_NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"

#: Actions whose events have another name.
_NAMES: Final = {"ListObjectsV2": "ListObjects"}
#: Part of an action's name -> the subresource that its request names; the first that fits counts.
_SUBRESOURCES: Final = (
    *(("PolicyStatus", "policyStatus"), ("Policy", "policy"), ("Acl", "acl")),
    *(("Location", "location"), ("Versioning", "versioning"), ("Encryption", "encryption")),
    *(("Lifecycle", "lifecycle"), ("ObjectVersions", "versions"), ("DeleteObjects", "delete")),
    *(("CreateMultipartUpload", "uploads"), ("ListMultipartUploads", "uploads")),
)
#: Member of a request -> what a record calls it.
_MEMBERS: Final[Mapping[str, str]] = {
    "Key": "key",
    "VersionId": "versionId",
    "UploadId": "uploadId",
    "PartNumber": "partNumber",
    "Prefix": "prefix",
    "Delimiter": "delimiter",
    "MaxKeys": "max-keys",
    "ACL": "x-amz-acl",
    "CopySource": "x-amz-copy-source",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "x-amz-storage-class",
    "CreateBucketConfiguration": "CreateBucketConfiguration",
    "LifecycleConfiguration": "LifecycleConfiguration",
    "Policy": "bucketPolicy",
    "ServerSideEncryptionConfiguration": "ServerSideEncryptionConfiguration",
    "VersioningConfiguration": "VersioningConfiguration",
}
#: Members that were an XML document of their own.
_DOCUMENTS: Final = frozenset(name for name in _MEMBERS if name.endswith("Configuration"))
#: Member of a document that is a list -> name of its elements in XML.
_ELEMENTS: Final = {
    "Rules": "Rule",
    "Transitions": "Transition",
    "NoncurrentVersionTransitions": "NoncurrentVersionTransition",
    "Tags": "Tag",
}
#: Member of an answer that a record of a change shows -> its header.
_ANSWERED: Final = {
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "VersionId": "x-amz-version-id",
    "DeleteMarker": "x-amz-delete-marker",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a call ended, as far as its record tells."""

    request_id: str
    body: Mapping[str, Any]  #: empty of a failure
    owner: str = ""  #: account of the bucket; "" if nobody knows
    error: ServiceError | None = None


def record_of(
    call: ApiCall,
    operation: Operation,
    answered: Answered,
    *,
    region: str,
    event_id: str,
    time_ns: int,
) -> AuditRecord | None:
    """Return the record of a call; None of one of nobody for a bucket of nobody.

    Args:
      region: the endpoint's.
      time_ns: calendar time of the answer.
    """
    account = call.principal.account or answered.owner
    if not account:
        return None
    error, category = answered.error, MANAGEMENT if operation.event else DATA
    elements = None if category == MANAGEMENT or operation.read_only else _elements(answered.body)
    connection = _connection(call, region)
    return AuditRecord(
        event_id=event_id,
        request_id=answered.request_id,
        time_ns=time_ns,
        source=SOURCE,
        name=operation.event or _NAMES.get(operation.name, operation.name),
        region=region,
        principal=as_recorded(call.principal),
        source_ip=call.source_ip,
        user_agent=call.user_agent if call.principal.invoked_by else f"[{call.user_agent}]",
        request_parameters=_parameters(call, operation, connection.host),
        response_elements=elements,
        resources=_resources(call, region, answered.owner or account, category),
        error_code="" if error is None else error.record_code,
        error_message="" if error is None else error.message,
        read_only=operation.read_only,
        additional=_additional(call, answered, connection),
        recipient_account=account,
        category=category,
        connection=None if call.principal.invoked_by else connection,
    )


def _connection(call: ApiCall, region: str) -> Connection:
    """Return how a call came; one that is a value, as an SDK would have sent it."""
    if call.connection is not None:
        return call.connection
    bucket = call.parameters.get("Bucket", "")
    host = f"s3.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")
    if bucket and "." not in bucket:  # A certificate has no more than one label for buckets.
        host = f"{bucket}.{host}"
    body = call.parameters.get("Body")
    return Connection(
        host=host,
        tls_version=SDK_TLS_VERSION if call.secure else "",
        cipher_suite=SDK_CIPHER_SUITE if call.secure else "",
        body_bytes=len(body) if isinstance(body, bytes) else 0,
    )


def _resources(call: ApiCall, region: str, owner: str, category: str) -> tuple[Resource, ...]:
    bucket, key = call.parameters.get("Bucket", ""), call.parameters.get("Key", "")
    if not isinstance(bucket, str) or not bucket:
        return ()
    whole = Resource(arn=bucket_arn(region, bucket), account=owner, kind=BUCKET)
    if category == MANAGEMENT:
        return () if call.action == "CreateBucket" else (whole,)  # As the real service's are.
    # Of an action on many objects, what all their ARNs begin with.
    arn = f"{whole.arn}/{key if isinstance(key, str) else ''}"
    return (Resource(arn=arn, account="", kind=OBJECT), whole)


def _parameters(call: ApiCall, operation: Operation, host: str) -> dict[str, Any]:
    given = call.parameters
    found: dict[str, Any] = {}
    if given.get("Bucket"):
        found["bucketName"] = given["Bucket"]
    found["Host"] = host
    for part, subresource in _SUBRESOURCES:
        if part in operation.name:
            found[subresource] = ""
            break
    for member, name in _MEMBERS.items():
        value = given.get(member)
        if value is None:
            continue
        if member == "Policy":
            found[name] = _policy(value)
        elif member in _DOCUMENTS:
            found[name] = {"xmlns": _NAMESPACE, **_document(value)}
        else:
            found[name] = value
    return found


def _document(value: Any) -> Any:
    """Return a value as S3 records it: its members keep the names of the XML."""
    if isinstance(value, Mapping):
        return {_ELEMENTS.get(name, name): _document(item) for name, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    items = [_document(item) for item in value]
    return items[0] if len(items) == 1 else items


def _policy(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _elements(body: Mapping[str, Any]) -> dict[str, Any] | None:
    seen = {name: body[member] for member, name in _ANSWERED.items() if member in body}
    return seen or None


def _additional(call: ApiCall, answered: Answered, connection: Connection) -> dict[str, Any]:
    signed, body = bool(call.principal.account), answered.body.get("Body")
    found: dict[str, Any] = {"SignatureVersion": "SigV4"} if signed else {}
    if connection.cipher_suite:
        found["CipherSuite"] = connection.cipher_suite
    found["bytesTransferredIn"] = connection.body_bytes
    algorithm = answered.body.get("ServerSideEncryption")
    if algorithm is not None:
        default = "ServerSideEncryption" not in call.parameters
        name = "SSE_KMS" if algorithm == KMS else "SSE_S3"
        found["SSEApplied"] = f"Default_{name}" if default else name
    if signed:
        found["AuthenticationMethod"] = "QueryString" if connection.presigned else "AuthHeader"
    found["x-amz-id-2"] = host_id(answered.request_id)
    found["bytesTransferredOut"] = len(body) if isinstance(body, bytes) else 0
    return found
