"""What the actors of a region say to each other besides API calls.

What does not belong here: calls (calls.py), HSM commands, replication and trail messages.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import ApiCall
from regions.hsm.commands import HsmIdentity
from sim.wire import SINCE, Message, Refusal


class RouteUnknown(Refusal):
    """Could not connect to the endpoint: no such host name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Message):
    """The regional endpoint asks an AZ whether it serves."""

    known: int = 0  #: the version of the region's members that the endpoint knows


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer(Message):
    """Whether the AZ has caught up and takes calls."""

    serving: bool
    #: Which start of its host this is, from 1; 0 of software that does not say.
    incarnation: int = field(default=0, metadata={SINCE: 2})
    version: int = field(default=0, metadata={SINCE: 2})  #: of the members; 0: nothing newer
    azs: tuple[str, ...] = field(default=(), metadata={SINCE: 2})  #: the AZ actors, if newer


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeReplica(Message):
    """A checker asks an AZ what its key-store replica holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaState(Message):
    """One AZ's replica, summed up."""

    serving: bool
    applied: int  #: index of the last applied log entry
    digest: bytes  #: equal digests, equal replicas
    hbk_ids: tuple[bytes, ...]  #: of every key token it holds, sorted
    domain_version: int
    active_key: int  #: number of the active domain key
    hsms_ready: int  #: how many of its own HSMs are in the domain, as far as it knows


@dataclass(frozen=True, slots=True, kw_only=True)
class HsmUp(Message):
    """An HSM tells its AZ host that it has power and is in no domain yet."""

    serial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositToken(Message):
    """A copy of the newest exported domain token, for the safe."""

    token: bytes
    version: int
    azs: tuple[str, ...] = ()  #: the region's AZ actors; () if they are those it began with


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryNeeded(Message):
    """An AZ tells the operator that no HSM of the region is in its domain any more."""

    az: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeOpened(Message):
    """The operator has brought an offline HSM that can admit the online ones."""

    hsm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled(Message):
    """The regional endpoint has an AZ record and answer a call that exceeds a quota."""

    call: ApiCall


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolHsm(Message):
    """The operator has a new device in the safe that the next domain token must list."""

    hsm: str
    identity: HsmIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWords(Message):
    """A host that dies of a call tells the regional endpoint which one it was."""

    fingerprint: bytes  #: as fingerprint() gives it: of what was asked, not of who asked when


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchKey(Message):
    """Who runs the world asks an AZ for a key, with all that decides about its use."""

    name: str  #: id, ARN or alias
    account: str  #: whose alias it is, if it is the name alone


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySketch(Message):
    """A key, its names and its grants, as one AZ's replica has them; no key material."""

    key_id: str  #: "" if there is no such key
    data: bytes  #: snapshot of a keyring that has this key alone


#: Wire ids 4–19 and 602–603.
REGION_FRAMES: Final[dict[int, type[Any]]] = {
    4: RouteUnknown,
    5: Probe,
    6: ProbeAnswer,
    7: DescribeReplica,
    8: ReplicaState,
    9: HsmUp,
    10: DepositToken,
    11: RecoveryNeeded,
    12: SafeOpened,
    13: Throttled,
    14: EnrolHsm,
    15: LastWords,
    602: SketchKey,
    603: KeySketch,
}
