"""An AZ burns down with its copies and HSMs; a new one is built, and starts empty."""

from collections.abc import Iterator
from typing import ClassVar

from scenarios.durability.causes.cause import Cause, ZoneMove
from scenarios.durability.causes.phasing import onward, phases_of
from scenarios.durability.model import Model
from scenarios.durability.states import GONE, LIT, MISSING, Zone


class AzDestroyed(Cause):
    """AZs that are destroyed one at a time."""

    name: ClassVar[str] = "az-destroyed"
    mends: ClassVar[tuple[str, ...]] = ("az-rebuilt",)
    doc: ClassVar[str] = "one AZ is destroyed with all it holds, and rebuilt empty, or never"

    def of_zone(self, model: Model, zone: Zone) -> Iterator[ZoneMove]:
        """Yield the end of an AZ that stands, and the rebuilding of one that does not."""
        if zone[0] < GONE:
            if model.az is not None and model.az.rate:
                for share, gone in gone_zones(model):
                    yield ZoneMove(model.az.rate * share, self.name, gone)
            return
        law = model.az.rebuilt if model.az is not None else None
        if law is None:
            return
        for rate, then in onward(phases_of(law), zone[0] - GONE):
            if then is not None:
                yield ZoneMove(rate, "az-rebuilt", (GONE + then,))
                continue
            for share, first in phases_of(model.copy.repaired).starts:
                empty = (LIT, *[MISSING + first] * model.layout.copies)
                yield ZoneMove(rate * share, "az-rebuilt", empty)


def gone_zones(model: Model) -> Iterator[tuple[float, Zone]]:
    """Yield (probability, AZ) of an AZ that was just destroyed."""
    if model.az is None or model.az.rebuilt is None:
        yield 1.0, (GONE,)
        return
    for share, first in phases_of(model.az.rebuilt).starts:
        yield share, (GONE + first,)
