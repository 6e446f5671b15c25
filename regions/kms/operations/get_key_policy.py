"""GetKeyPolicy: a key's policy document; a key has exactly one, called default.

Source: AWS KMS API Reference, GetKeyPolicy; the policy's text is never in the record.
"""

from typing import Any

from regions.kms.operation import Operation, Turn
from regions.kms.policies import POLICY_NAME, check_policy_name


class GetKeyPolicy(Operation):
    """Return the policy text."""

    action = "GetKeyPolicy"
    key_member = "KeyId"
    recorded = "KeyId PolicyName"

    def resolve(self, turn: Turn) -> None:
        """Find the key, then the policy."""
        super().resolve(turn)
        check_policy_name(turn.parameters)

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the policy, also one that the service wrote itself."""
        return {"Policy": turn.found.policy_text(turn.region), "PolicyName": POLICY_NAME}
