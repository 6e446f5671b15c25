"""DisableKeyRotation: stop rotating a key's material by its period.

Source: AWS KMS API Reference, DisableKeyRotation.
"""

from regions.kms.material_changes import RotationSet
from regions.kms.operation import Turn
from regions.kms.rotation import RotationOperation


class DisableKeyRotation(RotationOperation):
    """Switch automatic rotation off; rotation on demand stays possible."""

    action = "DisableKeyRotation"
    recorded = "KeyId"

    def change(self, turn: Turn) -> RotationSet:
        """Switch it off."""
        return RotationSet(
            key_id=turn.found.key_id,
            action=self.action,
            enabled=False,
            period_days=0,
            time_ns=turn.now_ns,
        )
