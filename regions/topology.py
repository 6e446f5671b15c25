"""Regions, AZs and the actors that make them up: data in, a running world out.

The only file that names the actor classes together. What does not belong here: how any of them
behaves, or how far they are apart (latency.py).
Source: AWS KMS Cryptographic Details (HSMs and key tokens in at least three AZs); CloudTrail User
Guide (regional recording, trails over all regions).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from regions.api.protocols import GLOBAL_REGION
from regions.az import Az, AzConfig
from regions.bucket import Bucket
from regions.capacity import Capacity
from regions.deployment import (
    HSMS_PER_AZ,
    Deployment,
    hsms_in,
    service_endpoints,
    services_of,
)
from regions.endpoints import LAKE
from regions.events.events import Events, EventsConfig
from regions.fleet import FleetConfig
from regions.hsm.hsm import Hsm
from regions.iam.iam import Iam
from regions.introductions import TOLD, introduced
from regions.lake.lake import Lake, lake_config
from regions.layout import (
    AZS_PER_REGION,
    Topology,
    TopologyError,
    check,
    default_azs,
    default_regions,
)
from regions.logs.logs import Logs, LogsConfig
from regions.operator import Operator, OperatorConfig
from regions.pace import Pace
from regions.region import Region, RegionConfig
from regions.replication.node import Node, NodeConfig
from regions.router import Router, RouterConfig
from regions.s3.endpoint import S3, S3Config, Site
from regions.s3.store import Store, StoreConfig
from regions.service.service import ServiceConfig
from regions.sns.sns import Sns, SnsConfig
from regions.sts.sts import Sts, StsConfig
from regions.trail.messages import RegionJoined
from regions.trail.recorder import Recorder, RecorderConfig
from regions.trail.trail import Trail, TrailConfig
from sim.world import World

__all__ = [
    "AZS_PER_REGION",
    "HSMS_PER_AZ",
    "LAUNCH_REGION",
    "Deployment",
    "Topology",
    "TopologyError",
    "build",
    "build_identity",
    "build_services",
    "cast",
    "check",
    "default_azs",
    "default_regions",
    "home_of_global_services",
    "launch_region",
    "launch_services",
]

#: The order of a world that was built here (World.orders): ``order(region, azs)``.
LAUNCH_REGION: Final = "launch-region"


def cast(topology: Topology) -> dict[str, str]:
    """Return the kind of every actor that a topology is built of, by name."""
    found: dict[str, str] = {}
    for region, azs in topology.regions.items():
        for az in azs:
            place = f"{region}/{az}"
            found |= dict.fromkeys(hsms_in(place), Hsm.kind)
            found |= {f"{place}/{kind}": kind for kind in (Recorder.kind, Node.kind, Az.kind)}
        once = (Bucket.kind, Trail.kind, Router.kind)
        found |= {f"{region}/{kind}": kind for kind in once}
        found |= {f"{region}/front": Region.kind}
        found |= {f"{region}/s3": S3.kind} if topology.s3 else {}
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
    for region in topology.regions:
        _start_plane(world, topology, region, pace)
    deployment = Deployment()
    for region in topology.regions:
        _start_zones(world, topology, region, pace)
        deployment.add(topology, region)
    world.trace.watch("members", deployment.follow)
    grown = [topology]

    def launch(region: str, azs: tuple[str, ...] = ()) -> None:
        grown[0] = launch_region(world, grown[0], region, azs, pace)
        deployment.add(grown[0], region)

    world.orders[LAUNCH_REGION] = launch
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
        endpoints["sts", region] = _start_sts(world, region, iam)
    return endpoints


def _start_sts(world: World, region: str, iam: str) -> str:
    config = StsConfig(region=region, trail=f"{region}/trail", iam=iam)
    return world.start(Sts, config, name=f"{region}/sts")


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
    endpoints: dict[tuple[str, str], str] = {}
    for region in topology.regions:
        endpoints |= _start_services(world, topology, region, couriers.get(region, ""), url)
    return endpoints


def _start_services(
    world: World, topology: Topology, region: str, courier: str, url: str
) -> dict[tuple[str, str], str]:
    trail, sns, logs = f"{region}/trail", f"{region}/sns", f"{region}/logs"
    carried = SnsConfig(region=region, trail=trail, courier=courier, url=url)
    config = LogsConfig(region=region, trail=trail, sns=sns)
    ruled = EventsConfig(region=region, trail=trail, sns=sns, logs=logs)
    lake = f"{region}/lake"
    return {
        ("sns", region): world.start(Sns, carried, name=sns),
        ("logs", region): world.start(Logs, config, name=logs),
        ("events", region): world.start(Events, ruled, name=f"{region}/events"),
        (LAKE, region): world.start(Lake, lake_config(topology.regions, region), name=lake),
        ("cloudtrail-data", region): lake,
    }


def launch_services(
    world: World, topology: Topology, region: str, courier: str, url: str
) -> dict[tuple[str, str], str]:
    """Start what a launched region has beside KMS, CloudTrail and S3.

    Lakes that stand elsewhere start again, since they read of other regions only then.

    Args:
      topology: with that region.
      courier: who carries messages of SNS out of the world; may be "".
      url: where links in such messages lead.

    Returns:
      Service and region -> the actor that serves it, KMS, CloudTrail and S3 included.
    """
    iam = f"{home_of_global_services(topology)}/iam"
    endpoints = _start_services(world, topology, region, courier, url)
    endpoints["sts", region] = _start_sts(world, region, iam)
    endpoints["kms", region], endpoints["cloudtrail", region] = f"{region}/front", f"{region}/trail"
    endpoints["s3", region] = f"{region}/s3"
    for name in [f"{other}/lake" for other in topology.regions if other != region]:
        if world.is_up(name):
            world.crash(name)
            world.restart(name)
    return endpoints


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


def _joined(topology: Topology, region: str) -> RegionJoined:
    return RegionJoined(
        region=region,
        trail=f"{region}/trail",
        bucket=f"{region}/bucket",
        services=services_of(topology, region, home_of_global_services(topology)),
    )


def _start_plane(world: World, topology: Topology, region: str, pace: Pace) -> None:
    """Start what a region has once: its trail service, its bucket service, its safe."""
    if topology.s3:
        world.start(Store, StoreConfig(region=region), name=f"{region}/bucket")
    else:
        world.start(Bucket, None, name=f"{region}/bucket")
    known = tuple(_joined(topology, name) for name in topology.regions)
    trail = TrailConfig(
        region=region,
        regions=known,
        asks_policy=topology.s3,
        quotas=topology.quotas,
        recorders=tuple(f"{region}/{az}/recorder" for az in topology.regions[region]),
        unsupported=topology.unsupported,
        # Such a world has all services (build_services).
        lakes=tuple(f"{name}/lake" for name in topology.regions) if topology.services else (),
    )
    world.start(Trail, trail, name=f"{region}/trail")
    if topology.s3:
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


def _start_zones(world: World, topology: Topology, region: str, pace: Pace) -> None:
    """Start a region's AZs, its endpoint, and the router of whoever calls from there."""
    for az in topology.regions[region]:
        _start_az(world, topology, region, az, pace)
    world.start(Region, _front(topology, region), name=f"{region}/front")
    endpoints = {("kms", name): f"{name}/front" for name in topology.regions}
    endpoints |= {("cloudtrail", name): f"{name}/trail" for name in topology.regions}
    endpoints |= service_endpoints(topology, home_of_global_services(topology))
    world.start(Router, RouterConfig(endpoints=endpoints), name=f"{region}/router")


