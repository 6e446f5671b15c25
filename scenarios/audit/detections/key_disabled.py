"""A key was disabled: what it sealed cannot be opened until somebody enables it."""

from scenarios.audit.detections.detection import MEDIUM, OneByOne
from scenarios.audit.event import Event
from scenarios.audit.naming import KMS, named


class KeyDisabled(OneByOne):
    """DisableKey was accepted."""

    name = "key-disabled"
    summary = "a key was disabled"
    severity = MEDIUM

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge a DisableKey."""
        if event.service != KMS or event.name != "DisableKey" or event.error:
            return None
        return next(iter(named(event).arns), ""), "key disabled"
