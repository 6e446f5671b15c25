"""Who is behind an access key: asked of IAM, remembered for a moment, or believed of everybody.

What does not belong here: whether a signature is right (api/sigv4.py), and what anybody may do
(policy/).
Source: IAM User Guide, "Changes that I make are not always immediately visible": look-ups may be
a moment old.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from regions.api.sigv4_values import Secret
from regions.calls import Principal
from regions.iam.messages import NoSuchAccessKey, Resolve, Resolved
from regions.live.asking import Asking
from regions.names import is_account, root_arn
from sim.actor import Expired
from sim.quick import hastened
from sim.units import ms, seconds
from sim.wire import Refusal

#: The account of a caller who names none.
DEFAULT_ACCOUNT: Final = "123456789012"
#: A look-up is believed for so long; chosen: far below what real IAM takes to spread a change.
REMEMBERED_NS: Final = ms(500)
#: As many are remembered; chosen.
REMEMBERED_MAX: Final = 10_000
#: IAM is waited for so long; chosen.
_TIMEOUT_NS: Final = seconds(2)
#: Whoever did not answer is not asked for so long, if something is remembered; chosen.
_AWAY_NS: Final = seconds(5)


@hastened
@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds one access key."""

    secret: Secret
    principal: Principal
    console: bool = False  #: the key is of a session of the management console


#: Whoever does not say who he is; S3 alone listens to him.
ANONYMOUS: Final = Caller(Secret(""), Principal(kind="Anonymous", account="", arn=""))


class Callers(Protocol):
    """Where a gateway looks access keys up."""

    async def find(self, access_key_id: str, session_token: str) -> Caller | None:
        """Return who holds a key, and the token that came with it; None if there is no such."""

    def changed(self) -> None:
        """Forget what was remembered: somebody has changed keys or policies."""


def root_of(account: str, region: str, access_key_id: str = "") -> Principal:
    """Return an account's root."""
    return Principal(
        kind="Root",
        account=account,
        arn=root_arn(region, account),
        principal_id=account,
        access_key_id=access_key_id,
    )


class Everybody:
    """Believes every key: an id of twelve digits is an account, and the caller its root."""

    def __init__(self, region: str) -> None:
        self._region = region

    async def find(self, access_key_id: str, session_token: str) -> Caller | None:  # noqa: ARG002 - believed, too
        """Return the root of the account that the key names, or of the default one."""
        account = access_key_id if is_account(access_key_id) else DEFAULT_ACCOUNT
        return Caller(Secret(""), root_of(account, self._region, access_key_id))

    def changed(self) -> None:
        """Nothing is remembered."""


class Known:
    """Asks IAM, and remembers the answer for a moment; while IAM is away, for longer.

    So a region goes on for those whom it knows when the one where IAM stands is lost. Nobody's
    rights can change in that time, for it is IAM that changes them.

    Args:
      iam: name of the actor that knows the keys.
    """

    def __init__(self, world: Asking, iam: str) -> None:
        self._world = world
        self._iam = iam
        self._remembered: dict[tuple[str, str], tuple[int, Resolved]] = {}
        self._away_until_ns = 0

    async def find(self, access_key_id: str, session_token: str) -> Caller | None:
        """Return who holds a key, and the token that came with it.

        Raises:
          Expired, Refusal: IAM does not answer, and did not lately.
        """
        world, name = self._world, (access_key_id, session_token)
        found = self._remembered.get(name)
        if found is not None and world.now_ns < max(found[0] + REMEMBERED_NS, self._away_until_ns):
            return _caller(found[1], world.calendar_ns)
        resolve = Resolve(access_key_id=access_key_id, session_token=session_token)
        try:
            answer: Resolved = await world.ask(self._iam, resolve, timeout_ns=_TIMEOUT_NS)
        except NoSuchAccessKey:
            self._remembered.pop(name, None)
            return None
        except (Expired, Refusal):
            found = self._remembered.get(name)
            if found is None:
                raise
            self._away_until_ns = world.now_ns + _AWAY_NS
            return _caller(found[1], world.calendar_ns)
        self._away_until_ns = 0
        if len(self._remembered) >= REMEMBERED_MAX:
            self._remembered.clear()
        self._remembered[name] = (world.now_ns, answer)
        return _caller(answer, world.calendar_ns)

    def changed(self) -> None:
        """Forget every answer."""
        self._remembered.clear()


def _caller(found: Resolved, calendar_ns: int) -> Caller:
    """Return who was found, as the check of signatures needs it.

    A session ends on the calendar, which may go faster than the wall clock that signatures are
    checked by: so the check is told that it is over, not when.
    """
    over = found.expires_ns != 0 and calendar_ns >= found.expires_ns
    secret = Secret(found.secret_access_key, found.session_token, 0 if over else None)
    return Caller(secret, found.principal)
