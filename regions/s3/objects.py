"""What actions on objects have in common: the version that is meant, what is kept of it and shown.

What does not belong here: any one action (operations/), conditions and ranges (preconditions.py).
Source: Amazon S3 API Reference, GetObject and PutObject; User Guide, "Working with delete
markers"; answers as observed.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from regions.api.errors import ActionNotImplemented, InvalidArgument
from regions.api.protocols.values import to_http_date
from regions.errors import AccessDeniedException
from regions.s3.access import DENIED
from regions.s3.changes import NULL, Sealing, Version, VersionGone, VersionPut
from regions.s3.errors import (
    AccessControlListNotSupported,
    MarkerNotAllowed,
    NoSuchKey,
    NoSuchVersion,
)
from regions.s3.lifecycle import expiration_of
from regions.s3.operation import KMS, Desk, Values, Written, seconds_of, shown_sealing
from regions.s3.state import BucketState
from sim.wire import Message

Body = dict[str, Any]

STANDARD: Final = "STANDARD"
#: Of an object that was put without a type. Source: API Reference, PutObject.
OBJECT_TYPE: Final = "binary/octet-stream"
#: Members that GetObject gives back as they were put.
KEPT: Final = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"),
    *("Expires", "StorageClass", "WebsiteRedirectLocation"),
)
#: Classes from which objects are read at once; what differs is the price.
_CLASSES: Final = frozenset(
    {
        *(STANDARD, "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"),
        "REDUCED_REDUNDANCY",
    }
)
_UNMODELLED: Final[Mapping[str, str]] = {
    "CopySourceSSECustomerAlgorithm": "Encryption with keys that customers bring",
    "CopySourceSSECustomerKey": "Encryption with keys that customers bring",
    "ObjectLockLegalHoldStatus": "Object Lock",
    "ObjectLockMode": "Object Lock",
    "ObjectLockRetainUntilDate": "Object Lock",
    "SSECustomerAlgorithm": "Encryption with keys that customers bring",
    "SSECustomerKey": "Encryption with keys that customers bring",
    "Tagging": "Tagging of objects",
    "WriteOffsetBytes": "Appending to objects",
}
#: Lists of grants that say what is so anyway. Source: User Guide, "Controlling ownership".
_EMPTY_ACLS: Final = frozenset({"private", "bucket-owner-full-control"})
_GRANTS: Final = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
#: Longest version id. Source: User Guide, "Version IDs".
_VERSION_ID_MAX: Final = 1024


def refuse_unmodelled(parameters: Values) -> None:
    """Refuse what objects and buckets here do not have.

    Raises:
      ActionNotImplemented: the request asks for something that is not modelled.
      AccessControlListNotSupported: it brings a list of grants.
    """
    for member, what in _UNMODELLED.items():
        if parameters.get(member):
            raise ActionNotImplemented(f"{what} is not modelled.")
    acl = parameters.get("ACL")
    granted = any(parameters.get(member) for member in _GRANTS)
    if granted or (acl is not None and acl not in _EMPTY_ACLS):
        raise AccessControlListNotSupported


def kept(parameters: Values) -> tuple[Body, Body]:
    """Return the headers and the metadata that a new object keeps.

    Raises:
      ActionNotImplemented: its storage class is not modelled.
    """
    refuse_unmodelled(parameters)
    storage = parameters.get("StorageClass", STANDARD)
    if storage not in _CLASSES:
        raise ActionNotImplemented(f"Storage class {storage} is not modelled.")
    headers = {member: parameters[member] for member in KEPT if parameters.get(member) is not None}
    headers.setdefault("ContentType", OBJECT_TYPE)
    return headers, dict(parameters.get("Metadata") or {})


def etag_of(written: Written, sealing: Sealing) -> str:
    """Return the entity tag of a body: its MD5, but of one under KMS, where nobody may tell."""
    if sealing.algorithm != KMS:
        return written.md5.hex()
    return hashlib.md5(written.md5 + sealing.blob, usedforsecurity=False).hexdigest()


def new_version_id(bucket: BucketState, fresh_id: Callable[[], str]) -> str:
    """Return the version id of what is put into a bucket now."""
    return fresh_id() if bucket.versioning == "Enabled" else NULL


def put(desk: Desk, bucket: BucketState, version: Version) -> Body:
    """Make a version the newest of its key; return what answers say of it."""
    desk.change(VersionPut(bucket=bucket.name, version=version))
    return {
        "ETag": f'"{version.etag}"',
        **shown_version_id(bucket, version),
        **shown_sealing(version.sealing),
        **shown_expiration(bucket, version),
    }


def shown_version_id(bucket: BucketState, version: Version) -> Body:
    """Return the version's id, if the bucket knows versions."""
    return {"VersionId": version.version_id} if bucket.versioning else {}


