"""TagResource: give a key tags; those of the same names are replaced.

Source: AWS KMS API Reference, TagResource.
"""

from typing import Any

from regions.kms.changes import TagsSet
from regions.kms.operation import Operation, Turn
from regions.kms.tags import shown, tags_of


class TagResource(Operation):
    """Add tags, or give those that are there other values."""

    action = "TagResource"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId Tags"

    def change(self, turn: Turn) -> TagsSet:
        """Set the tags; the key takes at most 50."""
        tags = turn.parameters["Tags"]
        tags_of(tags, turn.found.tags)
        return TagsSet(
            key_id=turn.found.key_id, tags={tag["TagKey"]: tag["TagValue"] for tag in tags}
        )

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the tags in the record's own spelling."""
        seen = super().request_parameters(turn)
        if seen and seen.get("tags"):
            seen["tags"] = shown(seen["tags"])
        return seen
