"""Regions, AZs and the actors that make them up: data in, a running world out.

The only file that names the actor classes together. What does not belong here: how any of them
behaves, or how far they are apart (latency.py).
Source: AWS KMS Cryptographic Details (HSMs and key tokens in at least three AZs); CloudTrail User
Guide (regional recording, trails over all regions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from regions.admission import Admission
from regions.api.protocols import GLOBAL_REGION, PROTOCOLS
from regions.az import Az, AzConfig
from regions.bucket import Bucket
from regions.capacity import CALL_NS, QUEUE_LIMIT, Capacity
from regions.deployment import (
    Deployment,
    hsms_of,
    kms_of,
    service_endpoints,
    services_of,
)
from regions.endpoints import LAKE
from regions.events.events import Events, EventsConfig
from regions.fleet import FleetConfig
from regions.hsm.hsm import Hsm, HsmConfig
from regions.iam.iam import Iam
from regions.lake.lake import Lake, LakeConfig
from regions.logs.logs import Logs
from regions.names import REGIONS
from regions.operator import CEREMONY_NS, Operator, OperatorConfig
from regions.region import ADMISSION_LIMIT, Region, RegionConfig
from regions.replication.node import Node, NodeConfig
from regions.router import Router, RouterConfig
from regions.s3.endpoint import S3, S3Config, Site
from regions.s3.store import Store, StoreConfig
from regions.service.service import ServiceConfig
from regions.sns.sns import Sns, SnsConfig
from regions.sts.sts import Sts, StsConfig
from regions.trail.audit_ack import AuditAck
from regions.trail.messages import RegionJoined
from regions.trail.recorder import Recorder, RecorderConfig
from regions.trail.trail import Trail, TrailConfig
from sim.world import World

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What work costs beside what the machine itself takes for it."""

    hsm: HsmConfig = field(default_factory=HsmConfig)
    call_ns: int = CALL_NS  #: of a host, for each call


#: Everything takes the time it takes, and generators draw new entropy often; chosen: ten thousand
#: requests are some seconds of a busy HSM.
WALL_PACE: Final = Pace(
    hsm=HsmConfig(
        introduce_ns=0,
        data_ns=0,
        generate_ns=0,
        rewrap_ns=0,
        elliptic_ns=0,
        key_pair_ns=0,
        rsa_2048_ns=0,
        rsa_3072_ns=0,
        rsa_4096_ns=0,
        requests_per_seed=10_000,
    ),
    call_ns=0,
)


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
    #: Of these, the object stores behind the S3 API alone; no scenario says so.
    s3: bool = field(default=False, metadata={"live_only": True})

    @property
    def has_s3(self) -> bool:
        """Whether object stores are behind the S3 API."""
        return self.s3 or self.services

    def covering(self, names: tuple[str, ...]) -> "Topology":
        """Return this topology with the regions that it lacks, in their default AZs.

        Raises:
          TopologyError: there is no such region.
        """
        missing = {name: default_azs(name) for name in names if name not in self.regions}
        return replace(self, regions={**self.regions, **missing})


def cast(topology: Topology) -> dict[str, str]:
    """Return the kind of every actor that a topology is built of, by name."""
    found: dict[str, str] = {}
    for region, azs in topology.regions.items():
        for az in azs:
            place = f"{region}/{az}"
            found |= dict.fromkeys(hsms_of(place), Hsm.kind)
            found |= {f"{place}/{kind}": kind for kind in (Recorder.kind, Node.kind, Az.kind)}
        once = (Bucket.kind, Trail.kind, Router.kind)
        found |= {f"{region}/{kind}": kind for kind in once}
        found |= {f"{region}/front": Region.kind}
        found |= {f"{region}/s3": S3.kind} if topology.has_s3 else {}
        kinds = (Sts.kind, Sns.kind, Logs.kind, Events.kind, Lake.kind)
        found |= {f"{region}/{kind}": kind for kind in kinds} if topology.services else {}
        found |= {f"safe/{region}/hsm": Hsm.kind, f"safe/{region}/operator": Operator.kind}
    if topology.services:
        found[f"{home_of_global_services(topology)}/iam"] = Iam.kind
    return found


