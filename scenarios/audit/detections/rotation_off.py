"""Automatic rotation of a key was switched off."""

from scenarios.audit.detections.detection import LOW, OneByOne
from scenarios.audit.event import Event
from scenarios.audit.naming import KMS, named


class RotationOff(OneByOne):
    """DisableKeyRotation was accepted."""

    name = "rotation-off"
    summary = "automatic rotation of a key was switched off"
    severity = LOW

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge a DisableKeyRotation."""
        if event.service != KMS or event.name != "DisableKeyRotation" or event.error:
            return None
        return next(iter(named(event).arns), ""), "automatic rotation switched off"
