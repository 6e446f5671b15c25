"""What IAM's journal holds: each user, role, group, policy and access key as it is now.

A change is the whole thing anew, or that it is gone, so the journal's last word on a name counts.
What does not belong here: how they depend on each other (directory.py), and what travels between
actors (messages.py).
Source: layout chosen; members as in the IAM API Reference.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from sim.wire import Message

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Message):
    """One user."""

    account: str
    name: str
    path: str
    user_id: str
    created_ns: int
    inline: Pairs = ()  #: name and JSON document of each policy of its own
    attached: tuple[str, ...] = ()  #: ARNs of managed policies
    boundary: str = ""  #: ARN of the permissions boundary
    tags: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Message):
    """One role."""

    account: str
    name: str
    path: str
    role_id: str
    created_ns: int
    trust: str  #: the policy that says who may assume it, a JSON document
    max_session_s: int
    description: str = ""
    inline: Pairs = ()
    attached: tuple[str, ...] = ()
    boundary: str = ""
    tags: Pairs = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Message):
    """One group of users."""

    account: str
    name: str
    path: str
    group_id: str
    created_ns: int
    members: tuple[str, ...] = ()  #: names of users
    inline: Pairs = ()
    attached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion(Message):
    """One version of a managed policy; it never changes."""

    number: int  #: 1, 2, ...
    document: str = field(repr=False)
    created_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Message):
    """One managed policy of an account."""

    account: str  #: ``aws`` of those that everybody has
    name: str
    path: str
    policy_id: str
    created_ns: int
    updated_ns: int
    versions: tuple[PolicyVersion, ...]  #: oldest first
    default: int  #: number of the version that counts
    latest: int  #: number of the newest version there ever was
    description: str = ""
    tags: Pairs = ()

    @property
    def document(self) -> str:
        """The version that counts."""
        return next(one.document for one in self.versions if one.number == self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessKey(Message):
    """One long-term access key."""

    access_key_id: str
    account: str
    user: str  #: name; "" of the account's root
    sealed: bytes = field(repr=False)  #: the secret (vault.py)
    active: bool
    created_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone(Message):
    """There is no such thing any more."""

    kind: str  #: ``user``, ``role``, ``group``, ``policy`` or ``key``
    account: str
    name: str  #: of a key, its id


#: Ids within IAM's journal.
IAM_CHANGES: Final[dict[int, type[Any]]] = {
    1: User,
    2: Role,
    3: Group,
    4: Policy,
    5: PolicyVersion,
    6: AccessKey,
    7: Gone,
}
