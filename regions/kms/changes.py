"""Replicated changes of a region's keys, and the command that a log entry carries.

What does not belong here: what a change does (keyring.py) and how entries are replicated.
A change carries everything that it needs, drawn before it was proposed, so that every replica
comes to the same state.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import Connection, Principal
from regions.kms.abroad import ABROAD_FRAMES, Departure, Signer
from regions.kms.grant import Grant
from regions.kms.key import Key
from regions.kms.key_store import STORE_FRAMES, KeyStore
from regions.kms.material import MATERIAL_FRAMES
from regions.kms.material_changes import (
    MATERIAL_CHANGE_FRAMES,
    MaterialDeleted,
    MaterialExpired,
)
from regions.kms.usage import USAGE_FRAMES, KeyUse
from regions.trail.record import AuditRecord, Resource
from sim.wire import SINCE, Codec, Message


class Superseded(Exception):
    """The provider's own change came too late; it leaves no trace."""


class KeyGone(Exception):
    """The key was purged after the change had been proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCreated(Message):
    """A customer's key comes into being."""

    key: Key  #: its sequence is given when it is applied
    limited: bool = field(default=False, metadata={SINCE: 2})  #: the resource quotas apply


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedKeyCreated(Message):
    """The AWS managed key of a service and account; whoever comes second meets the first's key."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStateSet(Message):
    """EnableKey or DisableKey."""

    key_id: str
    action: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionScheduled(Message):
    """The key may no longer be used, and is purged when the window has passed."""

    key_id: str
    deletion_ns: int  #: calendar
    window_days: int = 0  #: for a primary key, whose window may begin later


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionCancelled(Message):
    """The key is saved; it ends up disabled."""

    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPut(Message):
    """Another key policy."""

    key_id: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasCreated(Message):
    """A name for a key, in the key's account."""

    name: str  #: with its ``alias/``
    key_id: str
    time_ns: int  #: calendar
    limited: bool = field(default=True, metadata={SINCE: 2})  #: the resource quotas apply


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMoved(Message):
    """A name stands for another key of its account."""

    name: str  #: with its ``alias/``
    key_id: str  #: what it names from now on
    time_ns: int  #: calendar
    limited: bool = field(default=True, metadata={SINCE: 2})  #: the resource quotas apply


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasDeleted(Message):
    """A name stands for nothing any more."""

    account: str
    name: str  #: with its ``alias/``


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionSet(Message):
    """Another text about a key."""

    key_id: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsSet(Message):
    """A key has these tags, beside those of other names."""

    key_id: str
    tags: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagsRemoved(Message):
    """A key has no tags of these names."""

    key_id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCreated(Message):
    """Somebody may do something with a key."""

    grant: Grant  #: its sequence is given when it is applied
    limited: bool = field(default=True, metadata={SINCE: 2})  #: the resource quotas apply


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantEnded(Message):
    """A grant was retired or revoked."""

    key_id: str
    grant_id: str
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensRewrapped(Message):
    """Key tokens under a newer domain key; each says itself whose it is and under which."""

    tokens: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPurged(Message):
    """The window has passed: material, policy and aliases are gone for ever."""

    key_id: str
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainTokenStored(Message):
    """A newer exported domain token of the region's HSMs, with key tokens it has wrapped anew."""

    token: bytes
    version: int
    active_key: int  #: number of the active domain key
    members: tuple[str, ...]  #: serials of the HSMs that can open it
    time_ns: int  #: calendar
    tokens: tuple[bytes, ...] = ()  #: under its active key; () in what replicas keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Message):
    """What one log entry carries: a change, and the audit record that rides with it."""

    change: Message
    record: AuditRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Message):
    """A name for a key, as the replicas keep it."""

    account: str
    name: str
    key_id: str
    created_ns: int
    updated_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringSnapshot(Message):
    """The whole replicated state of one region's keys."""

    region: str
    next_sequence: int
    keys: tuple[Key, ...]
    aliases: tuple[Alias, ...]
    domain: DomainTokenStored | None
    domain_rotated_ns: int  #: calendar time at which the active domain key came into being
    grants: tuple[Grant, ...] = field(default=(), metadata={SINCE: 2})
    stores: tuple[KeyStore, ...] = field(default=(), metadata={SINCE: 2})
    uses: tuple[KeyUse, ...] = field(default=(), metadata={SINCE: 2})
    signers: tuple[Signer, ...] = field(
        default=(), metadata={SINCE: 2}
    )  #: the regions' signing keys, as they were heard of
    departed: tuple[Departure, ...] = field(
        default=(), metadata={SINCE: 2}
    )  #: purged replicas that the primary's region may miss


#: Wire ids 150–179; those of key stores and uses have 660–679.
CHANGE_FRAMES: Final[dict[int, type[Any]]] = {
    150: KeyCreated,
    151: ManagedKeyCreated,
    152: KeyStateSet,
    153: DeletionScheduled,
    154: DeletionCancelled,
    155: PolicyPut,
    156: AliasCreated,
    158: TokensRewrapped,
    159: KeyPurged,
    160: DomainTokenStored,
    161: Command,
    162: Key,
    163: Alias,
    164: KeyringSnapshot,
    165: AliasMoved,
    170: AliasDeleted,
    171: DescriptionSet,
    172: TagsSet,
    173: TagsRemoved,
    174: Grant,
    175: GrantCreated,
    176: GrantEnded,
    **STORE_FRAMES,
    **USAGE_FRAMES,
}

#: Changes after which something is to be on no disk any more: each replica keeps only what it is
#: like since then.
FORGETTING: Final = (KeyPurged, MaterialDeleted, MaterialExpired)

#: What a log entry or a snapshot may contain; ids as in the one table of all frames.
LOG_CODEC: Final = Codec(
    {
        **CHANGE_FRAMES,
        **MATERIAL_FRAMES,
        **MATERIAL_CHANGE_FRAMES,
        **ABROAD_FRAMES,
        1: Principal,
        200: Resource,
        201: AuditRecord,
        740: Connection,
    }
)
