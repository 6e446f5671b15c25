"""An alias points to another key: who names the alias seals under a key of somebody's choice."""

from scenarios.audit.detections.detection import MEDIUM, OneByOne
from scenarios.audit.event import Event, text
from scenarios.audit.naming import KMS, named


class AliasMoved(OneByOne):
    """UpdateAlias was accepted."""

    name = "alias-moved"
    summary = "an alias was pointed to another key"
    severity = MEDIUM

    def judge(self, event: Event) -> tuple[str, str] | None:
        """Judge an UpdateAlias."""
        if event.service != KMS or event.name != "UpdateAlias" or event.error:
            return None
        alias, target = text(event.parameters, "aliasName"), text(event.parameters, "targetKeyId")
        keys = named(event).arns
        subject = next((key for key in keys if key.endswith(target.rpartition("/")[2])), target)
        return subject, f"{alias} points to another key now"
