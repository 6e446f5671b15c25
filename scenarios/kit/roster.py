"""Who calls: principals that a test has named, and everybody whom the simulated IAM knows.

Each principal gets an access key of its own, so that requests are signed and verified as ever.
What does not belong here: IAM itself (regions/iam/), and signatures (regions/api/sigv4.py).
Source: IAM User Guide, "IAM identifiers" (prefixes and forms of ids); access keys of the AWS
documentation's own examples.
"""

import hashlib
import re
from base64 import b32encode
from dataclasses import dataclass, field, replace
from typing import Any, Final

from regions.api.sigv4_values import Secret
from regions.calls import Principal
from regions.live.asking import Asking
from regions.live.callers import DEFAULT_ACCOUNT, Caller, Known
from regions.names import is_account
from scenarios.accounts import ALLOW_ALL
from scenarios.kit.enrolled import Credentials, of_role, of_user
from sim.actor import Expired
from sim.quick import changed
from sim.world import SimWorld

_ARN: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>\d{12}):"
    r"(?P<kind>root|user|role|assumed-role)(?:/(?P<path>.+))?"
)
_EXAMPLES: Final = (
    "arn:aws:iam::111122223333:root, arn:aws:iam::111122223333:user/NAME, "
    "arn:aws:iam::111122223333:role/NAME or arn:aws:sts::111122223333:assumed-role/NAME/SESSION"
)
_SECRET_BYTES: Final = 40
_ID_CHARACTERS: Final = 16
#: Of a role whose session nobody has named.
SESSION: Final = "application"


class PrincipalError(ValueError):
    """A principal that cannot be; the text names it and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A principal with an access key, as ``boto3_client(principal=...)`` takes it."""

    principal: Principal = field(repr=False)
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False, default="")  #: of a role that IAM knows
    console: bool = False  #: signed in to the management console

    @property
    def arn(self) -> str:
        """Who calls; of a role, the ARN of its session."""
        return self.principal.arn


class Roster:
    """Looks access keys up: first among those that a test has named, then in IAM.

    Args:
      world: as it is asked for each request.
      stepped: the same, for what is asked between requests.
      iam: name of the actor that knows the others.
    """

    def __init__(self, world: Asking, stepped: SimWorld, iam: str) -> None:
        self._stepped = stepped
        self._iam = iam
        self._known = Known(world, iam)
        self._callers: dict[str, Caller] = {}
        self._identities: dict[tuple[str, tuple[str, ...] | None, str], Identity] = {}

    def asking(self, world: Asking) -> "Roster":
        """Return one that knows the same and asks IAM in another way."""
        found = Roster(world, self._stepped, self._iam)
        found._callers = self._callers
        return found

    async def find(self, access_key_id: str, session_token: str) -> Caller | None:
        """Return who holds a key, and the token that came with it.

        Raises:
          Expired, Refusal: IAM does not answer, and did not lately.
        """
        found = self._callers.get(access_key_id)
        if found is not None:
            return found
        return await self._known.find(access_key_id, session_token)

    def changed(self) -> None:
        """Forget what IAM has said."""
        self._known.changed()

    def root(self, account: str = DEFAULT_ACCOUNT) -> Identity:
        """Return the root of an account.

        Raises:
          PrincipalError: that is no account number.
        """
        if not is_account(account):
            raise PrincipalError(f"account {account!r}: expected twelve digits")
        return self.named(f"arn:aws:iam::{account}:root")

    def named(
        self, arn: str, policies: tuple[str, ...] | None = None, session: str = SESSION
    ) -> Identity:
        """Return a principal by its ARN, whether or not IAM knows it.

        Args:
          policies: identity policies, JSON documents; None: those that IAM has for it, and if IAM
            does not know it, everything is allowed.
          session: of a role.
        Raises:
          PrincipalError: the ARN names no root, user or role, or IAM does not answer.
        """
        name = (arn, policies, session)
        found = self._identities.get(name)
        if found is not None:
            return found
        made = _identity(arn, (ALLOW_ALL,) if policies is None else policies, session)
        enrolled = self._enrolled(made.principal) if policies is None else None
        if enrolled is not None:
            found = self._identities[name] = replace(
                made,
                access_key_id=enrolled.access_key_id,
                secret_access_key=enrolled.secret_access_key,
                session_token=enrolled.session_token,
            )
            return found
        # Whom IAM does not know now it may know later.
        if policies is not None or made.principal.kind == "Root":
            self._identities[name] = made
        secret = Secret(made.secret_access_key)
        self._callers[made.access_key_id] = Caller(secret, made.principal)
        return made

    def signed_in(self, identity: Identity, begun_ns: int) -> Identity:
        """Return somebody as the management console calls for him.

        Args:
          begun_ns: calendar time of the session's begin.
        """
        seal = _digits("console", identity.access_key_id, str(begun_ns))
        key_id, secret = "ASIA" + seal[:_ID_CHARACTERS], _digits("secret", seal)[:_SECRET_BYTES]
        principal = identity.principal
        begun_ns = principal.session_ns or begun_ns
        principal = changed(principal, access_key_id=key_id, session_ns=begun_ns)
        self._callers[key_id] = Caller(Secret(secret), principal, console=True)
        return Identity(
            principal=principal, access_key_id=key_id, secret_access_key=secret, console=True
        )

    def is_console(self, access_key_id: str) -> bool:
        """Say whether a key is of a session of the management console."""
        found = self._callers.get(access_key_id)
        return found is not None and found.console

    def _enrolled(self, principal: Principal) -> Credentials | None:
        """Return credentials of somebody whom IAM knows; None if it does not."""
        world, iam, account = self._stepped, self._iam, principal.account
        try:
            if principal.kind == "IAMUser":
                return of_user(world, iam, account, principal.user_name)
            if principal.kind == "AssumedRole":
                session = principal.arn.rpartition("/")[2]
                return of_role(world, iam, principal.issuer_arn, session)
        except Expired as error:
            raise PrincipalError(
                f"principal {principal.arn!r}: IAM does not answer; expected no fault that stops it"
            ) from error
        return None