def shown_expiration(bucket: BucketState, version: Version) -> Body:
    """Return when a rule will expire an object, if one will."""
    found = expiration_of(bucket, version)
    if found is None:
        return {}
    due_ns, rule = found
    date = to_http_date(seconds_of(due_ns))
    return {"Expiration": f'expiry-date="{date}", rule-id="{rule}"'}


def to_read(desk: Desk, parameters: Values) -> tuple[BucketState, Version]:
    """Return the object that a GetObject or HeadObject means, if its caller may read it.

    Raises:
      NoSuchBucket, NoSuchKey, NoSuchVersion: it is not there.
      AccessDeniedException: the caller may not read it, or not know that it is not there.
      MarkerNotAllowed: it is a delete marker.
    """
    refuse_unmodelled(parameters)
    key, version_id = parameters["Key"], parameters.get("VersionId")
    action = "GetObject" if version_id is None else "GetObjectVersion"
    bucket = desk.allowed(action, key)
    if version_id is None:
        found = bucket.newest(key)
    else:
        check_version_id(version_id)
        found = bucket.version(key, version_id)
    if found is None:
        _refuse_missing(desk, bucket, key, version_id)
    assert found is not None
    if not found.marker:
        return bucket, found
    headers = (("x-amz-delete-marker", "true"), ("x-amz-version-id", found.version_id))
    if version_id is None:
        raise NoSuchKey(headers=headers)
    modified = to_http_date(seconds_of(found.stored_ns))
    raise MarkerNotAllowed(headers=(*headers, ("Last-Modified", modified), ("Allow", "DELETE")))


def _refuse_missing(desk: Desk, bucket: BucketState, key: str, version_id: str | None) -> None:
    action = "ListBucket" if version_id is None else "ListBucketVersions"
    if not desk.may(bucket, action):
        raise AccessDeniedException(DENIED)
    if version_id is None:
        raise NoSuchKey(members=(("Key", key),))
    raise NoSuchVersion(members=(("Key", key), ("VersionId", version_id)))


def check_version_id(version_id: str) -> None:
    """Refuse what no version is called.

    Raises:
      InvalidArgument: it is empty or too long.
    """
    if not 0 < len(version_id) <= _VERSION_ID_MAX:
        raise InvalidArgument("Invalid version id specified")


def shown(bucket: BucketState, version: Version) -> Body:
    """Return what GetObject and HeadObject say of an object, without its body and checksum."""
    body: Body = {
        "AcceptRanges": "bytes",
        "LastModified": seconds_of(version.stored_ns),
        "ETag": f'"{version.etag}"',
        "Metadata": version.metadata,
        **version.headers,
        **shown_sealing(version.sealing),
        **shown_version_id(bucket, version),
        **shown_expiration(bucket, version),
    }
    if body.get("StorageClass") == STANDARD:
        del body["StorageClass"]
    return body


def deletion(
    bucket: BucketState,
    key: str,
    version_id: str | None,
    now_ns: int,
    fresh_id: Callable[[], str],
) -> tuple[list[Message], Body]:
    """Return what changes when an object or a version is deleted, and what the answer says.

    Args:
      version_id: None: the object, which a delete marker hides where versions are kept.
      fresh_id: returns a new version id.
    """
    if version_id is not None:
        found = bucket.version(key, version_id)
        body: Body = {"VersionId": version_id}
        if found is None:
            return [], body
        if found.marker:
            body["DeleteMarker"] = True
        return [VersionGone(bucket=bucket.name, key=key, version_id=version_id)], body
    if not bucket.versioning:
        gone = VersionGone(bucket=bucket.name, key=key, version_id=NULL)
        return ([gone] if bucket.version(key, NULL) else []), {}
    name = new_version_id(bucket, fresh_id)
    marker = Version(key=key, version_id=name, stored_ns=now_ns, marker=True)
    change = VersionPut(bucket=bucket.name, version=marker)
    return [change], {"DeleteMarker": True, "VersionId": name}
