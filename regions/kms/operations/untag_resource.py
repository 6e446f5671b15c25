"""UntagResource: take tags off a key; names that it does not have are passed over.

Source: AWS KMS API Reference, UntagResource.
"""

from typing import Any

from regions.kms.changes import TagsRemoved
from regions.kms.operation import Operation, Turn
from regions.kms.tags import check_names


class UntagResource(Operation):
    """Remove tags by name."""

    action = "UntagResource"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId TagKeys"

    def change(self, turn: Turn) -> TagsRemoved:
        """Remove them; those of AWS itself cannot be."""
        names = turn.parameters["TagKeys"]
        check_names(names)
        return TagsRemoved(key_id=turn.found.key_id, names=tuple(names))

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
