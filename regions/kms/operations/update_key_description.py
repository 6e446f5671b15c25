"""UpdateKeyDescription: another text for people about a key.

Source: AWS KMS API Reference, UpdateKeyDescription.
"""

from typing import Any

from regions.kms.changes import DescriptionSet
from regions.kms.operation import Operation, Turn


class UpdateKeyDescription(Operation):
    """Replace the description; an empty one takes it away."""

    action = "UpdateKeyDescription"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId Description"

    def change(self, turn: Turn) -> DescriptionSet:
        """Set the text."""
        return DescriptionSet(key_id=turn.found.key_id, description=turn.parameters["Description"])

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
