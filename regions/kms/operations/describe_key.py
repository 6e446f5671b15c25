"""DescribeKey: a key's metadata.

Source: AWS KMS API Reference, DescribeKey; with the predefined alias of a service whose AWS
managed key does not exist yet, the loop brings it into being.
"""

from typing import Any

from regions.kms.key import metadata
from regions.kms.operation import Operation, Turn


class DescribeKey(Operation):
    """Return the KeyMetadata."""

    action = "DescribeKey"
    key_member = "KeyId"
    takes_alias = True
    crosses_accounts = True
    recorded = "KeyId"

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the metadata as it stands."""
        return {"KeyMetadata": metadata(turn.found, turn.region)}
