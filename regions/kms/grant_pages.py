"""What ListGrants and ListRetirableGrants share: pages of grants.

What does not belong here: which grants a listing is of.
Source: AWS KMS API Reference, ListGrants: 50 entries a page by default, 100 at most.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

from regions.errors import InvalidMarkerException
from regions.kms.grant import Grant, entry
from regions.kms.key import timestamp
from regions.kms.operation import Turn
from regions.kms.pages import last_before, marker, page_length
from regions.names import root_arn

PAGE_DEFAULT: Final = 50
PAGE_MAX: Final = 100


def page(turn: Turn, younger: Callable[[int], Iterator[Grant]]) -> dict[str, Any]:
    """Return one page of grants, oldest first, and the marker of the next if there is one.

    Args:
      turn: the call; grants that it does not see yet are left out.
      younger: yields the grants whose sequence is greater.

    Raises:
      InvalidMarkerException: the service never gave that marker for this listing.
    """
    listing = turn.call.action
    last = last_before(listing, turn.parameters) or "0"
    if not last.isdecimal():
        raise InvalidMarkerException
    length = page_length(turn.parameters, default=PAGE_DEFAULT, most=PAGE_MAX)
    found = list(islice(filter(turn.sees, younger(int(last))), length + 1))
    more, found = len(found) > length, found[:length]
    body: dict[str, Any] = {
        "Grants": tuple(_shown(grant, turn) for grant in found),
        "Truncated": more,
    }
    if more:
        body["NextMarker"] = marker(listing, str(found[-1].sequence))
    return body


def _shown(grant: Grant, turn: Turn) -> dict[str, Any]:
    key = turn.keyring.key(grant.key_id)
    assert key is not None, "grants die with their key"
    issuer = root_arn(turn.region, grant.issuer)
    return entry(grant, key.arn(turn.region), issuer, timestamp(grant.created_ns))
