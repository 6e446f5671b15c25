"""What a region owes to other regions for its multi-Region keys, as its replicas keep it.

Everything here is a function of the replicated changes, so a new leader goes on where the old one
stopped. What does not belong here: how it is paid (border.py), and rules about a key
(family_rules.py). Which signing keys of other regions are trusted: the first that was heard of, for
ever; how real regions learn each other's is not public.
Source: AWS KMS Cryptographic Details, "Multi-Region keys": each region knows the public halves of
the others' signing keys.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from regions.kms.key import Key, KeyState
from regions.kms.material import AWS_KMS, Family
from sim.wire import Message

UPDATE: Final = "update"
REPORT: Final = "report"
FETCH: Final = "fetch"
FAREWELL: Final = "farewell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure(Message):
    """A replica that was purged, until the primary's region knows."""

    key_id: str
    account: str
    members: tuple[str, ...]  #: regions of its relatives, the primary's first


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer(Message):
    """A region's signing key, as far as this region knows it."""

    region: str
    public: bytes  #: P-384 point, 97 bytes
    key_id: str = ""  #: of the own one: what its token belongs to


#: Wire ids 634–635.
ABROAD_FRAMES: Final[dict[int, type[Any]]] = {634: Departure, 635: Signer}


@dataclass(frozen=True, slots=True, order=True)
class Errand:
    """One thing that is owed; equal ones are the same debt."""

    kind: str
    key_id: str
    region: str  #: to whom
    version: int  #: of the family; what is newer is another debt
    hbk_id: bytes = b""  #: the material that is missing


class Abroad:
    """The debts of one region's keys, and the signing keys that it trusts."""

    def __init__(self, region: str) -> None:
        self._region = region
        self.signers: dict[str, Signer] = {}
        self.departed: dict[str, Departure] = {}
        self._owing: dict[str, Key] = {}
        self.changes = 0  #: grows with everything that may change what is owed

    @property
    def own(self) -> Signer | None:
        """This region's signing key, or None before it was needed."""
        return self.signers.get(self._region)

    def trust(self, region: str, public: bytes) -> None:
        """Remember a region's signing key if none is known."""
        if region not in self.signers:
            self.signers[region] = Signer(region=region, public=public)

    def note(self, key: Key) -> None:
        """Remember or forget that something is owed for a key."""
        if key.family is None:
            return
        self.changes += 1
        if next(_errands(key, key.family, self._region), None) is None:
            self._owing.pop(key.key_id, None)
        else:
            self._owing[key.key_id] = key

    def purged(self, key: Key) -> None:
        """Remember to say that a replica is gone; forget what else was owed for it."""
        self._owing.pop(key.key_id, None)
        self.changes += 1
        family = key.family
        if family is not None and family.primary != self._region:
            members = tuple(one for one in family.members if one != self._region)
            self.departed[key.key_id] = Departure(
                key_id=key.key_id, account=key.account, members=members
            )

    def heard(self, key_id: str) -> None:
        """Forget a replica of which the primary's region knows that it is gone."""
        self.changes += 1
        self.departed.pop(key_id, None)

    def errands(self) -> Iterator[Errand]:
        """Yield all that is owed now."""
        for key in self._owing.values():
            if key.family is not None:
                yield from _errands(key, key.family, self._region)
        for gone in self.departed.values():
            for region in gone.members:
                yield Errand(FAREWELL, gone.key_id, region, 0)


def has_resigned(key: Key, region: str) -> bool:
    """Say whether a key has given up being the primary one, and the next may not know yet."""
    family = key.family
    return (
        family is not None
        and key.state == KeyState.UPDATING
        and family.primary == family.moving_to != region
    )


def _errands(key: Key, family: Family, region: str) -> Iterator[Errand]:
    version = family.version
    if family.primary == region:
        for replica in family.replicas:
            report = family.report(replica)
            if report is None or report.version < version:
                yield Errand(UPDATE, key.key_id, replica, version)
    elif has_resigned(key, region):
        yield Errand(UPDATE, key.key_id, family.primary, version)
    elif family.untold:
        # The primary's region learns with it whose signature an offer of material has.
        yield Errand(REPORT, key.key_id, family.primary, version)
    elif key.origin == AWS_KMS:
        for one in key.materials:
            if not one.token:
                yield Errand(FETCH, key.key_id, family.primary, version, one.hbk_id)
