"""ScheduleKeyDeletion: condemn a key; it is purged when its window has passed.

Source: AWS KMS API Reference, ScheduleKeyDeletion; the model allows 1–365 days, the service
7–30, with this message.
"""

from typing import Any, Final

from regions.errors import ValidationException
from regions.kms.changes import DeletionScheduled
from regions.kms.key import KeyState, timestamp
from regions.kms.operation import Operation, Turn, date_text
from sim.units import days

WINDOW_DAYS_MIN: Final = 7
WINDOW_DAYS_MAX: Final = 30
WINDOW_DAYS_DEFAULT: Final = 30


class ScheduleKeyDeletion(Operation):
    """Put the key into PendingDeletion for 7–30 days, a primary key once it has no replicas."""

    action = "ScheduleKeyDeletion"
    read_only = False
    irreversible = True
    key_member = "KeyId"
    recorded = "KeyId PendingWindowInDays"

    def check(self, turn: Turn) -> None:
        """Refuse windows that the service does not grant."""
        super().check(turn)
        if not WINDOW_DAYS_MIN <= _window_days(turn) <= WINDOW_DAYS_MAX:
            raise ValidationException(
                f"PendingWindowInDays must be between {WINDOW_DAYS_MIN} and {WINDOW_DAYS_MAX}"
            )

    def change(self, turn: Turn) -> DeletionScheduled:
        """Set the day of the purge."""
        return DeletionScheduled(
            key_id=turn.found.key_id,
            deletion_ns=_deletion_ns(turn),
            window_days=_window_days(turn),
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Return the day of the purge."""
        seen: dict[str, Any] = {
            "KeyId": turn.found.arn(turn.region),
            "KeyState": _state(turn),
            "PendingWindowInDays": _window_days(turn),
        }
        if _state(turn) == KeyState.PENDING_DELETION:
            seen["DeletionDate"] = timestamp(_deletion_ns(turn))
        return seen

    def request_parameters(self, turn: Turn) -> dict[str, Any] | None:
        """Show the window even when the caller left it to the default."""
        seen = super().request_parameters(turn)
        return seen and {"pendingWindowInDays": WINDOW_DAYS_DEFAULT, **seen}

    def response_elements(self, turn: Turn) -> dict[str, Any]:
        """Name the key, its state and the day of the purge."""
        seen: dict[str, Any] = {
            "keyId": turn.found.arn(turn.region),
            "keyState": _state(turn),
        }
        if _state(turn) == KeyState.PENDING_DELETION:
            seen["deletionDate"] = date_text(_deletion_ns(turn))
        seen["pendingWindowInDays"] = _window_days(turn)
        return seen


def _state(turn: Turn) -> str:
    """Return the state that the key comes into; a primary key waits for its replicas."""
    waits = turn.found.leads_replicas(turn.region)
    return (KeyState.PENDING_REPLICA_DELETION if waits else KeyState.PENDING_DELETION).value


def _window_days(turn: Turn) -> int:
    window_days: int | None = turn.parameters.get("PendingWindowInDays")
    return WINDOW_DAYS_DEFAULT if window_days is None else window_days


def _deletion_ns(turn: Turn) -> int:
    return turn.now_ns + days(_window_days(turn))
