"""An administrator schedules the deletion of a key that is in use.

Model: ScheduleKeyDeletion with ``window`` days, through the public API; callers get
KMSInvalidStateException. At the end somebody notices: CancelKeyDeletion, then EnableKey.
Limits: a fault that lasts longer than the window loses the key for good, as it was ordered.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.errors import ServiceError
from regions.faults.errand import (
    ACCOUNT_OPTION,
    KEY_OPTION,
    UNDO_PAUSES_NS,
    Ask,
    Errand,
    OperatorError,
    Steps,
    victim,
)
from sim.options import Option


class WrongDeletion(OperatorError):
    """A key in use is scheduled for deletion, and saved at the end."""

    name: ClassVar[str] = "wrong-deletion"
    options: ClassVar[Mapping[str, Option]] = {
        "key": KEY_OPTION,
        "window": Option("7", "number", "days until the key is purged", least="7", most="30"),
        "account": ACCOUNT_OPTION,
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._key_id = ""

    def err(self, errand: Errand) -> Steps:
        """Condemn a key."""
        self._key_id = yield from victim(errand, self.word("key"))
        if self._key_id:
            window = int(self.number("window"))
            parameters = {"KeyId": self._key_id, "PendingWindowInDays": window}
            yield Ask(action="ScheduleKeyDeletion", parameters=parameters)

    def undo(self, errand: Errand) -> Steps:  # noqa: ARG002 - the contract of operator errors
        """Save it, in as many steps as its state asks for."""
        key = {"KeyId": self._key_id}
        for pause_ns in UNDO_PAUSES_NS if self._key_id else ():
            yield pause_ns
            answer = yield Ask(action="DescribeKey", parameters=key)
            if isinstance(answer, ServiceError):
                return  # It is gone for good.
            state = answer["KeyMetadata"]["KeyState"]
            if state == "PendingDeletion":
                yield Ask(action="CancelKeyDeletion", parameters=key)
            elif state == "Disabled":
                yield Ask(action="EnableKey", parameters=key)
            else:
                return
