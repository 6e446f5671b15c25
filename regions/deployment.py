"""Which actors a running world has, by region; what grows with it.

What does not belong here: starting them (topology.py).
"""

from dataclasses import dataclass, field
from typing import Final

from regions.api.protocols import GLOBAL_REGION
from regions.layout import Topology
from regions.names import place_of
from sim.trace import Event

HSMS_PER_AZ: Final = 2
#: What every region has, where a world has services at all, beside S3.
_REGIONAL: Final = ("sns", "logs", "events", "sts", "lake")


def hsms_in(place: str) -> tuple[str, ...]:
    """Return the HSMs of an AZ, by its ``REGION/AZ``."""
    return tuple(f"{place}/hsm-{number}" for number in range(1, HSMS_PER_AZ + 1))


def services_of(topology: Topology, region: str, home: str) -> dict[str, str]:
    """Return who serves what in a region, by service.

    Args:
      home: the region of global services.
    """
    found = {"kms": f"{region}/front"}
    if topology.services:
        found |= {kind: f"{region}/{kind}" for kind in _REGIONAL}
        found["iam"] = f"{home}/iam"
    return found


def service_endpoints(topology: Topology, home: str) -> dict[tuple[str, str], str]:
    """Return who serves what beside KMS and CloudTrail, by service and region.

    Args:
      home: the region of global services.
    """
    if not topology.services:
        return {}
    found = {("iam", GLOBAL_REGION): f"{home}/iam", ("sts", GLOBAL_REGION): f"{home}/sts"}
    for region in topology.regions:
        found |= {(kind, region): f"{region}/{kind}" for kind in ("s3", *_REGIONAL)}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Names of the actors of a running world, by region; regions and AZs come (add, follow)."""

    fronts: dict[str, str] = field(default_factory=dict)
    routers: dict[str, str] = field(default_factory=dict)
    azs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    nodes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recorders: dict[str, tuple[str, ...]] = field(default_factory=dict)
    hsms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    trails: dict[str, str] = field(default_factory=dict)
    buckets: dict[str, str] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    s3: dict[str, str] = field(default_factory=dict)  #: where the topology has it
    hsms_per_az: int = HSMS_PER_AZ
    versions: dict[str, int] = field(default_factory=dict)  #: of the AZs, where they changed

    def follow(self, event: Event) -> None:
        """Take over from a node's note which AZs its region has now: nothing else changes that.

        An AZ is named here from when it was admitted until it was removed; what of a lost one is
        still on its disks is nobody's business any more.
        """
        region = event.subject.partition("/")[0]
        said = dict(word.split("=", 1) for word in event.body.decode().split(" "))
        if int(said["version"]) > self.versions.get(region, 0):
            self.versions[region] = int(said["version"])
            places = tuple(place_of(node) for node in said["voters"].split(","))
            for table, name in ((self.azs, "az"), (self.nodes, "node")):
                table[region] = tuple(f"{place}/{name}" for place in places)
            self.recorders[region] = tuple(f"{place}/recorder" for place in places)
            self.hsms[region] = tuple(hsm for place in places for hsm in hsms_in(place))

    def add(self, topology: Topology, region: str) -> None:
        """Take over the names of a region's actors as they are started."""
        azs = topology.regions[region]
        self.fronts[region] = f"{region}/front"
        self.routers[region] = f"{region}/router"
        for table, actor in ((self.azs, "az"), (self.nodes, "node"), (self.recorders, "recorder")):
            table[region] = tuple(f"{region}/{az}/{actor}" for az in azs)
        self.hsms[region] = tuple(hsm for az in azs for hsm in hsms_in(f"{region}/{az}"))
        self.trails[region], self.buckets[region] = f"{region}/trail", f"{region}/bucket"
        self.operators[region] = f"safe/{region}/operator"
        if topology.s3:
            self.s3[region] = f"{region}/s3"
