"""All AZs of a region lose power at once: no HSM of the region knows a domain key any more."""

from collections.abc import Iterator
from typing import ClassVar

from scenarios.durability.causes.az_dark import darkened
from scenarios.durability.causes.cause import Cause, RegionMove
from scenarios.durability.model import Model
from scenarios.durability.states import LIT, Region, Zone, is_gone


class RegionDark(Cause):
    """Regions that are dark for a while."""

    name: ClassVar[str] = "region-dark"
    doc: ClassVar[str] = "all AZs of one region are without power at once; only a safe helps"

    def of_region(self, model: Model, region: Region) -> Iterator[RegionMove]:
        """Yield the darkness; each AZ comes back on its own."""
        domain = model.domain
        if domain is None or not domain.region_dark or is_gone(region):
            return
        found: dict[Region, float] = {(): 1.0}
        for zone in region:
            outcomes = list(darkened(model, zone)) if zone[0] == LIT else [(1.0, zone)]
            found = _joined(found, outcomes)
        for target, share in found.items():
            yield RegionMove(domain.region_dark * share, self.name, target)


def _joined(found: dict[Region, float], outcomes: list[tuple[float, Zone]]) -> dict[Region, float]:
    joined: dict[Region, float] = {}
    for zones, weight in found.items():
        for share, zone in outcomes:
            key = tuple(sorted((*zones, zone)))
            joined[key] = joined.get(key, 0.0) + weight * share
    return joined
