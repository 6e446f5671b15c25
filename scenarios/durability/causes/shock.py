"""One event strikes many things at once: bursts, fires next door, bugs, wrong commands."""

from collections.abc import Iterator, Sequence
from math import comb
from typing import ClassVar, TypeVar

from scenarios.durability.causes.az_destroyed import gone_zones
from scenarios.durability.causes.cause import Cause, RegionMove, StateMove, ZoneMove
from scenarios.durability.causes.phasing import phases_of
from scenarios.durability.causes.region_destroyed import gone_regions
from scenarios.durability.model import Model, Shock
from scenarios.durability.states import (
    GONE,
    MISSING,
    UNSEEN,
    Region,
    State,
    Zone,
    is_gone,
    kind,
    zone_of,
)

T = TypeVar("T")
Outcomes = list[tuple[float, T]]


class Shocks(Cause):
    """Shocks of a model; each move has the name of its shock."""

    name: ClassVar[str] = "shock"
    doc: ClassVar[str] = "one event destroys each copy, AZ or region of a scope with a probability"

    def of_zone(self, model: Model, zone: Zone) -> Iterator[ZoneMove]:
        """Yield shocks within one AZ."""
        if zone[0] >= GONE:
            return
        for shock in model.shocks:
            if shock.scope == "az" and shock.level == "copy":
                for share, target in _copies_hit(model, shock, zone):
                    yield ZoneMove(shock.rate * share, shock.name, target)

    def of_region(self, model: Model, region: Region) -> Iterator[RegionMove]:
        """Yield shocks within one region."""
        if is_gone(region):
            return
        for shock in model.shocks:
            if shock.scope == "region" and shock.level in ("copy", "az"):
                for share, target in _region_hit(model, shock, region):
                    yield RegionMove(shock.rate * share, shock.name, target)

    def of_state(self, model: Model, state: State) -> Iterator[StateMove]:
        """Yield shocks that know no borders, and those that strike the key itself."""
        for shock in model.shocks:
            if shock.level == "key":
                scopes = {
                    "all": 1,
                    "region": model.layout.regions,
                    "az": model.layout.regions * model.layout.azs,
                }[shock.scope]
                yield StateMove(shock.rate * shock.kills * scopes, shock.name, None)
            elif shock.scope == "all":
                parts = [_region_hit(model, shock, region) for region in state]
                for share, target in _product(parts):
                    yield StateMove(shock.rate * share, shock.name, target)


def _region_hit(model: Model, shock: Shock, region: Region) -> Outcomes[Region]:
    if is_gone(region):
        return [(1.0, region)]
    if shock.level == "region":
        gone = [(shock.kills * share, target) for share, target in gone_regions(model)]
        return [(1 - shock.kills, region), *gone] if shock.kills < 1 else gone
    hit = _copies_hit if shock.level == "copy" else _zone_hit
    return _product([hit(model, shock, zone) for zone in region])


def _zone_hit(model: Model, shock: Shock, zone: Zone) -> Outcomes[Zone]:
    if zone[0] >= GONE:
        return [(1.0, zone)]
    gone = [(shock.kills * share, target) for share, target in gone_zones(model)]
    return [(1 - shock.kills, zone), *gone] if shock.kills < 1 else gone


def _copies_hit(model: Model, shock: Shock, zone: Zone) -> Outcomes[Zone]:
    """Return what becomes of an AZ's copies: of equal ones a binomial number is lost."""
    if zone[0] >= GONE:
        return [(1.0, zone)]
    failed = UNSEEN if model.copy.noticed is not None else MISSING
    first = phases_of(model.copy.noticed or model.copy.repaired).starts[0][1]
    found: Outcomes[tuple[int, ...]] = [(1.0, ())]
    for code in sorted(set(zone[1:])):
        many, grown = zone[1:].count(code), []
        if kind(code) in (UNSEEN, MISSING):
            grown = [(share, (*codes, *[code] * many)) for share, codes in found]
        else:
            for lost in range(many + 1):
                weight = comb(many, lost) * shock.kills**lost * (1 - shock.kills) ** (many - lost)
                after = [code] * (many - lost) + [failed + first] * lost
                grown += [(share * weight, (*codes, *after)) for share, codes in found if weight]
        found = grown
    return [(share, zone_of(zone[0], codes)) for share, codes in found]


def _product(parts: Sequence[Outcomes[T]]) -> Outcomes[tuple[T, ...]]:
    """Return what independent parts come to together, in order; equal outcomes are one."""
    found: dict[tuple[T, ...], float] = {(): 1.0}
    for outcomes in parts:
        joined: dict[tuple[T, ...], float] = {}
        for done, weight in found.items():
            for share, one in outcomes:
                key = tuple(sorted((*done, one)))  # type: ignore[type-var]  # tuples of integers
                joined[key] = joined.get(key, 0.0) + weight * share
        found = joined
    return [(share, target) for target, share in found.items()]
