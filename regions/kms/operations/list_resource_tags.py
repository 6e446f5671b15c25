"""ListResourceTags: a key's tags.

Source: AWS KMS API Reference, ListResourceTags: 50 entries a page by default and at most.
"""

from typing import Any, Final

from regions.kms.operation import Operation, Turn
from regions.kms.pages import last_before, marker, page_length

PAGE_MAX: Final = 50


class ListResourceTags(Operation):
    """Return one page, sorted by name."""

    action = "ListResourceTags"
    key_member = "KeyId"
    recorded = "KeyId Limit Marker"

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        last = last_before(self.action, turn.parameters)
        length = page_length(turn.parameters, default=PAGE_MAX, most=PAGE_MAX)
        left = sorted(
            (name, value) for name, value in (turn.found.tags or {}).items() if name > last
        )
        page = left[:length]
        body: dict[str, Any] = {
            "Tags": tuple({"TagKey": name, "TagValue": value} for name, value in page),
            "Truncated": len(left) > length,
        }
        if len(left) > length:
            body["NextMarker"] = marker(self.action, page[-1][0])
        return body