def _identity(arn: str, policies: tuple[str, ...], session: str) -> Identity:
    match = _ARN.fullmatch(arn)
    kind = match["kind"] if match else ""
    path = (match["path"] if match else None) or ""
    if match is None or bool(path) == (kind == "root"):
        raise PrincipalError(f"principal {arn!r}: expected {_EXAMPLES}")
    account, seal = match["account"], _digits(arn, *policies, session)
    role = kind in ("role", "assumed-role")
    key_id, secret = ("ASIA" if role else "AKIA") + seal[:_ID_CHARACTERS], _digits("secret", seal)
    how: dict[str, Any] = {"account": account, "access_key_id": key_id}
    if kind == "root":
        principal = Principal(kind="Root", arn=arn, principal_id=account, **how)
    elif kind == "user":
        name, user_id = path.rpartition("/")[2], "AIDA" + _digits("user", arn)[:_ID_CHARACTERS]
        principal = Principal(
            kind="IAMUser", arn=arn, principal_id=user_id, user_name=name, policies=policies, **how
        )
    else:
        name, _, given = path.partition("/") if kind == "assumed-role" else (path, "", session)
        short, session = name.rpartition("/")[2], given or session
        head = f"arn:{match['partition']}"
        role_id = "AROA" + _digits("role", account, name)[:_ID_CHARACTERS]
        principal = Principal(
            kind="AssumedRole",
            arn=f"{head}:sts::{account}:assumed-role/{short}/{session}",
            principal_id=f"{role_id}:{session}",
            user_name=short,
            issuer_arn=f"{head}:iam::{account}:role/{name}",
            policies=policies,
            **how,
        )
    return Identity(
        principal=principal, access_key_id=key_id, secret_access_key=secret[:_SECRET_BYTES]
    )


def _digits(*parts: str) -> str:
    """Return 51 letters and digits, the same for the same parts; nothing here is a secret."""
    sealed = hashlib.sha256("\0".join(parts).encode()).digest()
    return b32encode(sealed).decode().rstrip("=")
