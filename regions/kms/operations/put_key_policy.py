"""PutKeyPolicy: replace a key's policy document.

Source: AWS KMS API Reference, PutKeyPolicy.
"""

from typing import Any

from regions.kms.changes import PolicyPut
from regions.kms.operation import Operation, Turn
from regions.kms.policies import accept_policy, check_policy_name


class PutKeyPolicy(Operation):
    """Set the policy, unless it would lock its author out."""

    action = "PutKeyPolicy"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId PolicyName Policy BypassPolicyLockoutSafetyCheck"

    def resolve(self, turn: Turn) -> None:
        """Find the key, then the policy."""
        super().resolve(turn)
        check_policy_name(turn.parameters)

    def change(self, turn: Turn) -> PolicyPut:
        """Accept the new policy only when it is sound; the old one has let the caller in."""
        key = turn.found
        policy = accept_policy(turn, turn.parameters["Policy"], key.arn(turn.region))
        return PolicyPut(key_id=key.key_id, policy=policy)

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
