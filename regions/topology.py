"""Regions, AZs and the actors that make them up: data in, a running world out.

The only file that names the actor classes together. What does not belong here: how any of them
behaves, or how far they are apart (latency.py).
Source: AWS KMS Cryptographic Details (HSMs and key tokens in at least three AZs); CloudTrail User
Guide (regional recording, trails over all regions).
"""

from dataclasses import dataclass, field, replace
from typing import Final

from regions.az import Az, AzConfig
from regions.bucket import Bucket
from regions.fleet import FleetConfig
from regions.hsm.hsm import Hsm, HsmConfig
from regions.names import REGIONS
from regions.operator import CEREMONY_NS, Operator, OperatorConfig
from regions.region import Region, RegionConfig
from regions.replication.node import Node, NodeConfig
from regions.router import Router, RouterConfig
from regions.trail.audit_ack import AuditAck
from regions.trail.messages import RegionJoined
from regions.trail.recorder import Recorder, RecorderConfig
from regions.trail.trail import Trail, TrailConfig
from sim.world import SimWorld

#: How many AZs of a region with more are used; three is the fewest a region has.
AZS_PER_REGION: Final = 3
HSMS_PER_AZ: Final = 2

#: Where the table of AZ ids offers more, these are taken.
_CHOSEN_AZS: Final[dict[str, tuple[str, ...]]] = {
    "us-east-1": ("use1-az1", "use1-az2", "use1-az4"),
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
    consistency: str = "eventual"
    ceremony_ns: int = CEREMONY_NS
    may_sleep: bool = True  #: False keeps quiet replication groups awake, for comparison

    def covering(self, names: tuple[str, ...]) -> "Topology":
        """Return this topology with the regions that it lacks, in their default AZs.

        Raises:
          TopologyError: there is no such region.
        """
        missing = {name: default_azs(name) for name in names if name not in self.regions}
        return replace(self, regions={**self.regions, **missing})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Names of the actors of a running world, by region."""

    fronts: dict[str, str]
    routers: dict[str, str]
    azs: dict[str, tuple[str, ...]]
    nodes: dict[str, tuple[str, ...]]
    recorders: dict[str, tuple[str, ...]]
    hsms: dict[str, tuple[str, ...]]
    trails: dict[str, str]
    buckets: dict[str, str]
    operators: dict[str, str]
    hsms_per_az: int = HSMS_PER_AZ


def build(world: SimWorld, topology: Topology) -> Deployment:
    """Start every actor of a topology.

    Raises:
      TopologyError: an AZ id is not of its region, or a region has fewer than three AZs.
    """
    _check(topology)
    regions = topology.regions
    endpoints = {("kms", region): f"{region}/front" for region in regions}
    endpoints |= {("cloudtrail", region): f"{region}/trail" for region in regions}
    for region in regions:
        _start_plane(world, topology, region)
    for region, azs in regions.items():
        for az in azs:
            _start_az(world, topology, region, az)
        fronts = tuple(f"{region}/{az}/az" for az in azs)
        world.start(Region, RegionConfig(azs=fronts), name=f"{region}/front")
        world.start(Router, RouterConfig(endpoints=endpoints), name=f"{region}/router")

    def each(actor: str) -> dict[str, tuple[str, ...]]:
        return {r: tuple(f"{r}/{az}/{actor}" for az in azs) for r, azs in regions.items()}

    def hsms(region: str) -> tuple[str, ...]:
        return tuple(hsm for az in regions[region] for hsm in _hsms(region, az))

    return Deployment(
        fronts={region: f"{region}/front" for region in regions},
        routers={region: f"{region}/router" for region in regions},
        azs=each("az"),
        nodes=each("node"),
        recorders=each("recorder"),
        hsms={region: hsms(region) for region in regions},
        trails={region: f"{region}/trail" for region in regions},
        buckets={region: f"{region}/bucket" for region in regions},
        operators={region: f"safe/{region}/operator" for region in regions},
    )


def _check(topology: Topology) -> None:
    for region, azs in topology.regions.items():
        known = REGIONS.get(region)
        if known is None:
            raise TopologyError(f"region {region!r}: expected one of {', '.join(REGIONS)}")
        for az in azs:
            if az not in known:
                raise TopologyError(f"AZ {az!r} of {region}: expected one of {', '.join(known)}")
        if len(azs) < AZS_PER_REGION:
            raise TopologyError(f"region {region!r} has {len(azs)} AZs; expected 3 or more")


def _hsms(region: str, az: str) -> tuple[str, ...]:
    return tuple(f"{region}/{az}/hsm-{number}" for number in range(1, HSMS_PER_AZ + 1))


def _start_plane(world: SimWorld, topology: Topology, region: str) -> None:
    """Start what a region has once: its trail service, its bucket service, its safe."""
    world.start(Bucket, None, name=f"{region}/bucket")
    known = tuple(
        RegionJoined(region=name, trail=f"{name}/trail", bucket=f"{name}/bucket")
        for name in topology.regions
    )
    world.start(Trail, TrailConfig(region=region, regions=known), name=f"{region}/trail")
    world.start(Hsm, HsmConfig(offline=True), name=f"safe/{region}/hsm")
    world.start(
        Operator,
        OperatorConfig(
            hsm=f"safe/{region}/hsm",
            azs=tuple(f"{region}/{az}/az" for az in topology.regions[region]),
            ceremony_ns=topology.ceremony_ns,
        ),
        name=f"safe/{region}/operator",
    )


def _start_az(world: SimWorld, topology: Topology, region: str, az: str) -> None:
    """Start the actors of one AZ: those that others ask first."""
    place, azs = f"{region}/{az}", topology.regions[region]
    own = _hsms(region, az)
    for hsm in own:
        world.start(Hsm, HsmConfig(host=f"{place}/az"), name=hsm)
    world.start(
        Recorder,
        RecorderConfig(
            az=f"{place}/az",
            peers=tuple(f"{region}/{other}/recorder" for other in azs if other != az),
            trail=f"{region}/trail",
            audit_ack=topology.audit_acks.get(region, topology.audit_ack),
        ),
        name=f"{place}/recorder",
    )
    world.start(
        Node,
        NodeConfig(
            peers=tuple(f"{region}/{other}/node" for other in azs),
            az=f"{place}/az",
            may_sleep=topology.may_sleep,
        ),
        name=f"{place}/node",
    )
    world.start(
        Az,
        AzConfig(
            region=region,
            node=f"{place}/node",
            recorder=f"{place}/recorder",
            fleet=FleetConfig(
                region=region,
                own=own,
                others=tuple(h for o in azs if o != az for h in _hsms(region, o)),
                offline=(f"safe/{region}/hsm",),
                operator=f"safe/{region}/operator",
            ),
            consistency=topology.consistency,
        ),
        name=f"{place}/az",
    )
