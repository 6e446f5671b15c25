"""CancelKeyDeletion: save a condemned key; it comes back disabled.

Source: AWS KMS API Reference, CancelKeyDeletion.
"""

from typing import Any

from regions.kms.changes import DeletionCancelled
from regions.kms.operation import Operation, Turn


class CancelKeyDeletion(Operation):
    """Put the key from PendingDeletion into Disabled."""

    action = "CancelKeyDeletion"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId"

    def change(self, turn: Turn) -> DeletionCancelled:
        """Forget the day of the purge."""
        return DeletionCancelled(key_id=turn.found.key_id)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Name the key."""
        return {"KeyId": turn.found.arn(turn.region)}

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key."""
        return {"keyId": turn.found.arn(turn.region)}
