"""Access keys as who runs a live world sees them: which there are, and one more.

What does not belong here: IAM itself (iam/), how it is asked for from outside (admin.py), and
what is printed (scenarios/commands/).
"""

from dataclasses import dataclass, field
from typing import Final

from regions.iam.messages import (
    AddCredentials,
    AddedCredentials,
    Credential,
    Credentials,
    ListCredentials,
)
from regions.names import is_account
from sim.live import LiveWorld
from sim.units import seconds

_TIMEOUT_NS: Final = seconds(10)


class CredentialsError(ValueError):
    """Credentials that cannot be made; the text says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstKey:
    """The access key that a client is told at the start."""

    access_key_id: str  #: "" if the account's root has none that works
    secret_access_key: str = field(repr=False)  #: "" if it was told before


async def list_credentials(world: LiveWorld, iam: str) -> tuple[Credential, ...]:
    """Return all long-term access keys of all accounts, the oldest first.

    Raises:
      Expired: IAM does not answer.
    """
    found: Credentials = await world.ask(iam, ListCredentials(), timeout_ns=_TIMEOUT_NS)
    return found.credentials


async def add_credentials(
    world: LiveWorld, iam: str, account: str, user: str = ""
) -> AddedCredentials:
    """Make an access key; its secret is in the answer, and nobody can ask for it again.

    Args:
      world: that runs.
      iam: name of its IAM actor.
      account: twelve digits.
      user: that exists; "" stands for the account's root.

    Raises:
      CredentialsError: there is no such account number.
      NoSuchEntity: there is no such user.
      Expired: IAM does not answer.
    """
    if not is_account(account):
        raise CredentialsError(f"account {account!r}: expected twelve digits")
    asked = AddCredentials(account=account, user=user)
    added: AddedCredentials = await world.ask(iam, asked, timeout_ns=_TIMEOUT_NS)
    return added


async def first_key(world: LiveWorld, iam: str, account: str) -> FirstKey:
    """Return the root's key of an account; where there are no keys at all, make it.

    Raises:
      Expired: IAM does not answer.
    """
    known = await list_credentials(world, iam)
    if not known:
        added = await add_credentials(world, iam, account)
        return FirstKey(
            access_key_id=added.credential.access_key_id,
            secret_access_key=added.secret_access_key,
        )
    for key in known:
        if key.active and not key.user and key.account == account:
            return FirstKey(access_key_id=key.access_key_id, secret_access_key="")
    return FirstKey(access_key_id="", secret_access_key="")
