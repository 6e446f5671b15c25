"""Names of the actors of a running world: who stands where, and who serves what.

What does not belong here: starting them (topology.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from regions.api.protocols import GLOBAL_REGION
from regions.names import place_of
from sim.trace import Event

HSMS_PER_AZ: Final = 2
#: What every region has, where a world has services at all, beside S3.
_REGIONAL: Final = ("sns", "logs", "events", "sts")


def hsms_of(place: str) -> tuple[str, ...]:
    """Return the HSMs of an AZ."""
    return tuple(f"{place}/hsm-{number}" for number in range(1, HSMS_PER_AZ + 1))


def kms_of(region: str) -> tuple[tuple[str, str], ...]:
    """Return what a region's trails may use in a world without other services, by service."""
    return (("kms", f"{region}/front"),)


def services_of(region: str, home: str) -> tuple[tuple[str, str], ...]:
    """Return what a region's trails may use, by service.

    Args:
      home: the region of global services.
    """
    regional = tuple((kind, f"{region}/{kind}") for kind in _REGIONAL)
    return (*kms_of(region), *regional, ("iam", f"{home}/iam"))


def service_endpoints(regions: Iterable[str], home: str) -> dict[tuple[str, str], str]:
    """Return who serves what beside KMS and CloudTrail, by service and region.

    Args:
      home: the region of global services.
    """
    found = {("iam", GLOBAL_REGION): f"{home}/iam", ("sts", GLOBAL_REGION): f"{home}/sts"}
    for region in regions:
        found |= {(kind, region): f"{region}/{kind}" for kind in ("s3", *_REGIONAL)}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Names of the actors of a running world, by region; AZs come and go (follow)."""

    fronts: dict[str, str]
    routers: dict[str, str]
    azs: dict[str, tuple[str, ...]]
    nodes: dict[str, tuple[str, ...]]
    recorders: dict[str, tuple[str, ...]]
    hsms: dict[str, tuple[str, ...]]
    trails: dict[str, str]
    buckets: dict[str, str]
    operators: dict[str, str]
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
            self.hsms[region] = tuple(hsm for place in places for hsm in hsms_of(place))
