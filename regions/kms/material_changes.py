"""Replicated changes of a key's material: rotation, import, and its relatives in other regions.

What does not belong here: what a change does (material_rules.py), and other changes (changes.py).
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.kms.material import Asked, Birth, Report
from sim.wire import SINCE, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationSet(Message):
    """EnableKeyRotation or DisableKeyRotation."""

    key_id: str
    action: str
    enabled: bool
    period_days: int  #: 0 leaves it as it is, or at the default
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationAsked(Message):
    """RotateKeyOnDemand: a job does it."""

    key_id: str
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialRotated(Message):
    """New material encrypts from now on; the older versions still decrypt."""

    key_id: str
    previous_hbk_id: bytes  #: the material that was current when the new one was made
    token: bytes  #: exported key token of the new material; b"" of imported material that waits
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaAsked(Message):
    """ReplicateKey: the primary's region wants a replica in another one."""

    key_id: str
    birth: Birth


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryMoveAsked(Message):
    """UpdatePrimaryRegion: a replica is to become the primary key."""

    key_id: str
    region: str  #: of that replica
    asked: Asked | None = field(default=None, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyUpdated(Message):
    """The primary's region has said what a replica shares with it, or that it exists."""

    key_id: str
    key: Message  #: a Key without tokens; a new replica's policy, description and tags in it
    source: str  #: the region that said so
    signer: bytes  #: public half of that region's signing key
    birth: bool  #: the replica may be made if it is not there
    told_ns: int  #: calendar of the source when it said so
    time_ns: int  #: calendar
    #: Who asked for the replica, or for the move of the primary key.
    asked: Asked | None = field(default=None, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaReported(Message):
    """A replica's region has said how the replica stands."""

    key_id: str
    report: Report
    gone: bool  #: it was purged
    signer: bytes  #: public half of that region's signing key
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportKept(Message):
    """The primary's region knows what a replica's region has reported."""

    key_id: str
    report: Report
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialArrived(Message):
    """Material of a multi-Region key has come from another region."""

    key_id: str
    token: bytes  #: exported key token of this region
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerMade(Message):
    """The region has a signing key for transfers between regions."""

    key: Message  #: a Key that belongs to no account
    public: bytes  #: P-384 point, 97 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialImported(Message):
    """ImportKeyMaterial: material of the owner's own making."""

    key_id: str
    token: bytes  #: exported key token; names the material
    import_type: str  #: NEW_KEY_MATERIAL, EXISTING_KEY_MATERIAL or ""
    material_id: str  #: which material it must be; "" any
    valid_to_ns: int  #: calendar; 0: it does not expire
    description: str | None  #: None keeps what was said of that material before
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialDeleted(Message):
    """DeleteImportedKeyMaterial."""

    key_id: str
    material_id: str  #: "" stands for the current one
    time_ns: int  #: calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialExpired(Message):
    """The day has come to which some imported material was valid."""

    key_id: str
    time_ns: int  #: calendar


#: Wire ids 625–656, and one of the older block of changes.
MATERIAL_CHANGE_FRAMES: Final[dict[int, type[Any]]] = {
    157: MaterialRotated,
    625: RotationSet,
    626: RotationAsked,
    627: ReplicaAsked,
    628: PrimaryMoveAsked,
    629: FamilyUpdated,
    630: ReplicaReported,
    631: ReportKept,
    632: MaterialArrived,
    633: SignerMade,
    636: MaterialImported,
    637: MaterialDeleted,
    638: MaterialExpired,
}
