"""What is to be built: regions, their AZs, and the figures that hold for all of them.

What does not belong here: the actors that make them up (topology.py).
Source: AWS KMS Cryptographic Details (at least three AZs); the AZ ids are the provider's.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from regions.admission import Admission
from regions.api.protocols import PROTOCOLS
from regions.capacity import QUEUE_LIMIT
from regions.names import REGIONS
from regions.operator import CEREMONY_NS
from regions.region import ADMISSION_LIMIT
from regions.replication.node import SCRUB_NS
from regions.trail.audit_ack import AuditAck

#: How many AZs of a region with more are used; three is the fewest a region has.
AZS_PER_REGION: Final = 3

#: Where the table of AZ ids offers more, these are taken.
_CHOSEN_AZS: Final[dict[str, tuple[str, ...]]] = {
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4"),
}

#: The smallest values of a topology's figures; a share far below this would admit no call a year.
LOWEST: Final[dict[str, float]] = {
    "quota_share": 1e-6,
    "capacity_per_az": 0,
    "queue_per_az": 1,
    "admission_limit": 1,
}


class TopologyError(ValueError):
    """A topology that cannot be built; the text names the region or AZ."""


def default_azs(region: str) -> tuple[str, ...]:
    """Return the three AZ ids that a region gets when nobody says which.

    Raises:
      TopologyError: there is no such region.
    """
    if region not in REGIONS:
        raise TopologyError(f"region {region!r}: expected one of {', '.join(REGIONS)}")
    return _CHOSEN_AZS.get(region, REGIONS[region][:AZS_PER_REGION])


def default_regions() -> dict[str, tuple[str, ...]]:
    """Return the default topology: three regions of three AZs."""
    return {name: default_azs(name) for name in ("us-east-1", "eu-west-1", "ap-northeast-1")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """What is to be built."""

    regions: dict[str, tuple[str, ...]] = field(default_factory=default_regions)
    audit_ack: AuditAck = "quorum"
    audit_acks: dict[str, AuditAck] = field(default_factory=dict)  #: for single regions
    consistency: Literal["eventual", "linearizable"] = "eventual"
    #: With eventual reads: AZs hear of keys and aliases as late as of grants, 0.5 s in the median.
    visibility_lag: bool = False
    ceremony_ns: int = CEREMONY_NS
    may_sleep: bool = True  #: False keeps quiet replication groups awake, for comparison
    quotas: bool = False  #: the regions' request quotas and adjustable resource quotas apply
    quota_share: float = 1.0  #: of each quota above 15 calls/s; small, so that few calls reach it
    capacity_per_az: float = 0  #: calls per second; 0: as many as its workers can take
    queue_per_az: int = QUEUE_LIMIT  #: calls that wait at an AZ's host; it refuses more
    admission: Admission = "none"  #: what an endpoint does with more calls than its AZs can serve
    admission_limit: int = ADMISSION_LIMIT  #: calls under way to one AZ, for ``queue-limit``
    #: Services that leave no events, as CloudTrail does not support them: ``sns`` and the like.
    unsupported: tuple[str, ...] = ()
    #: Every region has S3, STS, SNS, CloudWatch Logs and EventBridge; buckets have policies.
    services: bool = False
    #: Of these, the object stores behind the S3 API at least; no scenario says so.
    s3: bool = field(default=False, metadata={"live_only": True})
    #: Between two comparisons of a node's disk with its checksums; no scenario says so.
    scrub_ns: int = field(default=SCRUB_NS, metadata={"live_only": True})

    def __post_init__(self) -> None:
        """Give S3 to whoever has all services."""
        object.__setattr__(self, "s3", self.s3 or self.services)

    def covering(self, names: tuple[str, ...]) -> "Topology":
        """Return this topology with the regions that it lacks, in their default AZs.

        Raises:
          TopologyError: there is no such region.
        """
        missing = {name: default_azs(name) for name in names if name not in self.regions}
        return replace(self, regions={**self.regions, **missing})


def check(topology: Topology) -> None:
    """Make sure that a topology can be built.

    Raises:
      TopologyError: an AZ id is not of its region, a region has an AZ twice or fewer than three,
        a figure is out of range, or there is no such service.
    """
    _check_figures(topology)
    for region, azs in topology.regions.items():
        known = REGIONS.get(region)
        if known is None:
            raise TopologyError(f"region {region!r}: expected one of {', '.join(REGIONS)}")
        for az in azs:
            if az not in known:
                raise TopologyError(f"AZ {az!r} of {region}: expected one of {', '.join(known)}")
            if azs.count(az) > 1:
                raise TopologyError(f"region {region!r} has AZ {az!r} twice")
        if len(azs) < AZS_PER_REGION:
            raise TopologyError(f"region {region!r} has {len(azs)} AZs; expected 3 or more")


def _check_figures(topology: Topology) -> None:
    for name, lowest in LOWEST.items():
        value = getattr(topology, name)
        if not lowest <= value < float("inf"):
            raise TopologyError(f"{name} {value}: expected a number of {lowest} or more")
    for service in topology.unsupported:
        if service not in PROTOCOLS:
            raise TopologyError(
                f"unsupported service {service!r}: expected one of {', '.join(PROTOCOLS)}"
            )
