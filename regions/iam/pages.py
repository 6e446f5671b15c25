"""Pages of a listing: so many entries, and a marker behind the last.

What does not belong here: what is listed.
Source: IAM API Reference, "ListUsers": 100 entries by default, 1,000 at most; markers are opaque.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from regions.api.errors import ValidationError

PAGE_DEFAULT: Final = 100
T = TypeVar("T")


def page(
    parameters: Mapping[str, Any],
    member: str,
    entries: Sequence[T],
    key: Callable[[T], str],
    shape: Callable[[T], Any],
) -> dict[str, Any]:
    """Return the part of an answer that holds one page of a listing.

    Args:
      parameters: Marker and MaxItems are looked at.
      member: of the answer, that holds the entries.
      entries: all of them, sorted by ``key`` in lower case.
      key: an entry's name, which no other has; a page begins behind the last name of the one
        before, whatever came and went meanwhile.
      shape: an entry as the answer shows it.

    Raises:
      ValidationError: the marker is none that was given.
    """
    after = _opened(parameters.get("Marker"))
    rest = [entry for entry in entries if key(entry).lower() > after] if after else list(entries)
    length = parameters.get("MaxItems", PAGE_DEFAULT)
    shown, more = rest[:length], len(rest) > length
    body: dict[str, Any] = {
        member: [shape(entry) for entry in shown],
        "IsTruncated": more,
    }
    if more:
        last = key(shown[-1]).lower()
        body["Marker"] = urlsafe_b64encode(b"after:" + last.encode()).decode()
    return body


def _opened(marker: str | None) -> str:
    if marker is None:
        return ""
    try:
        before, colon, last = urlsafe_b64decode(marker.encode()).decode().partition(":")
    except ValueError:
        before, colon, last = "", "", ""
    if before != "after" or not colon or not last:
        raise ValidationError(f"Invalid Marker: {marker[:64]}")
    return last
