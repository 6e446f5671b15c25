"""RevokeGrant: a key's administrator takes a grant back.

Source: AWS KMS API Reference, RevokeGrant.
"""

from typing import Any

from regions.kms.changes import GrantEnded
from regions.kms.grant_ids import check_grant_id, ending, standing_grant
from regions.kms.operation import Operation, Turn


class RevokeGrant(Operation):
    """End a grant; key policy and identity policies say who may."""

    action = "RevokeGrant"
    read_only = False
    key_member = "KeyId"
    crosses_accounts = True
    recorded = "KeyId GrantId DryRun"

    def check(self, turn: Turn) -> None:
        """Refuse a malformed id."""
        super().check(turn)
        check_grant_id(turn.parameters["GrantId"])

    def allow_in_state(self, turn: Turn) -> None:
        """Any state will do, but there must be such a grant."""
        super().allow_in_state(turn)
        standing_grant(turn, turn.parameters["GrantId"], turn.found.key_id)

    def change(self, turn: Turn) -> GrantEnded:
        """End it."""
        return ending(turn, standing_grant(turn, turn.parameters["GrantId"]))

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key."""
        return {"keyId": turn.found.arn(turn.region)}
