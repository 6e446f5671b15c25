"""Pages of lists: objects, versions and uploads, each with where the next page begins.

What does not belong here: the order of keys and what is rolled up (listing.py).
Source: Amazon S3 API Reference, ListObjectsV2, ListObjects, ListObjectVersions and
ListMultipartUploads.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from regions.api.errors import InvalidArgument
from regions.names import canonical_id
from regions.s3.changes import Upload, Version
from regions.s3.listing import walk
from regions.s3.objects import STANDARD
from regions.s3.operation import Body, Values, checksum_algorithm, seconds_of
from regions.s3.state import BucketState

#: Entries of a page, whatever the request says.
PAGE_MAX: Final = 1000
#: Begins a token, so that not every text is one.
_TOKEN: Final = "1:"  # noqa: S105 - of a page


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list of objects."""

    body: Body
    count: int
    truncated: bool
    last: str  #: key or common prefix with which it ends


def limit_of(parameters: Values, member: str) -> int:
    """Return how many entries a page has at most.

    Raises:
      InvalidArgument: it is negative.
    """
    limit = parameters.get(member)
    if limit is None:
        return PAGE_MAX
    if limit < 0:
        name = {"MaxKeys": "maxKeys", "MaxParts": "max-parts"}.get(member, "max-uploads")
        raise InvalidArgument(f"Argument {name} must be an integer between 0 and 2147483647")
    return min(int(limit), PAGE_MAX)


def write_token(last: str) -> str:
    """Return a token for the page behind a key."""
    return base64.urlsafe_b64encode((_TOKEN + last).encode()).decode()


def read_token(token: str) -> str:
    """Return the key behind which a token's page begins.

    Raises:
      InvalidArgument: it is no token.
    """
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        text = ""
    if not text.startswith(_TOKEN):
        raise InvalidArgument("The continuation token provided is incorrect")
    return text.removeprefix(_TOKEN)


def _head(bucket: BucketState, parameters: Values, name: str) -> Body:
    """Return what every page says of its request."""
    body: Body = {name: bucket.name, "Prefix": parameters.get("Prefix", "")}
    for member in ("Delimiter", "EncodingType"):
        if parameters.get(member):
            body[member] = parameters[member]
    return body


def _shown(version: Version) -> Body:
    entry: Body = {
        "Key": version.key,
        "LastModified": seconds_of(version.stored_ns),
        "ETag": f'"{version.etag}"',
        "Size": version.size,
        "StorageClass": version.headers.get("StorageClass", STANDARD),
    }
    if version.digest is not None:
        entry["ChecksumAlgorithm"] = [version.digest.algorithm]
        entry["ChecksumType"] = version.digest.kind
    return entry


def object_page(bucket: BucketState, parameters: Values, after: str, *, with_owner: bool) -> Page:
    """Return a page of a bucket's objects behind a key."""
    limit = limit_of(parameters, "MaxKeys")
    contents: list[Body] = []
    prefixes: list[Body] = []
    last, truncated = "", False
    walked = walk(
        bucket.keys,
        bucket.shows,
        prefix=parameters.get("Prefix", ""),
        delimiter=parameters.get("Delimiter", ""),
        after=after,
    )
    for text, is_common in walked if limit else ():
        if len(contents) + len(prefixes) == limit:
            truncated = True
            break
        last = text
        if is_common:
            prefixes.append({"Prefix": text})
        else:
            contents.append(_shown(bucket.versions[text][0]))
            if with_owner:
                contents[-1]["Owner"] = {"ID": canonical_id(bucket.owner)}
    body = _head(bucket, parameters, "Name") | {"MaxKeys": limit, "IsTruncated": truncated}
    if contents:
        body["Contents"] = contents
    if prefixes:
        body["CommonPrefixes"] = prefixes
    return Page(body, len(contents) + len(prefixes), truncated, last)


def _versions(
    bucket: BucketState, parameters: Values
) -> Iterator[tuple[str, Version | None, bool]]:
    """Yield a page's entries without end: key or common prefix, version, is it the newest?"""
    key_marker = parameters.get("KeyMarker", "")
    id_marker = parameters.get("VersionIdMarker", "")
    walked = walk(
        bucket.keys,
        lambda _: True,
        prefix=parameters.get("Prefix", ""),
        delimiter=parameters.get("Delimiter", ""),
        after=key_marker,
        with_after=bool(id_marker),
    )
    for text, is_common in walked:
        if is_common:
            yield text, None, False
            continue
        versions = bucket.versions[text]
        begin = 0
        if id_marker and text == key_marker:
            ids = [version.version_id for version in versions]
            begin = ids.index(id_marker) + 1 if id_marker in ids else len(ids)
        for place in range(begin, len(versions)):
            yield text, versions[place], place == 0


