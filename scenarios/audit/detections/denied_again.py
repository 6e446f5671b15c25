"""One caller is denied the use of keys again and again: it tries what it may not."""

from collections.abc import Iterable
from typing import Final

from scenarios.audit.detections.detection import MEDIUM, Detection, Finding, Group, Period
from scenarios.audit.detections.rates import densest
from scenarios.audit.event import Event
from scenarios.audit.naming import KMS, named

#: Denied calls of one caller within the span; chosen: a wrong setting is tried three times by an
#: SDK in its standard mode, and once more by hand.
DENIED: Final = 5
SPAN_SECONDS: Final = 3_600
#: As records write it, and as answers do.
_CODES: Final = ("AccessDenied", "AccessDeniedException")
_USES: Final = (
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "ReEncrypt",
    "Sign",
    "DeriveSharedSecret",
)


class DeniedAgain(Detection):
    """Five denied uses of keys by one caller within an hour."""

    name = "denied-again"
    summary = f"{DENIED} uses of keys by one caller denied within an hour"
    severity = MEDIUM

    def __init__(self, period: Period) -> None:
        super().__init__(period)
        self._denied: dict[str, list[Event]] = {}

    def see(self, event: Event) -> None:
        """Keep a denied use."""
        if (
            event.service == KMS
            and event.name in _USES
            and event.error in _CODES
            and self.period.judged(event.time)
        ):
            self._denied.setdefault(event.actor, []).append(event)

    def findings(self) -> Iterable[Finding]:
        """Return one finding for each caller that was denied often enough."""
        for actor, denied in sorted(self._denied.items()):
            together = densest(denied, SPAN_SECONDS)
            if len(together) < DENIED:
                continue
            keys = sorted({key for event in together for key in named(event).arns})
            names = ", ".join(sorted({event.name for event in together}))
            text = f"{names} denied {len(together)} times within an hour, on {len(keys)} keys"
            if len(keys) == 1:
                text = f"{names} denied {len(together)} times within an hour"
            subject = keys[0] if len(keys) == 1 else ""
            yield self.finding(Group(together), text, subject=subject, who=actor)
