"""Conditions and ranges of requests: whether an object is the one that its caller means.

What does not belong here: which version a request is about.
Source: RFC 9110, sections 13 and 14; Amazon S3 API Reference, GetObject and PutObject.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from regions.s3.changes import Version
from regions.s3.errors import InvalidRange, NoSuchKey, NotModified, PreconditionFailed
from sim.units import NS_PER_SECOND

_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)

Values = Mapping[str, Any]


def modified_s(version: Version) -> int:
    """Return when a version was stored, in whole seconds, as S3 shows it."""
    return version.stored_ns // NS_PER_SECOND


def has_etag(version: Version, wanted: str) -> bool:
    """Say whether a version's entity tag is among those of a header, ``*`` being any."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in wanted.split(",")]
    return "*" in tags or version.etag in tags


def _failed(condition: str) -> PreconditionFailed:
    return PreconditionFailed(members=(("Condition", condition),))


def check_read(version: Version, parameters: Values) -> None:
    """Return if the object is one that a GetObject, HeadObject or copy wants.

    Raises:
      PreconditionFailed: it is not.
      NotModified: the caller has it already.
    """
    match, none_match = parameters.get("IfMatch"), parameters.get("IfNoneMatch")
    since, unmodified = parameters.get("IfModifiedSince"), parameters.get("IfUnmodifiedSince")
    if match is not None:
        if not has_etag(version, match):
            raise _failed("If-Match")
    elif unmodified is not None and modified_s(version) > unmodified:
        raise _failed("If-Unmodified-Since")
    is_same = none_match is not None and has_etag(version, none_match)
    if is_same or (none_match is None and since is not None and modified_s(version) <= since):
        raise NotModified(headers=(("ETag", f'"{version.etag}"'),))


def check_write(current: Version | None, parameters: Values) -> None:
    """Return if the object that a write replaces is the one that its caller means.

    Raises:
      PreconditionFailed: it is another one, or there is one where there should be none.
      NoSuchKey: there is none.
    """
    match, none_match = parameters.get("IfMatch"), parameters.get("IfNoneMatch")
    if match is not None:
        if current is None:
            raise NoSuchKey
        if not has_etag(current, match):
            raise _failed("If-Match")
    if none_match is not None and current is not None and has_etag(current, none_match):
        raise _failed("If-None-Match")


def range_of(text: str | None, size: int) -> tuple[int, int] | None:
    """Return first and last byte that a Range header asks for; None for the whole object.

    A header that cannot be read, or names several ranges, is passed over, as HTTP has it.

    Raises:
      InvalidRange: it lies outside of the object.
    """
    found = None if text is None else _RANGE.fullmatch(text.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first_text, last_text = found.groups()
    if first_text:
        first = int(first_text)
        last = min(int(last_text), size - 1) if last_text else size - 1
        if last_text and int(last_text) < first:
            return None
    else:
        first, last = max(0, size - int(last_text)), size - 1
    if first >= size or first > last:
        raise InvalidRange(
            members=(("ActualObjectSize", str(size)),),
            headers=(("Content-Range", f"bytes */{size}"),),
        )
    return first, last
