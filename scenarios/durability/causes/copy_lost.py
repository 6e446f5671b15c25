"""A disk or node fails with the copy that it holds; the copy is made again from another one."""

from collections import Counter
from collections.abc import Iterator
from typing import ClassVar, Final

from scenarios.durability.causes.cause import Cause, RegionMove, ZoneMove
from scenarios.durability.causes.phasing import onward, phases_of
from scenarios.durability.model import Model
from scenarios.durability.states import (
    AWAITED,
    GONE,
    GOOD,
    HOLLOW,
    LATENT,
    LIT,
    MISSING,
    SHADOWED,
    UNSEEN,
    Region,
    Zone,
    is_gone,
    kind,
    swap,
    with_zone,
)

#: Copies with a latent error, whose disks may fail.
_HURT: Final = frozenset({LATENT, SHADOWED, HOLLOW})


class CopyLost(Cause):
    """Copies that fail alone."""

    name: ClassVar[str] = "copy-lost"
    mends: ClassVar[tuple[str, ...]] = ("copy-noticed", "copy-repaired", "copy-arrived")
    doc: ClassVar[str] = "the disk or node of one copy fails; it is noticed, and copied again"

    def of_zone(self, model: Model, zone: Zone) -> Iterator[ZoneMove]:
        """Yield failures in any AZ that stands, and repairs in one that has power."""
        if zone[0] >= GONE:
            return
        for place, code in enumerate(zone[1:], start=1):
            what = kind(code)
            if what == GOOD or (what in _HURT and _fails(model)):
                yield from _failed(model, zone, place)
            elif zone[0] != LIT:
                continue
            elif what == UNSEEN:
                yield from _noticed(model, zone, place)
            elif what == MISSING and not model.copy.repairers:
                yield from _repaired(model, zone, place, 1.0)
            elif what == AWAITED:
                yield from _arrived(model, zone, place)

    def of_region(self, model: Model, region: Region) -> Iterator[RegionMove]:
        """Yield repairs when only so many of a region are made at a time."""
        if not model.copy.repairers or is_gone(region):
            return
        waiting = sum(
            kind(code) == MISSING for zone in region if zone[0] == LIT for code in zone[1:]
        )
        share = min(1.0, model.copy.repairers / waiting) if waiting else 0.0
        for zone, many in Counter(region).items():
            if zone[0] != LIT:
                continue
            for place, code in enumerate(zone[1:], start=1):
                if kind(code) == MISSING:
                    for rate, name, target in _repaired(model, zone, place, share * many):
                        yield RegionMove(rate, name, with_zone(region, region.index(zone), target))


def _fails(model: Model) -> bool:
    """Return whether disks fail that have latent errors."""
    return model.latent is not None and model.latent.fails


def _failed(model: Model, zone: Zone, place: int) -> Iterator[ZoneMove]:
    """Yield how a copy ages, and fails."""
    code, copy = zone[place], model.copy
    failed = UNSEEN if copy.noticed is not None else MISSING
    # A copy with a latent error is as old as it was, but nobody counts its age.
    phase = code - GOOD if kind(code) == GOOD else 0
    for rate, then in onward(phases_of(copy.lost), phase):
        if then is None:
            for share, first in phases_of(copy.noticed or copy.repaired).starts:
                yield ZoneMove(rate * share, CopyLost.name, swap(zone, place, failed + first))
        elif kind(code) == GOOD:
            yield ZoneMove(rate, CopyLost.name, swap(zone, place, GOOD + then))


def _noticed(model: Model, zone: Zone, place: int) -> Iterator[ZoneMove]:
    """Yield how a failure comes to notice."""
    assert model.copy.noticed is not None, "nothing is unseen where all is noticed at once"
    for rate, then in onward(phases_of(model.copy.noticed), zone[place] - UNSEEN):
        if then is not None:
            yield ZoneMove(rate, "copy-noticed", swap(zone, place, UNSEEN + then))
            continue
        for share, first in phases_of(model.copy.repaired).starts:
            yield ZoneMove(rate * share, "copy-noticed", swap(zone, place, MISSING + first))


def _arrived(model: Model, zone: Zone, place: int) -> Iterator[ZoneMove]:
    """Yield how a new key's copy comes here for the first time."""
    assert model.write is not None, "only new keys are awaited"
    for rate, then in onward(phases_of(model.write.spread), zone[place] - AWAITED):
        arrived = GOOD if then is None else AWAITED + then
        yield ZoneMove(rate, "copy-arrived", swap(zone, place, arrived))


def _repaired(model: Model, zone: Zone, place: int, share: float) -> Iterator[ZoneMove]:
    """Yield how the repair of one copy goes on, at a share of its speed."""
    law = phases_of(model.copy.repaired)
    for rate, then in onward(law, zone[place] - MISSING):
        if then is not None:
            yield ZoneMove(rate * share, "copy-repaired", swap(zone, place, MISSING + then))
            continue
        for part, first in phases_of(model.copy.lost).starts:
            # Written at once if there is a copy to read; else when there is one again.
            yield ZoneMove(rate * share * part, "copy-repaired", swap(zone, place, HOLLOW + first))
