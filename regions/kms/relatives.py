"""What regions say to each other about multi-Region keys; any may be lost, late or doubled.

These are the only messages about keys that leave a region, and of them only MaterialSent carries
material: sealed for the HSMs of one other region. What does not belong here: what a region does
about them (border.py, family_rules.py).
Source: AWS KMS Cryptographic Details, "Multi-Region keys"; the messages are chosen.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.hsm.exchange import MaterialWrapped, Transfer
from regions.kms.abroad import has_resigned
from regions.kms.key import Key
from regions.kms.keyring import Keyring
from regions.kms.material import AWS_KMS, Asked, Family, Report
from sim.quick import changed
from sim.wire import SINCE, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyUpdate(Message):
    """The primary key's region tells another one what a replica shares with it."""

    source: str
    target: str
    key: Key  #: without tokens; a new replica's policy, description and tags in it
    birth: bool  #: the replica may be made if it is not there
    signer: bytes  #: public half of the source's signing key
    time_ns: int  #: calendar of the source
    #: Who asked for the replica, or for the move of the primary key.
    asked: Asked | None = field(default=None, metadata={SINCE: 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaReport(Message):
    """A replica's region tells the primary key's how the replica stands."""

    target: str
    key_id: str
    report: Report
    gone: bool  #: it was purged
    signer: bytes  #: public half of the replica's region's signing key


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTaken(Message):
    """The primary key's region knows that."""

    target: str
    key_id: str
    report: Report
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialWanted(Message):
    """A replica's region offers an agreement key for material that it lacks."""

    transfer: Transfer
    offered: bytes  #: P-384 point, 97 bytes
    signature: bytes
    asker: str  #: the host that made the offer


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialSent(Message):
    """Sealed material, to the host that made the offer."""

    transfer: Transfer
    offered: bytes
    wrapped: MaterialWrapped


#: Wire ids 648–652.
RELATIVES_FRAMES: Final[dict[int, type[Any]]] = {
    648: FamilyUpdate,
    649: ReplicaReport,
    650: ReportTaken,
    651: MaterialWanted,
    652: MaterialSent,
}


def update_for(
    keyring: Keyring, key: Key, target: str, signer: bytes, time_ns: int
) -> FamilyUpdate:
    """Return what a replica's region is told of the family of a key."""
    family = key.family
    assert family is not None, f"{key.key_id} has no relatives"
    born = [one for one in family.births if one.region == target]
    handing_over = has_resigned(key, keyring.region)
    told = changed(
        key,
        sequence=0,
        state="",
        description=born[0].description if born else "",
        policy=born[0].policy if born else "",
        tags=born[0].tags if born else None,
        tokens=(),
        notes=tuple(one.note for one in key.annotated if one.note is not None),
        deletion_ns=0,
        family=Family(
            primary=family.primary,
            replicas=family.replicas,
            version=family.version,
            moving_to=family.moving_to,
            births=family.births if handing_over else (),
        ),
    )
    return FamilyUpdate(
        source=keyring.region,
        target=target,
        key=told,
        birth=bool(born),
        signer=signer,
        time_ns=time_ns,
        asked=born[0].asked if born else family.asked,
    )


def may_leave(key: Key, hbk_id: bytes) -> bytes:
    """Return the token of material that another region of the family may have, or b"".

    Imported material is imported into each region by its owner.
    """
    material = key.material(hbk_id)
    if key.family is None or key.origin != AWS_KMS or material is None:
        return b""
    return material.token
