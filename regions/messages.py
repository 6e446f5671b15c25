"""What the actors of a region say to each other besides API calls.

What does not belong here: calls (calls.py), HSM commands, replication and trail messages.
"""

from dataclasses import dataclass
from typing import Any, Final

from sim.wire import Message, Refusal


class RouteUnknown(Refusal):
    """Could not connect to the endpoint: no such host name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Message):
    """The regional endpoint asks an AZ whether it serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer(Message):
    """Whether the AZ has caught up and takes calls."""

    serving: bool


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryNeeded(Message):
    """An AZ tells the operator that no HSM of the region is in its domain any more."""

    az: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeOpened(Message):
    """The operator has brought an offline HSM that can admit the online ones."""

    hsm: str


#: Wire ids 4–19.
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
}
