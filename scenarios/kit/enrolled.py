"""Credentials of users and roles that the simulated IAM knows: they may do what it lets them.

A user gets one more access key; a role gets a session without anybody assuming it, so that its
trust policy need not know of tests. Neither leaves a record.
What does not belong here: principals that nobody has made (roster.py).
Source: IAM User Guide, "Managing access keys" and "Temporary security credentials".
"""

from dataclasses import dataclass, field
from typing import Final

from regions.crypto.aead import IV_BYTES
from regions.iam.errors import NoSuchEntity
from regions.iam.identifiers import ID_BYTES, SESSION, access_key_id
from regions.iam.messages import AddCredentials, AddedCredentials, FindRole, FoundRole, NoSuchRole
from regions.sts.token import BATTERY, Claims, Tokens
from sim.units import years
from sim.world import SimWorld

_KEY_BYTES: Final = 32
#: A session of a test lasts as long as any cloud.
_LASTS_NS: Final = years(50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client signs with."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False, default="")  #: "" of a user's


def of_user(world: SimWorld, iam: str, account: str, name: str) -> Credentials | None:
    """Return a new access key of a user; None if IAM knows none of that name.

    Raises:
      Expired: IAM does not answer.
    """
    try:
        added: AddedCredentials = world.ask(iam, AddCredentials(account=account, user=name))
    except NoSuchEntity:
        return None
    return Credentials(
        access_key_id=added.credential.access_key_id,
        secret_access_key=added.secret_access_key,
    )


def of_role(world: SimWorld, iam: str, arn: str, session: str) -> Credentials | None:
    """Return a session of a role; None if IAM does not know it.

    Raises:
      Expired: IAM does not answer.
    """
    try:
        role: FoundRole = world.ask(iam, FindRole(arn=arn))
    except NoSuchRole:
        return None
    dice, now_ns = world.rng("kit", "sessions"), world.calendar_ns
    claims = Claims(
        access_key_id=access_key_id(SESSION, role.account, dice.randbytes(ID_BYTES)),
        kind="AssumedRole",
        account=role.account,
        owner=role.name,
        owner_id=role.role_id,
        session=session,
        issued_ns=now_ns,
        expires_ns=now_ns + _LASTS_NS,
    )
    tokens = Tokens(world.kernel.battery(*BATTERY)(_KEY_BYTES))
    token, secret = tokens.seal(claims, dice.randbytes(IV_BYTES))
    return Credentials(
        access_key_id=claims.access_key_id, secret_access_key=secret, session_token=token
    )
