"""DisableKey: make a key unusable until EnableKey.

Source: AWS KMS API Reference, DisableKey.
"""

from typing import Any

from regions.kms.changes import KeyStateSet
from regions.kms.key import KeyState
from regions.kms.operation import Operation, Turn


class DisableKey(Operation):
    """Set the key's state; asking again changes nothing."""

    action = "DisableKey"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId"

    def change(self, turn: Turn) -> KeyStateSet:
        """Set the state."""
        return KeyStateSet(
            key_id=turn.found.key_id, action=self.action, state=KeyState.DISABLED.value
        )

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
