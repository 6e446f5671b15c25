"""EnableKey: make a key usable again.

Source: AWS KMS API Reference, EnableKey.
"""

from typing import Any

from regions.kms.changes import KeyStateSet
from regions.kms.key import KeyState
from regions.kms.operation import Operation, Turn


class EnableKey(Operation):
    """Set the key's state; asking again changes nothing."""

    action = "EnableKey"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId"

    def change(self, turn: Turn) -> KeyStateSet:
        """Set the state."""
        return KeyStateSet(
            key_id=turn.found.key_id, action=self.action, state=KeyState.ENABLED.value
        )

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
