"""ListKeyPolicies: the names of a key's policies, which is always the one name.

Source: AWS KMS API Reference, ListKeyPolicies.
"""

from typing import Any

from regions.kms.operation import Operation, Turn
from regions.kms.pages import last_before
from regions.kms.policies import POLICY_NAME


class ListKeyPolicies(Operation):
    """Return the one page that there is."""

    action = "ListKeyPolicies"
    key_member = "KeyId"
    recorded = "KeyId Limit Marker"

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the name; no marker was ever given for this listing."""
        last_before(self.action, turn.parameters)
        return {"PolicyNames": (POLICY_NAME,), "Truncated": False}
