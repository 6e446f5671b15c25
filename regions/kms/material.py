"""The versions of a key's material, and what is said of each beside its token.

A key that was never rotated, imported or replicated carries bare tokens and no notes: very many
keys are like that. What does not belong here: how materials change (material_rules.py), and tokens
themselves (hsm/keytoken.py).
Source: AWS KMS API Reference, RotationsListEntry, ImportKeyMaterial, MultiRegionConfiguration.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from regions.calls import ApiCall, Principal, as_recorded
from regions.hsm import keytoken
from sim.units import days
from sim.wire import SINCE, Message

AWS_KMS: Final = "AWS_KMS"
EXTERNAL: Final = "EXTERNAL"
NEW_MATERIAL: Final = "NEW_KEY_MATERIAL"  #: ImportType
AUTOMATIC: Final = "AUTOMATIC"
ON_DEMAND: Final = "ON_DEMAND"
#: AWS KMS API Reference, EnableKeyRotation: RotationPeriodInDays, default 365.
PERIOD_DAYS_DEFAULT: Final = 365
#: AWS KMS API Reference, RotateKeyOnDemand: 25 times per key.
ON_DEMAND_MAX: Final = 25


class MaterialState(StrEnum):
    """RotationsListEntry.KeyMaterialState."""

    CURRENT = "CURRENT"
    NON_CURRENT = "NON_CURRENT"
    PENDING_ROTATION = "PENDING_ROTATION"
    PENDING_REPLICAS = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialNote(Message):
    """What is known of one version of the material, also while its token is not there."""

    hbk_id: bytes  #: 32 bytes
    state: str = MaterialState.CURRENT.value
    rotated_ns: int = 0  #: calendar time since when it encrypts; 0 of the first material
    rotation: str = ""  #: AUTOMATIC or ON_DEMAND; "" of the first material
    valid_to_ns: int = 0  #: calendar time at which imported material expires; 0: never
    description: str = ""  #: of imported material, by its owner


@dataclass(frozen=True, slots=True)
class Material:
    """One version of a key's material; nothing here is secret."""

    token: bytes  #: exported key token, which names its owner itself; b"" if it is not here
    note: MaterialNote | None = None

    @property
    def hbk_id(self) -> bytes:
        """The 32 bytes that name this material in blob headers."""
        return keytoken.hbk_id(self.token) if self.note is None else self.note.hbk_id

    @property
    def material_id(self) -> str:
        """KeyMaterialId: 64 lower-case hex digits."""
        return self.hbk_id.hex()

    @property
    def domain_key(self) -> int:
        """The number of the domain key that wraps it; 0 of bytes that are no key token."""
        return keytoken.number_of(self.token) or 0

    def noted(self, state: MaterialState) -> MaterialNote:
        """Return its note, or the one that says no more than in which state it is."""
        return self.note or MaterialNote(hbk_id=self.hbk_id, state=state.value)


def joined(tokens: tuple[bytes, ...], notes: tuple[MaterialNote, ...]) -> tuple[Material, ...]:
    """Return the versions of a material, oldest first; there is a note for each or for none."""
    if not notes:
        return tuple(Material(token) for token in tokens)
    return tuple(Material(token, note) for token, note in zip(tokens, notes, strict=True))


def annotated(materials: tuple[Material, ...]) -> tuple[MaterialNote, ...]:
    """Return the note of each version; without notes the last one is the current one."""
    last = len(materials) - 1
    states = (MaterialState.NON_CURRENT, MaterialState.CURRENT)
    return tuple(one.noted(states[place == last]) for place, one in enumerate(materials))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation(Message):
    """How a customer's key is rotated; the primary key's is that of all its replicas."""

    enabled: bool = False  #: automatic rotation
    period_days: int = PERIOD_DAYS_DEFAULT
    begun_ns: int = 0  #: calendar time from which the period counts: enabling or a rotation
    on_demand: int = 0  #: how many rotations on demand were asked for
    asked_ns: int = 0  #: calendar time of the one under way; 0: none

    @property
    def due_ns(self) -> int | None:
        """The calendar time of the next automatic rotation; None: never."""
        return self.begun_ns + days(self.period_days) if self.enabled else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Message):
    """Who asked for what another region does, as that region's record tells."""

    principal: Principal  #: without policies
    request_id: str
    source_ip: str
    user_agent: str


def asked_by(call: ApiCall) -> Asked:
    """Return who makes a call."""
    return Asked(
        principal=as_recorded(call.principal),
        request_id=call.request_id,
        source_ip=call.source_ip,
        user_agent=call.user_agent,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth(Message):
    """A replica that its region has not confirmed yet, and what it begins with."""

    region: str
    policy: str  #: JSON; "" stands for the default one
    description: str
    tags: dict[str, Any] | None
    asked: Asked | None = field(default=None, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Message):
    """What a replica's region has last said of it."""

    region: str
    version: int  #: of the family, as that region knows it
    held: tuple[bytes, ...]  #: ids of the materials that are there
    ready: bool = False  #: it awaits becoming the primary key


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Message):
    """The relatives of a multi-Region key, as one of their regions knows them.

    The primary key's region alone changes what all share, and counts the version with each change.
    Whoever has given up being the primary key never acts as one again, unless a newer version
    makes it one: so at no time there are two.
    """

    primary: str  #: region
    replicas: tuple[str, ...] = ()  #: regions, oldest first
    version: int = 1
    moving_to: str = ""  #: region of the replica that is to be the primary key next
    state_before: str = ""  #: of this key, while it is Updating
    births: tuple[Birth, ...] = ()  #: the primary's
    reports: tuple[Report, ...] = ()  #: the primary's
    untold: bool = False  #: the replica's: the primary's region does not know how it stands
    window_days: int = 0  #: the primary's, while its deletion awaits that of its replicas
    #: The primary's: who wants another one, while that is under way.
    asked: Asked | None = field(default=None, metadata={SINCE: 2})

    @property
    def members(self) -> tuple[str, ...]:
        """The regions of all keys of the family."""
        return (self.primary, *self.replicas)

    def leads_replicas(self, region: str) -> bool:
        """Say whether the key of that region is the primary one, with replicas."""
        return self.primary == region and bool(self.replicas)

    def report(self, region: str) -> Report | None:
        """Return what a replica's region has last said, or None."""
        for one in self.reports:
            if one.region == region:
                return one
        return None


#: Wire ids 620–624 and 741.
MATERIAL_FRAMES: Final[dict[int, type[Any]]] = {
    620: MaterialNote,
    621: Rotation,
    622: Birth,
    623: Report,
    624: Family,
    741: Asked,
}
