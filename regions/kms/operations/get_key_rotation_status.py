"""GetKeyRotationStatus: whether and how often a key rotates, and when next.

Source: AWS KMS API Reference, GetKeyRotationStatus: false while the key awaits deletion; AWS
managed keys rotate every year.
"""

from typing import Any

from regions.kms.key import CONDEMNED, rotation_due_ns, timestamp
from regions.kms.material import PERIOD_DAYS_DEFAULT, Rotation
from regions.kms.operation import Turn
from regions.kms.rotation import RotationOperation


class GetKeyRotationStatus(RotationOperation):
    """Return the rotation settings."""

    action = "GetKeyRotationStatus"
    read_only = True
    crosses_accounts = True
    recorded = "KeyId"

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return what is set, and the one rotation on demand that is under way."""
        key = turn.found
        body: dict[str, Any] = {"KeyId": key.arn(turn.region), "KeyRotationEnabled": False}
        if key.service:
            due_ns = rotation_due_ns(key, turn.region)
            return body | _enabled(PERIOD_DAYS_DEFAULT, due_ns)
        rotation = key.rotation or Rotation()
        if key.state not in CONDEMNED and rotation.enabled:
            body |= _enabled(rotation.period_days, rotation.due_ns)
        if rotation.asked_ns:
            body["OnDemandRotationStartDate"] = timestamp(rotation.asked_ns)
        return body

    def response_elements(self, turn: Turn) -> None:  # noqa: ARG002 - a read
        """Show nothing."""
        return


def _enabled(period_days: int, due_ns: int | None) -> dict[str, Any]:
    seen: dict[str, Any] = {"KeyRotationEnabled": True, "RotationPeriodInDays": period_days}
    if due_ns is not None:
        seen["NextRotationDate"] = timestamp(due_ns)
    return seen
