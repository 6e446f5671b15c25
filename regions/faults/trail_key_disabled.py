"""An administrator disables the KMS key that a trail's files are encrypted under.

Model: DisableKey through the public API, in the region of the key, which is that of the bucket.
CloudTrail gets no data key, so nothing is delivered to the bucket; GetTrailStatus shows
KMS.DisabledException. At the end EnableKey, and what waited is delivered.
Limits: worlds without services = true have no such keys; then nothing fits.
"""

from collections.abc import Generator, Mapping
from typing import ClassVar

from regions.errors import ServiceError
from regions.faults.errand import (
    ACCOUNT_OPTION,
    UNDO_PAUSES_NS,
    Answer,
    Ask,
    Errand,
    OperatorError,
    Steps,
)
from sim.options import Option


class TrailKeyDisabled(OperatorError):
    """A trail's files cannot be encrypted until the end."""

    name: ClassVar[str] = "trail-key-disabled"
    place: ClassVar[str] = "the region of the trail's key"
    options: ClassVar[Mapping[str, Option]] = {
        "trail": Option("any", "word", "its name; any: one whose key is in this region"),
        "account": ACCOUNT_OPTION,
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._key = ""

    def err(self, errand: Errand) -> Steps:
        """Disable it."""
        self._key = yield from self._find(errand)
        if self._key:
            yield Ask(action="DisableKey", parameters={"KeyId": self._key})

    def undo(self, errand: Errand) -> Steps:  # noqa: ARG002 - the contract of operator errors
        """Enable it again, until it says that it is."""
        key = {"KeyId": self._key}
        for pause_ns in UNDO_PAUSES_NS if self._key else ():
            yield pause_ns
            yield Ask(action="EnableKey", parameters=key)
            answer = yield Ask(action="DescribeKey", parameters=key)
            if isinstance(answer, ServiceError) or answer["KeyMetadata"]["Enabled"]:
                return

    def _find(self, errand: Errand) -> Generator[Ask | int, Answer, str]:
        """Return the id of the key of a trail; "" if no trail has one here."""
        wanted = self.word("trail")
        answer = yield Ask(action="DescribeTrails", service="cloudtrail")
        listed = [] if isinstance(answer, ServiceError) else answer["trailList"]
        keys = [
            one["KmsKeyId"]
            for one in listed
            if one.get("KmsKeyId", "").split(":")[3:4] == [self.target]
            and wanted in (self.options["trail"].default, one["Name"])
        ]
        return errand.rng.choice(keys).rpartition("/")[2] if keys else ""
