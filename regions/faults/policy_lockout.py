"""An administrator gives a key a policy that locks its users out.

Model: PutKeyPolicy with a policy that names only a break-glass user; callers, the administrator
among them, get AccessDeniedException. The service refuses such a policy unless it is told to
bypass its safety check, and it is. At the end the break-glass user puts the old policy back.
Limits: had the policy named nobody, only the provider's support could help; not modelled.
"""

import json
from collections.abc import Mapping
from typing import ClassVar, Final

from regions.errors import ServiceError
from regions.faults.errand import (
    ACCOUNT_OPTION,
    KEY_OPTION,
    SETTLE_NS,
    UNDO_PAUSES_NS,
    Ask,
    Errand,
    OperatorError,
    Steps,
    staff,
    victim,
)
from sim.options import Option

BREAK_GLASS: Final = "break-glass"


class PolicyLockout(OperatorError):
    """A key's policy locks out everyone but a break-glass user, who mends it at the end."""

    name: ClassVar[str] = "policy-lockout"
    options: ClassVar[Mapping[str, Option]] = {"key": KEY_OPTION, "account": ACCOUNT_OPTION}

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._key_id = self._policy = ""

    def err(self, errand: Errand) -> Steps:
        """Lock everyone else out."""
        self._key_id = yield from victim(errand, self.word("key"))
        if not self._key_id:
            return
        answer = yield Ask(action="GetKeyPolicy", parameters={"KeyId": self._key_id})
        if isinstance(answer, ServiceError):
            return  # It was not the administrator's to begin with.
        self._policy = answer["Policy"]
        parameters = {
            "KeyId": self._key_id,
            "Policy": lockout(self.word("account")),
            "BypassPolicyLockoutSafetyCheck": True,
        }
        yield Ask(action="PutKeyPolicy", parameters=parameters)

    def undo(self, errand: Errand) -> Steps:  # noqa: ARG002 - the contract of operator errors
        """Put the old policy back, and see that it stands."""
        key = {"KeyId": self._key_id}
        for pause_ns in UNDO_PAUSES_NS if self._policy else ():
            yield pause_ns
            parameters = {**key, "Policy": self._policy}
            yield Ask(action="PutKeyPolicy", parameters=parameters, user=BREAK_GLASS)
            yield SETTLE_NS
            answer = yield Ask(action="GetKeyPolicy", parameters=key)
            if not isinstance(answer, ServiceError) or answer.code == "NotFoundException":
                return


def lockout(account: str) -> str:
    """Return a key policy that names nobody but the break-glass user."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": staff(BREAK_GLASS, account).arn},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