def build(world: World, topology: Topology, pace: Pace | None = None) -> Deployment:
    """Start every actor of a topology.

    Args:
      pace: what work costs; by default what is modelled.

    Raises:
      TopologyError: an AZ id is not of its region, or a region has fewer than three AZs.
    """
    check(topology)
    pace = pace or Pace()
    regions = topology.regions
    endpoints = {("kms", region): f"{region}/front" for region in regions}
    endpoints |= {("cloudtrail", region): f"{region}/trail" for region in regions}
    if topology.services:
        endpoints |= service_endpoints(regions, home_of_global_services(topology))
    for region in regions:
        _start_plane(world, topology, region, pace)
    for region, azs in regions.items():
        for az in azs:
            _start_az(world, topology, region, az, pace)
        world.start(Region, _front(topology, region), name=f"{region}/front")
        world.start(Router, RouterConfig(endpoints=endpoints), name=f"{region}/router")

    def each(actor: str) -> dict[str, tuple[str, ...]]:
        return {r: tuple(f"{r}/{az}/{actor}" for az in azs) for r, azs in regions.items()}

    def hsms(region: str) -> tuple[str, ...]:
        return tuple(hsm for az in regions[region] for hsm in hsms_of(f"{region}/{az}"))

    deployment = Deployment(
        fronts={region: f"{region}/front" for region in regions},
        routers={region: f"{region}/router" for region in regions},
        azs=each("az"),
        nodes=each("node"),
        recorders=each("recorder"),
        hsms={region: hsms(region) for region in regions},
        trails={region: f"{region}/trail" for region in regions},
        buckets={region: f"{region}/bucket" for region in regions},
        operators={region: f"safe/{region}/operator" for region in regions},
        s3={region: f"{region}/s3" for region in regions} if topology.has_s3 else {},
    )
    world.trace.watch("members", deployment.follow)
    return deployment


def home_of_global_services(topology: Topology) -> str:
    """Return the region that serves and records what has no region: ``us-east-1``, or the first.

    Source: CloudTrail User Guide, "Global service events".
    """
    regions = topology.regions
    return GLOBAL_REGION if GLOBAL_REGION in regions else next(iter(regions))


def build_identity(world: World, topology: Topology) -> dict[tuple[str, str], str]:
    """Start the one IAM of a world, where global services are, and an STS in each region.

    Returns:
      Service and region -> the actor that serves it. Where the global endpoints are, there is one
      of both, whether or not the world has that region.
    """
    home = home_of_global_services(topology)
    iam = f"{home}/iam"
    world.start(Iam, ServiceConfig(region=home, trail=f"{home}/trail"), name=iam)
    endpoints = {("iam", GLOBAL_REGION): iam, ("sts", GLOBAL_REGION): f"{home}/sts"}
    for region in topology.regions:
        config = StsConfig(region=region, trail=f"{region}/trail", iam=iam)
        endpoints["sts", region] = world.start(Sts, config, name=f"{region}/sts")
    return endpoints


def build_services(
    world: World, topology: Topology, couriers: Mapping[str, str], url: str
) -> dict[tuple[str, str], str]:
    """Start SNS, CloudWatch Logs, EventBridge and CloudTrail Lake in each region.

    Args:
      couriers: region -> who carries messages of SNS out of the world; may lack regions.
      url: where links in such messages lead.

    Returns:
      Service and region -> the actor that serves it.
    """
    endpoints = {}
    for region in topology.regions:
        trail, sns, logs = f"{region}/trail", f"{region}/sns", f"{region}/logs"
        carried = SnsConfig(region=region, trail=trail, courier=couriers.get(region, ""), url=url)
        endpoints["sns", region] = world.start(Sns, carried, name=sns)
        config = ServiceConfig(region=region, trail=trail)
        endpoints["logs", region] = world.start(Logs, config, name=logs)
        ruled = EventsConfig(region=region, trail=trail, sns=sns, logs=logs)
        endpoints["events", region] = world.start(Events, ruled, name=f"{region}/events")
        lake = world.start(Lake, _lake(topology, region), name=f"{region}/lake")
        endpoints[LAKE, region] = endpoints["cloudtrail-data", region] = lake
    return endpoints


