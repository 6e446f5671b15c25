"""A region is destroyed with all that it holds; it is built anew, and starts empty."""

from collections.abc import Iterator
from typing import ClassVar

from scenarios.durability.causes.cause import Cause, RegionMove
from scenarios.durability.causes.phasing import onward, phases_of
from scenarios.durability.model import Model
from scenarios.durability.states import MISSING, REGION_GONE, Region, full_region, is_gone


class RegionDestroyed(Cause):
    """Regions that are destroyed one at a time."""

    name: ClassVar[str] = "region-destroyed"
    mends: ClassVar[tuple[str, ...]] = ("region-rebuilt",)
    doc: ClassVar[str] = "one region is destroyed with all it holds, and rebuilt empty, or never"

    def of_region(self, model: Model, region: Region) -> Iterator[RegionMove]:
        """Yield the end of a region that stands, and the rebuilding of one that does not."""
        if not is_gone(region):
            if model.region is not None and model.region.rate:
                for share, gone in gone_regions(model):
                    yield RegionMove(model.region.rate * share, self.name, gone)
            return
        law = model.region.rebuilt if model.region is not None else None
        if law is None:
            return
        for rate, then in onward(phases_of(law), region[0][0] - REGION_GONE):
            if then is not None:
                yield RegionMove(rate, "region-rebuilt", ((REGION_GONE + then,),))
                continue
            for share, first in phases_of(model.copy.repaired).starts:
                empty = full_region(model, MISSING + first)
                yield RegionMove(rate * share, "region-rebuilt", empty)


def gone_regions(model: Model) -> Iterator[tuple[float, Region]]:
    """Yield (probability, region) of a region that was just destroyed."""
    if model.region is None or model.region.rebuilt is None:
        yield 1.0, ((REGION_GONE,),)
        return
    for share, first in phases_of(model.region.rebuilt).starts:
        yield share, ((REGION_GONE + first,),)
