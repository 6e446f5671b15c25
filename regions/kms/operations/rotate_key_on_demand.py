"""RotateKeyOnDemand: have a key's material rotated now; a job does it.

Source: AWS KMS API Reference, RotateKeyOnDemand: 25 times per key, symmetric keys only; imported
material that waits for it is needed for keys of origin EXTERNAL.
"""

from typing import Any

from regions.kms.material_changes import RotationAsked
from regions.kms.operation import Operation, Turn
from regions.kms.rotation import check_symmetric
from regions.kms.rotation_rules import ask_rotation


class RotateKeyOnDemand(Operation):
    """Ask for one rotation; the schedule of automatic ones stays as it is."""

    action = "RotateKeyOnDemand"
    read_only = False
    key_member = "KeyId"
    recorded = "KeyId"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse keys that never rotate before looking at the state.

        Raises:
          UnsupportedOperationException: it is not a symmetric key.
        """
        check_symmetric(turn)
        super().allow_in_state(turn)

    def change(self, turn: Turn) -> RotationAsked:
        """Note the wish, if the key may still have it."""
        change = RotationAsked(key_id=turn.found.key_id, time_ns=turn.now_ns)
        ask_rotation(turn.keyring, turn.found, change)
        return change

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Name the key."""
        return {"KeyId": turn.found.arn(turn.region)}

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key."""
        return {"keyId": turn.found.arn(turn.region)}
