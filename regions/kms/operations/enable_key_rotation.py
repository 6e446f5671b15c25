"""EnableKeyRotation: have a key's material rotated every 90–2560 days.

Source: AWS KMS API Reference, EnableKeyRotation; by default every 365 days, counted from the call.
"""

from typing import Any

from regions.kms.material import PERIOD_DAYS_DEFAULT
from regions.kms.material_changes import RotationSet
from regions.kms.operation import Turn
from regions.kms.rotation import RotationOperation


class EnableKeyRotation(RotationOperation):
    """Switch automatic rotation on, or change its period."""

    action = "EnableKeyRotation"

    def change(self, turn: Turn) -> RotationSet:
        """Set the period, which the service's model keeps within 90–2560 days."""
        return RotationSet(
            key_id=turn.found.key_id,
            action=self.action,
            enabled=True,
            period_days=_period_days(turn),
            time_ns=turn.now_ns,
        )

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the period even when the caller left it to the default."""
        seen = super().request_parameters(turn)
        return seen and {**seen, "rotationPeriodInDays": _period_days(turn)}


def _period_days(turn: Turn) -> int:
    days: int | None = turn.parameters.get("RotationPeriodInDays")
    return PERIOD_DAYS_DEFAULT if days is None else days
