"""An AZ loses power: its disks keep their copies, its HSMs forget their domain keys."""

from collections.abc import Iterator
from functools import cache
from typing import ClassVar, Final

from scenarios.durability.causes.cause import Cause, ZoneMove
from scenarios.durability.causes.phasing import phases_of
from scenarios.durability.laws.law import Law
from scenarios.durability.model import Model
from scenarios.durability.states import (
    DARK,
    DARK_LONG,
    GONE,
    HOLLOW,
    LATENT,
    LIT,
    MISSING,
    SHADOWED,
    Zone,
    kind,
    zone_of,
)

#: Steps of a mean in the integral over what is left of a darkness, which ends where hardly any is.
_STEPS: Final = 200
_REST: Final = 1e-6
#: Long darkness that is rarer than this is none: fewer than one in a hundred million.
NEVER_LONG: Final = 1e-8


class AzDark(Cause):
    """AZs that are dark for a while.

    A darkness is short, and then nothing else comes of it, or longer than the ring of old domain
    keys lasts, and then the AZ's copies count as missing from its beginning: a little too
    pessimistic. How often it is which is exact; how long each takes has the right mean.
    """

    name: ClassVar[str] = "az-dark"
    mends: ClassVar[tuple[str, ...]] = ("az-back",)
    doc: ClassVar[str] = "one AZ is without power; its HSMs join again when it is back"

    def of_zone(self, model: Model, zone: Zone) -> Iterator[ZoneMove]:
        """Yield darkness and its end."""
        domain = model.domain
        if domain is None or zone[0] >= GONE:
            return
        if zone[0] == LIT:
            if domain.dark:
                for share, target in darkened(model, zone):
                    yield ZoneMove(domain.dark * share, self.name, target)
            return
        short, long, _ = spans(domain.lasts, domain.ring)
        yield ZoneMove(1 / (short if zone[0] == DARK else long), "az-back", (LIT, *zone[1:]))


def darkened(model: Model, zone: Zone) -> Iterator[tuple[float, Zone]]:
    """Yield (probability, AZ) of a lit AZ that has just lost power."""
    domain = model.domain
    assert domain is not None, "only HSMs mind the dark"
    _, _, too_long = spans(domain.lasts, domain.ring)
    if too_long < 1:
        codes = [HOLLOW if kind(code) == SHADOWED else code for code in zone[1:]]
        yield 1 - too_long, zone_of(DARK, codes)
    if too_long > 0:
        first = phases_of(model.copy.repaired).starts[0][1]
        codes = [MISSING + first if code < LATENT else code for code in zone[1:]]
        yield too_long, zone_of(DARK_LONG, codes)


@cache
def spans(lasts: Law, ring: float | None) -> tuple[float, float, float]:
    """Return the mean of short and of long darkness in years, and how often it is long."""
    share = 0.0 if ring is None else lasts.survival(ring)
    if ring is None or share < NEVER_LONG:
        return lasts.mean, lasts.mean, 0.0
    # What is left of a darkness that outlasts the ring, by midpoints whose distances grow.
    rest, at, step = 0.0, 0.0, lasts.mean / _STEPS
    while (left := lasts.survival(ring + at + step / 2) / share) > _REST:
        rest, at = rest + step * left, at + step
        step += at / _STEPS**2
    long = ring + rest
    if share == 1.0:
        return long, long, 1.0
    return max((lasts.mean - share * long) / (1 - share), lasts.mean / _STEPS), long, share
