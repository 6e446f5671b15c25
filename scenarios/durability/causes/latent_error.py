"""A copy goes bad on its disk and nobody knows, until something reads it."""

from collections.abc import Iterator
from typing import ClassVar

from scenarios.durability.causes.cause import Cause, ZoneMove
from scenarios.durability.causes.phasing import onward, phases_of
from scenarios.durability.model import Model
from scenarios.durability.states import (
    GONE,
    GOOD,
    HOLLOW,
    LATENT,
    LIT,
    MISSING,
    SHADOWED,
    Zone,
    kind,
    swap,
)


class LatentError(Cause):
    """Copies that rot."""

    name: ClassVar[str] = "latent-error"
    mends: ClassVar[tuple[str, ...]] = ("latent-found",)
    doc: ClassVar[str] = "a copy can no longer be read, and nobody knows until it is scrubbed"

    def of_zone(self, model: Model, zone: Zone) -> Iterator[ZoneMove]:
        """Yield rot in any AZ that stands, and scrubbing in one that has power."""
        latent = model.latent
        if latent is None or zone[0] >= GONE:
            return
        waits = phases_of(latent.found)
        # A process that runs does not feel the error; one that does not run has no memory.
        hurt = LATENT if not latent.memory else SHADOWED if zone[0] == LIT else HOLLOW
        for place, code in enumerate(zone[1:], start=1):
            if kind(code) == GOOD:
                for share, first in waits.starts if hurt != HOLLOW else ((1.0, 0),):
                    yield ZoneMove(latent.rate * share, self.name, swap(zone, place, hurt + first))
            elif kind(code) == hurt and zone[0] == LIT:
                for rate, then in onward(waits, code - hurt):
                    if then is not None:
                        yield ZoneMove(rate, "latent-found", swap(zone, place, hurt + then))
                        continue
                    if latent.memory:
                        yield ZoneMove(rate, "latent-found", swap(zone, place, GOOD))
                        continue
                    for share, first in phases_of(model.copy.repaired).starts:
                        target = swap(zone, place, MISSING + first)
                        yield ZoneMove(rate * share, "latent-found", target)
