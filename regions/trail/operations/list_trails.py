"""ListTrails: every trail of the account in any region, by ARN.

Source: AWS CloudTrail API Reference, ListTrails; the size of a page is chosen.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from regions.errors import InvalidNextTokenException
from regions.trail.operation import Desk, Operation

#: Trails of one answer; chosen.
PAGE_MAX: Final = 100


def _token(arn: str) -> str:
    """Return a token that names the last trail of a page and tells nothing of it."""
    return hashlib.sha256(b"ListTrails" + arn.encode()).hexdigest()[:32]


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    mine = [t for t in desk.archive.trails if t.account == desk.account and not t.deleted]
    token, start = parameters.get("NextToken"), 0
    if token:
        ends = [place for place, t in enumerate(mine, 1) if _token(t.arn) == token]
        if not ends:
            raise InvalidNextTokenException("Invalid pagination token.")
        start = ends[0]
    page = mine[start : start + PAGE_MAX]
    body: dict[str, Any] = {
        "Trails": [{"TrailARN": t.arn, "Name": t.name, "HomeRegion": t.home_region} for t in page]
    }
    if start + PAGE_MAX < len(mine):
        body["NextToken"] = _token(page[-1].arn)
    return body


OPERATION = Operation(name="ListTrails", perform=_perform, read_only=True)
