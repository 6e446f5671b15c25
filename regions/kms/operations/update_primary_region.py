"""UpdatePrimaryRegion: a replica becomes the primary key, and the primary one a replica.

Both are Updating until it is done; a replica that is not Enabled stays a replica. Whether the
replica's own key policy allows the move is not asked.
Source: AWS KMS API Reference, UpdatePrimaryRegion; messages as observed where they were.
"""

from typing import Any

from regions.kms.family_rules import move_primary
from regions.kms.material import asked_by
from regions.kms.material_changes import PrimaryMoveAsked
from regions.kms.operation import Operation, Turn
from regions.kms.ring import the_primary


class UpdatePrimaryRegion(Operation):
    """Note in the primary key's region where it is to move; the border does the rest."""

    action = "UpdatePrimaryRegion"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId PrimaryRegion"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse replicas and single-Region keys before looking at the state.

        Raises:
          UnsupportedOperationException: it is no primary key.
        """
        the_primary(turn.region, turn.found)
        super().allow_in_state(turn)

    def change(self, turn: Turn) -> PrimaryMoveAsked:
        """Note the wish, if there is such a replica."""
        change = PrimaryMoveAsked(
            key_id=turn.found.key_id,
            region=turn.parameters["PrimaryRegion"],
            asked=asked_by(turn.call),
        )
        move_primary(turn.keyring, turn.found, change)
        return change

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}
