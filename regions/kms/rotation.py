"""What the API actions on rotation share: which keys rotate at all, and how one is recorded.

What does not belong here: what rotation does (rotation_rules.py), and when (jobs/).
Source: AWS KMS API Reference, EnableKeyRotation; messages as observed from the service.
"""

from typing import Any

from regions.errors import UnsupportedOperationException
from regions.kms.key import Key
from regions.kms.material import AWS_KMS
from regions.kms.operation import Operation, Turn


def wrong_origin(key: Key, region: str) -> UnsupportedOperationException:
    """Return the refusal of an action that keys of this origin do not have."""
    text = f"{key.arn(region)} origin is {key.origin} which is not valid for this operation."
    return UnsupportedOperationException(text)


class RotationOperation(Operation):
    """An action on the automatic rotation of one symmetric key."""

    read_only = False
    key_member = "KeyId"
    recorded = "KeyId RotationPeriodInDays"

    def allow_in_state(self, turn: Turn) -> None:
        """Refuse keys that do not rotate before looking at the state.

        Raises:
          UnsupportedOperationException: imported material, or not a symmetric key.
        """
        check_rotates(turn)
        super().allow_in_state(turn)

    def finish(self, turn: Turn) -> dict[str, Any]:  # noqa: ARG002 - the answer is empty
        """Return nothing."""
        return {}

    def response_elements(self, turn: Turn) -> dict[str, Any] | None:
        """Name the key, though the answer does not."""
        return {"keyId": turn.found.arn(turn.region)}


def check_rotates(turn: Turn) -> None:
    """Refuse keys that are not rotated automatically.

    Raises:
      UnsupportedOperationException: imported material, or not a symmetric key.
    """
    check_symmetric(turn)
    if turn.found.origin != AWS_KMS:
        raise wrong_origin(turn.found, turn.region)


def check_symmetric(turn: Turn) -> None:
    """Refuse keys that have one material for ever; the service says no more.

    Raises:
      UnsupportedOperationException: it is not a symmetric key.
    """
    if not turn.found.is_symmetric:
        raise UnsupportedOperationException
