"""Puts the causes' moves together: from one state, everything that can happen to a key.

Moves are merged: of one name and target there is one. What stays as it was is no move. A target
of None is the loss of the key, which nothing mends.
What does not belong here: what each cause does (causes/), and the search through states (chain.py).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from scenarios.durability.causes import CAUSES
from scenarios.durability.causes.latent_error import LatentError
from scenarios.durability.causes.phasing import phases_of
from scenarios.durability.model import Model
from scenarios.durability.states import (
    GONE,
    LATENT,
    LIT,
    MISSING,
    Region,
    State,
    Zone,
    all_good,
    good,
    is_gone,
    settled,
    with_region,
    with_zone,
    zone_of,
)

_LATENT: Final = LatentError.name


class Transition(NamedTuple):
    """One thing that can happen in a state."""

    rate: float  #: per year
    cause: str  #: name of what happens, such as ``copy-lost`` or ``copy-repaired``
    target: State | None  #: None: the key is lost


class Moves:
    """All moves of one model; remembers what it has worked out for AZs and regions."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._zones: dict[Zone, tuple[tuple[float, str, Zone], ...]] = {}
        self._regions: dict[Region, tuple[tuple[float, str, Region], ...]] = {}
        self._best = all_good(model)
        self._fatal = model.latent is None or model.latent.fatal

    def of(self, state: State) -> tuple[Transition, ...]:
        """Return everything that can happen in a state, in a fixed order.

        Raises:
          ModelError: a law has no phases.
        """
        found: dict[tuple[str, State | None], float] = {}

        def add(rate: float, name: str, target: State | None) -> None:
            if target == state or rate <= 0:
                return
            found[name, target] = found.get((name, target), 0.0) + rate

        for rate, name, raw in self._raw(state):
            target = None if raw is None else settled(raw)
            if target is not None and good(target) >= self.model.layout.needed:
                add(rate, name, target)
                continue
            if name == _LATENT and not self._fatal:
                continue
            backup = self.model.backup
            restored = 0.0
            if backup is not None and (not backup.covers or name in backup.covers):
                restored = backup.restores
            add(rate * restored, name, self._best)
            add(rate * (1 - restored), name, None)
        return tuple(Transition(rate, name, target) for (name, target), rate in found.items())

    def _raw(self, state: State) -> Iterator[tuple[float, str, State | None]]:
        for place, region in enumerate(state):
            if place and state[place - 1] == region:
                continue  # as likely as its equals: counted with them
            many = state.count(region)
            for rate, name, after in self.of_region(region):
                yield rate * many, name, with_region(state, place, after)
        for cause in CAUSES.values():
            for move in cause.of_state(self.model, state):
                target = move.target
                if target is None:
                    yield move.rate, move.name, None
                    continue
                # States are sorted, so equals that did not move cancel and the rest is compared.
                yield from self._judged(move.rate, move.name, state, target)

    def _judged(
        self, rate: float, name: str, before: State, after: State
    ) -> Iterator[tuple[float, str, State]]:
        """Yield what a blow to several regions leaves, if any of them lost its domain keys."""
        if self.model.domain is None:
            yield rate, name, after
            return
        lit = [any(zone[0] == LIT for zone in region) for region in before]
        found: list[tuple[float, list[Region]]] = [(1.0, [])]
        for region in after:
            grown = []
            for share, done in found:
                for part, left in self._domain(region, had_one=all(lit)):
                    grown.append((share * part, [*done, left]))
            found = grown
        for share, regions in found:
            yield rate * share, name, tuple(sorted(regions))

    def of_region(self, region: Region) -> tuple[tuple[float, str, Region], ...]:
        """Return what can happen to a region, apart from what strikes several."""
        known = self._regions.get(region)
        if known is not None:
            return known
        found: list[tuple[float, str, Region]] = []
        if not is_gone(region):
            for place, zone in enumerate(region):
                if place and region[place - 1] == zone:
                    continue
                many = region.count(zone)
                for rate, name, after in self.of_zone(zone):
                    found.append((rate * many, name, with_zone(region, place, after)))
        for cause in CAUSES.values():
            found += cause.of_region(self.model, region)
        had_one = any(zone[0] == LIT for zone in region)
        split = [
            (rate * share, name, left)
            for rate, name, after in found
            for share, left in self._domain(after, had_one=had_one)
        ]
        self._regions[region] = tuple(split)
        return self._regions[region]

    def of_zone(self, zone: Zone) -> tuple[tuple[float, str, Zone], ...]:
        """Return what can happen to an AZ by itself."""
        known = self._zones.get(zone)
        if known is None:
            known = self._zones[zone] = tuple(
                move for cause in CAUSES.values() for move in cause.of_zone(self.model, zone)
            )
        return known

    def _domain(self, region: Region, *, had_one: bool) -> Iterator[tuple[float, Region]]:
        """Yield what is left of a region, by whether its domain keys come back.

        They are lost with the last HSM that had them, unless the safe opens; then what the region
        still has of the key cannot be opened, and counts as missing.
        """
        domain = self.model.domain
        lit = any(zone[0] == LIT for zone in region)
        if domain is None or is_gone(region) or lit or not had_one:
            yield 1.0, region
            return
        if domain.safe > 0:
            yield domain.safe, region
        if domain.safe < 1:
            first = phases_of(self.model.copy.repaired).starts[0][1]
            zones = []
            for zone in region:
                codes = [MISSING + first if code < LATENT else code for code in zone[1:]]
                zones.append(zone_of(zone[0], codes) if zone[0] < GONE else zone)
            yield 1 - domain.safe, tuple(sorted(zones))