def _start_az(world: World, topology: Topology, region: str, az: str, pace: Pace) -> None:
    """Start the actors of one AZ: those that others ask first."""
    place, azs = f"{region}/{az}", topology.regions[region]
    own = hsms_in(place)
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
            scrub_ns=topology.scrub_ns,
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
                others=tuple(h for o in azs if o != az for h in hsms_in(f"{region}/{o}")),
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


# One more region in a running world.


def launch_region(
    world: World,
    topology: Topology,
    region: str,
    azs: tuple[str, ...] = (),
    pace: Pace | None = None,
) -> Topology:
    """Start the actors of one more region, and tell the others; return the topology with it.

    Args:
      topology: what there is.
      azs: its AZ ids; by default those of every new region.
      pace: as of ``build``.

    Raises:
      TopologyError: the region is there already, or cannot be built so; or global services would
        belong there, and have another home already.
    """
    if region in topology.regions:
        raise TopologyError(f"region {region!r} is there already")
    if region == GLOBAL_REGION and topology.s3:
        home = home_of_global_services(topology)
        raise TopologyError(f"region {region!r} comes too late: global services are in {home}")
    grown = replace(topology, regions={**topology.regions, region: azs or default_azs(region)})
    check(grown)
    older = [cell for cell in world.kernel.cells.values() if cell.cls is not None]
    _start_plane(world, grown, region, pace or Pace())
    _start_zones(world, grown, region, pace or Pace())
    joined = _joined(grown, region)
    for cell in older:
        config = introduced(cell.config, joined)
        if config is not cell.config:
            world.reconfigure(cell.name, config)
            if isinstance(config, TOLD):
                world.tell(cell.name, joined)
    return grown
