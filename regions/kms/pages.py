"""Pages of a listing: how long one is, and the marker at which the next one begins.

What does not belong here: what is listed. A marker says which entry came last, so a listing
neither repeats nor skips an entry when others come and go meanwhile.
Source: AWS KMS API Reference, ListKeys and ListAliases; the real markers are opaque, too.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from regions.errors import InvalidMarkerException


def page_length(parameters: Mapping[str, Any], *, default: int, most: int) -> int:
    """Return how many entries a page has; a higher Limit than the most is cut."""
    limit = parameters.get("Limit")
    return default if limit is None else min(int(limit), most)


def marker(listing: str, last: str) -> str:
    """Return the marker behind one entry of a listing."""
    return urlsafe_b64encode(f"{listing}:{last}".encode()).decode()


def last_before(listing: str, parameters: Mapping[str, Any]) -> str:
    """Return the entry that a Marker names, "" without one.

    Raises:
      InvalidMarkerException: the service never gave that marker for this listing.
    """
    given = parameters.get("Marker")
    if given is None:
        return ""
    try:
        name, colon, last = urlsafe_b64decode(given.encode()).decode().partition(":")
    except ValueError:
        raise InvalidMarkerException from None
    if name != listing or not colon or not last:
        raise InvalidMarkerException
    return last
