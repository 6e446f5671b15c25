"""ListKeys: ids and ARNs of all keys of the caller's account in this region.

Source: AWS KMS API Reference, ListKeys: 100 entries a page by default, 1,000 at most.
"""

from typing import Any, Final

from regions.errors import InvalidMarkerException
from regions.kms.operation import Operation, Turn
from regions.kms.pages import last_before, marker, page_length

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1000


class ListKeys(Operation):
    """Return one page, oldest keys first."""

    action = "ListKeys"
    identity_only = True
    recorded = "Limit Marker"

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the page, and the marker of the next if there is one."""
        last = last_before(self.action, turn.parameters) or "0"
        if not last.isdecimal():
            raise InvalidMarkerException
        length = page_length(turn.parameters, default=PAGE_DEFAULT, most=PAGE_MAX)
        keys = turn.keyring.keys_after(turn.principal.account, int(last), length + 1)
        more, keys = len(keys) > length, keys[:length]
        body: dict[str, Any] = {
            "Keys": tuple({"KeyId": k.key_id, "KeyArn": k.arn(turn.region)} for k in keys),
            "Truncated": more,
        }
        if more:
            body["NextMarker"] = marker(self.action, str(keys[-1].sequence))
        return body
