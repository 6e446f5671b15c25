"""An administrator disables the KMS key that a trail's files are encrypted under.

Model: DisableKey through the public API, in the region of the key, which is that of the bucket.
CloudTrail gets no data key, so nothing is delivered to the bucket; GetTrailStatus shows
KMS.DisabledException. At the end EnableKey, and what waited is delivered.
Limits: worlds without services = true have no such keys; then nothing fits.
"""

from collections.abc import Generator, Mapping
from typing import ClassVar

from regions.faults.errand import (
    ACCOUNT_OPTION,
    Answer,
    Ask,
    Errand,
    OperatorError,
    Steps,
    listed_trails,
    undone,
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
        if self._key:
            key = {"KeyId": self._key}
            enable = Ask(action="EnableKey", parameters=key)
            look = Ask(action="DescribeKey", parameters=key)
            yield from undone(enable, look, lambda answer: answer["KeyMetadata"]["Enabled"])

    def _find(self, errand: Errand) -> Generator[Ask | int, Answer, str]:
        """Return the id of the key of a trail; "" if no trail has one here."""
        wanted = self.word("trail")
        listed = yield from listed_trails()
        keys = [
            one["KmsKeyId"]
            for one in listed
            if one.get("KmsKeyId", "").split(":")[3:4] == [self.target]
            and wanted in (self.options["trail"].default, one["Name"])
        ]
        return errand.rng.choice(keys).rpartition("/")[2] if keys else ""
