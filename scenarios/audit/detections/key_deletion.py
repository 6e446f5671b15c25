"""A key is about to be gone for good: its deletion was scheduled, or its material removed."""

from typing import Final

from scenarios.audit.detections.detection import HIGH, OneByOne
from scenarios.audit.event import Event, text
from scenarios.audit.naming import KMS, named

#: Event -> what it does.
_ENDS: Final = {
    "ScheduleKeyDeletion": "deletion scheduled",
    "DeleteImportedKeyMaterial": "imported key material deleted",
    "DisconnectCustomKeyStore": "custom key store disconnected",
    "DeleteCustomKeyStore": "custom key store deleted",
}


class KeyDeletion(OneByOne):
    """Something was accepted after which a key opens nothing any more."""

    name = "key-deletion"
    summary = "a key's deletion was scheduled, or its material or key store taken away"
    severity = HIGH

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge what ends a key."""
        if event.service != KMS or event.name not in _ENDS or event.error:
            return None
        store = text(event.parameters, "customKeyStoreId")
        subject = next(iter(named(event).arns), store)
        words = _ENDS[event.name]
        days = event.parameters.get("pendingWindowInDays")
        return subject, f"{words}, in {days} days" if isinstance(days, int) else words
