"""GetKeyLastUsage: which successful cryptographic operation used a key last, and when.

Source: AWS KMS API Reference, GetKeyLastUsage.
"""

from typing import Any

from regions.kms.key import timestamp
from regions.kms.operation import Operation, Turn


class GetKeyLastUsage(Operation):
    """Return the last use that is known in this AZ; all uses since the key's creation count."""

    action = "GetKeyLastUsage"
    key_member = "KeyId"
    recorded = "KeyId"

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return it; an empty one of a key that was never used."""
        key = turn.found
        use = turn.keyring.uses.last(key.key_id)
        created = timestamp(key.created_ns)
        seen: dict[str, Any] = {}
        if use is not None:
            seen = {
                "Operation": use.action,
                "Timestamp": timestamp(use.time_ns),
                "CloudTrailEventId": use.event_id,
                "KmsRequestId": use.request_id,
            }
        return {
            "KeyId": key.key_id,
            "KeyLastUsage": seen,
            "TrackingStartDate": created,
            "KeyCreationDate": created,
        }
