"""What those who must know callers ask of IAM, beside API calls.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
Resolve               gateway asks IAM               Resolved, or NoSuchAccessKey
FindRole              STS asks IAM                   FoundRole, or NoSuchRole
FindPrincipal         who runs the world asks IAM    FoundPrincipal, or NoSuchPrincipal
ListCredentials       who runs the world asks IAM    Credentials
AddCredentials        who runs the world asks IAM    AddedCredentials, or NoSuchEntity
ClearDirectory        who runs the world asks IAM    Credentials
====================  =============================  ==============================================

What does not belong here: API calls (calls.py), and what IAM keeps on its disk (changes.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import Principal
from sim.wire import Message, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(Message):
    """Who holds this access key, and what does he know?"""

    access_key_id: str
    session_token: str = field(repr=False, default="")  #: that came with it; "" if none did


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Message):
    """The holder of an active access key, or of a session's."""

    principal: Principal  #: with all policies that apply to it now
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False, default="")  #: "" of a long-term key
    expires_ns: int = 0  #: calendar; 0: it does not expire; it may be over already


class NoSuchAccessKey(Refusal):
    """There is no such key, it is inactive, or the token is not one of its session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRole(Message):
    """What is known of the role with this ARN?"""

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRole(Message):
    """A role, as far as whoever lends it must know it."""

    account: str
    name: str
    role_id: str  #: ``AROA...``
    arn: str
    trust: str = field(repr=False)  #: the policy that says who may assume it, a JSON document
    max_session_s: int
    tags: tuple[tuple[str, str], ...]


class NoSuchRole(Refusal):
    """There is no role with that ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindPrincipal(Message):
    """Who is the user, the role or the role's session with this ARN?"""

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPrincipal(Message):
    """Somebody, as if he made a call now."""

    principal: Principal  #: with all policies that apply to it, but no session policies


class NoSuchPrincipal(Refusal):
    """There is no user or role with that ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCredentials(Message):
    """Which long-term access keys are there, in all accounts?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential(Message):
    """One long-term access key, without its secret."""

    access_key_id: str
    account: str
    user: str  #: "" of an account's root
    active: bool
    created_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials(Message):
    """All long-term access keys, the oldest first."""

    credentials: tuple[Credential, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCredentials(Message):
    """Make an access key, whatever number its holder has already."""

    account: str  #: twelve digits
    user: str = ""  #: that exists; "": the account's root


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedCredentials(Message):
    """A new access key; nobody can ask for its secret again."""

    credential: Credential
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDirectory(Message):
    """Forget everything but the access keys of accounts' roots."""


#: Wire ids 450–460, 470 and 604–606.
IAM_FRAMES: Final[dict[int, type[Any]]] = {
    450: Resolve,
    451: Resolved,
    452: NoSuchAccessKey,
    453: FindRole,
    454: FoundRole,
    455: NoSuchRole,
    456: ListCredentials,
    457: Credentials,
    458: AddCredentials,
    459: AddedCredentials,
    460: Credential,
    470: ClearDirectory,
    604: FindPrincipal,
    605: FoundPrincipal,
    606: NoSuchPrincipal,
}