def _lake(topology: Topology, region: str) -> LakeConfig:
    regions = (region, *(name for name in topology.regions if name != region))
    return LakeConfig(
        region=region,
        trail=f"{region}/trail",
        trails={name: f"{name}/trail" for name in regions},
        buckets={name: f"{name}/bucket" for name in regions},
        kms=f"{region}/front",
        asks_policy=topology.has_s3,
    )


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


def _front(topology: Topology, region: str) -> RegionConfig:
    return RegionConfig(
        azs=tuple(f"{region}/{az}/az" for az in topology.regions[region]),
        region=region,
        quota_share=topology.quota_share if topology.quotas else 0,
        admission=topology.admission,
        admission_limit=topology.admission_limit,
    )


def _s3(topology: Topology, region: str) -> S3Config:
    sites = tuple(
        Site(region=name, store=f"{name}/bucket", front=f"{name}/front")
        for name in topology.regions
    )
    return S3Config(region=region, trail=f"{region}/trail", sites=sites)


def _start_plane(world: World, topology: Topology, region: str, pace: Pace) -> None:
    """Start what a region has once: its trail service, its bucket service, its safe."""
    if topology.has_s3:
        world.start(Store, StoreConfig(region=region), name=f"{region}/bucket")
    else:
        world.start(Bucket, None, name=f"{region}/bucket")
    home = home_of_global_services(topology)
    known = tuple(
        RegionJoined(
            region=name,
            trail=f"{name}/trail",
            bucket=f"{name}/bucket",
            services=services_of(name, home) if topology.services else kms_of(name),
        )
        for name in topology.regions
    )
    trail = TrailConfig(
        region=region,
        regions=known,
        asks_policy=topology.has_s3,
        unsupported=topology.unsupported,
        # Such a world has all services (build_services).
        lakes=tuple(f"{name}/lake" for name in topology.regions) if topology.services else (),
    )
    world.start(Trail, trail, name=f"{region}/trail")
    if topology.has_s3:
        world.start(S3, _s3(topology, region), name=f"{region}/s3")
    safe = replace(pace.hsm, offline=True, host=f"safe/{region}/operator")
    world.start(Hsm, safe, name=f"safe/{region}/hsm")
    world.start(
        Operator,
        OperatorConfig(
            hsm=f"safe/{region}/hsm",
            azs=tuple(f"{region}/{az}/az" for az in topology.regions[region]),
            ceremony_ns=topology.ceremony_ns,
        ),
        name=f"safe/{region}/operator",
    )


def _start_az(world: World, topology: Topology, region: str, az: str, pace: Pace) -> None:
    """Start the actors of one AZ: those that others ask first."""
    place, azs = f"{region}/{az}", topology.regions[region]
    own = hsms_of(place)
    for hsm in own:
        world.start(Hsm, replace(pace.hsm, host=f"{place}/az"), name=hsm)
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
                others=tuple(h for o in azs if o != az for h in hsms_of(f"{region}/{o}")),
                offline=(f"safe/{region}/hsm",),
                operator=f"safe/{region}/operator",
            ),
            consistency=topology.consistency,
            quotas=topology.quotas,
            visibility_lag=topology.visibility_lag,
            capacity=Capacity(
                per_second=topology.capacity_per_az,
                call_ns=pace.call_ns,
                queue_limit=topology.queue_per_az,
                drops_late=topology.admission == "adaptive",
            ),
            witnesses=tuple(f"{region}/{other}/recorder" for other in azs if other != az),
            front=f"{region}/front",
            sites=tuple(topology.regions),
        ),
        name=f"{place}/az",
    )