def version_page(bucket: BucketState, parameters: Values) -> Body:
    """Return a page of a bucket's versions.

    Raises:
      InvalidArgument: a version marker without a key marker.
    """
    limit = limit_of(parameters, "MaxKeys")
    if parameters.get("VersionIdMarker") and not parameters.get("KeyMarker"):
        raise InvalidArgument("A version-id marker cannot be specified without a key marker.")
    owner = {"ID": canonical_id(bucket.owner)}
    found: dict[str, list[Body]] = {"Versions": [], "DeleteMarkers": [], "CommonPrefixes": []}
    body = _head(bucket, parameters, "Name") | {"MaxKeys": limit, "IsTruncated": False}
    body["KeyMarker"] = parameters.get("KeyMarker", "")
    body["VersionIdMarker"] = parameters.get("VersionIdMarker", "")
    count, last_key, last_id = 0, "", ""
    for text, version, is_newest in _versions(bucket, parameters) if limit else ():
        if count == limit:
            body |= {"IsTruncated": True, "NextKeyMarker": last_key}
            if last_id:
                body["NextVersionIdMarker"] = last_id
            break
        count += 1
        last_key, last_id = text, "" if version is None else version.version_id
        if version is None:
            found["CommonPrefixes"].append({"Prefix": text})
            continue
        entry = _shown(version)
        entry |= {"VersionId": version.version_id, "IsLatest": is_newest, "Owner": owner}
        if version.marker:
            for member in ("ETag", "Size", "StorageClass"):
                del entry[member]
        found["DeleteMarkers" if version.marker else "Versions"].append(entry)
    return body | {name: entries for name, entries in found.items() if entries}


def _uploads(bucket: BucketState, parameters: Values) -> Iterator[tuple[str, Upload | None]]:
    """Yield a page's entries without end: key or common prefix, and the upload."""
    by_key: dict[str, list[Upload]] = {}
    for state in bucket.uploads.values():
        by_key.setdefault(state.upload.key, []).append(state.upload)
    key_marker, id_marker = parameters.get("KeyMarker", ""), parameters.get("UploadIdMarker", "")
    walked = walk(
        sorted(by_key),
        lambda _: True,
        prefix=parameters.get("Prefix", ""),
        delimiter=parameters.get("Delimiter", ""),
        after=key_marker,
        with_after=bool(id_marker),
    )
    for text, is_common in walked:
        if is_common:
            yield text, None
            continue
        for upload in sorted(by_key[text], key=lambda each: each.upload_id):
            if text != key_marker or upload.upload_id > id_marker:
                yield text, upload


def upload_page(bucket: BucketState, parameters: Values) -> Body:
    """Return a page of a bucket's multipart uploads, those of one key by their ids."""
    limit = limit_of(parameters, "MaxUploads")
    owner = {"ID": canonical_id(bucket.owner)}
    body = _head(bucket, parameters, "Bucket") | {"MaxUploads": limit, "IsTruncated": False}
    body["KeyMarker"] = parameters.get("KeyMarker", "")
    body["UploadIdMarker"] = parameters.get("UploadIdMarker", "")
    uploads: list[Body] = []
    prefixes: list[Body] = []
    last_key, last_id = "", ""
    for text, upload in _uploads(bucket, parameters) if limit else ():
        if len(uploads) + len(prefixes) == limit:
            body |= {"IsTruncated": True, "NextKeyMarker": last_key}
            body["NextUploadIdMarker"] = last_id
            break
        last_key, last_id = text, "" if upload is None else upload.upload_id
        if upload is None:
            prefixes.append({"Prefix": text})
            continue
        uploads.append(
            {
                "Key": text,
                "UploadId": upload.upload_id,
                "Initiated": seconds_of(upload.begun_ns),
                "Initiator": {"ID": upload.initiator},
                "Owner": owner,
                "StorageClass": upload.headers.get("StorageClass", STANDARD),
                **checksum_algorithm(upload),
            }
        )
    named: dict[str, Any] = {"Uploads": uploads, "CommonPrefixes": prefixes}
    return body | {name: entries for name, entries in named.items() if entries}
