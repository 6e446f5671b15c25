"""What STS's actions work with, and the sessions that they make.

What does not belong here: any one action (operations/), and how a token is made (token.py).
Source: STS API Reference, "Credentials".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from regions.crypto.aead import IV_BYTES
from regions.iam.identifiers import ID_BYTES, SESSION, access_key_id
from regions.iam.messages import FoundRole
from regions.service.operation import Operation, Values
from regions.sts.token import Claims, Tokens
from sim.quick import changed
from sim.units import NS_PER_SECOND

#: Shortest session. Source: STS API Reference.
SESSION_MIN_S: Final = 900


@dataclass(frozen=True, slots=True)
class Counter:
    """What stands before whoever makes a session."""

    tokens: Tokens
    draw: Callable[[int], bytes]  #: bytes that nobody can guess
    role: FoundRole | None  #: that the call names; None if it names none, or there is none

    def issue(self, claims: Claims) -> dict[str, Any]:
        """Return credentials of a session, in the members of the API; the key id is made here."""
        key_id = access_key_id(SESSION, claims.account, self.draw(ID_BYTES))
        claims = changed(claims, access_key_id=key_id)
        token, secret = self.tokens.seal(claims, self.draw(IV_BYTES))
        return {
            "AccessKeyId": key_id,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": float(claims.expires_ns // NS_PER_SECOND),
        }


def _no_role(_parameters: Values) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StsOperation(Operation):
    """One API action of STS."""

    role_arn: Callable[[Values], str] = _no_role  #: of the role that IAM is asked for; "": none


def shown(credentials: dict[str, Any]) -> dict[str, Any]:
    """Return credentials as a record shows them: without what opens anything."""
    hidden = ("SecretAccessKey", "SessionToken")
    return {name: value for name, value in credentials.items() if name not in hidden}


def whole_second(calendar_ns: int) -> int:
    """Return the second that a session begins in, in nanoseconds: answers show no less."""
    return calendar_ns // NS_PER_SECOND * NS_PER_SECOND
