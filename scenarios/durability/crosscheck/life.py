"""One key's life among the real actors, from its creation until it is lost or the time is over.

Failures are drawn from the model's laws and played as faults; what mends them is drawn likewise,
but a copy is there again only when the actors have made it. After each blow the region is looked
at, and when no copy is left the service itself must confirm it, with everything given back.
What does not belong here: many lives (lives.py), what a model predicts (compare.py).
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from regions.errors import ServiceError
from regions.faults import FAULTS
from regions.faults.force_group import ForceGroup
from regions.frames import FRAMES
from regions.kms.changes import LOG_CODEC, KeyCreated
from regions.latency import latency
from regions.names import REGIONS
from regions.replication.messages import Survey
from regions.topology import Topology, build
from scenarios.arena import Arena
from scenarios.durability.crosscheck import look
from scenarios.durability.crosscheck.place import DARK, GONE, LIT, Place
from scenarios.durability.laws import Exponential, Law
from scenarios.durability.model import HOURS_PER_YEAR, Model, Shock
from sim.actor import Expired
from sim.rng import stream
from sim.units import hours, minutes, seconds
from sim.wire import Codec, Refusal
from sim.world import SimWorld

REGION: Final = "us-east-1"
#: A year of 365.25 days.
YEAR_NS: Final = int(HOURS_PER_YEAR * hours(1))
#: A key that was made is in every AZ, and its group asleep, after this; chosen.
_SETTLE_NS: Final = minutes(1)
#: After a new host or the return of power a group has a leader if it can have one; chosen.
_ELECTED_NS: Final = seconds(30)
#: When all has been well for so long, every AZ must open what was sealed; chosen.
_WELL_NS: Final = minutes(2)
#: Between two looks while no HSM of the region has its domain keys; chosen.
_AGAIN_NS: Final = minutes(5)
#: When everything was given back, the service has so long to recover: a ceremony, and more; chosen.
_RECOVERY_NS: Final = minutes(30)
#: The model opens a safe in no time; chosen: short beside repairs.
_CEREMONY_NS: Final = minutes(1)
_SECRET: Final = b"what must still open"
_CODEC: Final = Codec(FRAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one key."""

    seed: int
    years: float  #: until its loss, or as long as was looked
    lost_by: str  #: the last blow, as the chain names it; "" if the key is still there
    confirmed: bool  #: the service could not open what was sealed, when everything was well
    blows: int
    forced: int  #: groups that people had to force
    troubles: tuple[str, ...]  #: AZs that could not open it though all seemed well


class Life:
    """One key in one region.

    Args:
      model: with the rates at which things fail here.
      seed: of everything that happens.
      years: no longer than this.
    """

    def __init__(self, model: Model, seed: int, years: float) -> None:
        self._model, self._seed = model, seed
        self._end_ns = int(years * YEAR_NS)
        self._dice = stream(seed, "life")
        self._rot = stream(seed, "life", "rot")
        self._heap: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._order = 0
        self._due: dict[tuple[str, str], int] = {}  #: (what, where) -> number of what counts
        self._blow = ""  #: the last one
        self._blows = self._forced = 0
        self._safe_failed = False
        self._troubles: list[str] = []
        self._good: set[bytes] = set()  #: what AZs had of the key when they opened what was sealed

    def live(self) -> Outcome:
        """Play the life; return what became of the key."""
        azs = REGIONS[REGION][: self._model.layout.azs]
        topology = Topology(regions={REGION: azs}, ceremony_ns=_CEREMONY_NS)
        if self._model.latent is not None:
            every_ns = int(2 * self._model.latent.found.mean * YEAR_NS)
            topology = replace(topology, scrub_ns=every_ns)
        with SimWorld(
            seed=self._seed, codec=_CODEC, latency=latency, keep="none", frames=False
        ) as world:
            self._world = world
            self._arena = Arena(world, build(world, topology), topology)
            self._arena.boot()
            self._places = [Place(world, f"{REGION}/{az}") for az in azs]
            self._begin_ns = world.now_ns
            self._make_key()
            self._begin_ns = world.now_ns
            lost_ns = self._play()
            confirmed = lost_ns is not None and self._confirm()
        spent_ns = self._end_ns if lost_ns is None else lost_ns
        return Outcome(
            seed=self._seed,
            years=spent_ns / YEAR_NS,
            lost_by="" if lost_ns is None else self._blow,
            confirmed=confirmed,
            blows=self._blows,
            forced=self._forced,
            troubles=tuple(self._troubles),
        )

    def _make_key(self) -> None:
        arena = self._arena
        self._key_id = arena.api(REGION, "CreateKey", {})["KeyMetadata"]["KeyId"]
        self._world.run_for(_SETTLE_NS)
        sealed = {"KeyId": self._key_id, "Plaintext": _SECRET}
        self._blob = arena.api(REGION, "Encrypt", sealed)["CiphertextBlob"]
        disk = self._world.disk(self._places[0].node)
        files = {name: disk.load(name) for name in disk.files()}
        made = look.entry_of(files, self._key_id)
        assert made is not None, "a key that was just made is in the log"
        self._made = made
        change = LOG_CODEC.decode(made.data).change
        assert isinstance(change, KeyCreated), f"{change!r} makes no key"
        self._token = change.key.tokens[0]
        self._world.run_for(_SETTLE_NS)
        self._look()

    # Time.

    def _at(self, after: float, what: str, place: str, then: Callable[..., None], *a: Any) -> None:
        """Have something happen after so many years, in place of what was due of the same name."""
        self._order += 1
        self._due[what, place] = self._order
        at_ns = self._now_ns + int(after * YEAR_NS)
        heapq.heappush(self._heap, (at_ns, self._order, then, (what, place, *a)))

    def _cancel(self, place: Place, *whats: str) -> None:
        for what in whats:
            self._due.pop((what, place.name), None)

    @property
    def _now_ns(self) -> int:
        return self._world.now_ns - self._begin_ns

    def _draw(self, law: Law | None) -> float:
        return 0.0 if law is None else law.quantile(self._dice.random())

    def _rate(self, rate: float) -> float | None:
        return Exponential(1 / rate).quantile(self._dice.random()) if rate else None

    def _play(self) -> int | None:
        """Let things happen; return when the key was lost, in ns since its begin, or None."""
        for place in self._places:
            self._next_failures(place)
            self._next_power(place)
        self._next_of_region()
        while self._heap:
            at_ns, order, then, (what, where, *arguments) = heapq.heappop(self._heap)
            if self._due.get((what, where)) != order:
                continue
            if at_ns >= self._end_ns:
                break
            del self._due[what, where]
            if at_ns > self._now_ns:
                self._world.run_for(at_ns - self._now_ns)
            blows = self._blows
            then(*arguments)
            if self._blows > blows and self._is_lost():
                return at_ns
            if what == "look" and len(self._troubles) >= len(self._places):
                return at_ns
        self._world.run_for(max(0, self._end_ns - self._now_ns))
        return None

    # What fails.

    def _struck(self, blow: str) -> None:
        self._blow = blow
        self._blows += 1

    def _next_failures(self, place: Place) -> None:
        """Draw what happens to a copy that has just been made."""
        self._at(self._draw(self._model.copy.lost), "copy", place.name, self._copy_lost, place)
        self._next_error(place)

    def _next_error(self, place: Place) -> None:
        latent = self._model.latent
        wait = self._rate(latent.rate) if latent is not None else None
        if wait is not None:
            self._at(wait, "error", place.name, self._error, place)

    def _next_power(self, place: Place) -> None:
        """Draw what happens to an AZ that has just got its power."""
        domain, az = self._model.domain, self._model.az
        wait = self._rate(domain.dark) if domain is not None else None
        if wait is not None:
            self._at(wait, "dark", place.name, self._dark, place)
        if ("gone", place.name) not in self._due:
            wait = self._rate(az.rate) if az is not None else None
            if wait is not None:
                self._at(wait, "gone", place.name, self._gone, place)

    def _next_of_region(self, *whats: str) -> None:
        model = self._model
        rates = {
            "region-dark": model.domain.region_dark if model.domain is not None else 0.0,
            "region-destroyed": model.region.rate if model.region is not None else 0.0,
        }
        happens = {"region-dark": self._region_dark, "region-destroyed": self._region_gone}
        for what, rate in rates.items():
            wait = self._rate(rate) if what in whats or not whats else None
            if wait is not None:
                self._at(wait, what, REGION, happens[what])
        for shock in model.shocks:
            wait = self._rate(shock.rate) if shock.name in whats or not whats else None
            if wait is not None:
                self._at(wait, shock.name, REGION, self._shock, shock)

    def _copy_lost(self, place: Place) -> None:
        self._struck("copy-lost")
        self._lose_host(place)

    def _lose_host(self, place: Place) -> None:
        place.lose_host()
        self._cancel(place, "copy", "error")
        copy = self._model.copy
        place.left = self._draw(copy.noticed) + self._draw(copy.repaired)
        if place.power == LIT:
            self._repair(place)

    def _repair(self, place: Place) -> None:
        assert place.left is not None, f"{place.name} is whole"
        # Kept as the time of its end while it runs: a power cut stops it.
        place.left += self._now_ns / YEAR_NS
        self._at(
            place.left - self._now_ns / YEAR_NS, "repair", place.name, self._repaired, place
        )

    def _error(self, place: Place) -> None:
        self._next_error(place)
        if place.rot(self._key_id, self._token, self._rot):
            self._struck("latent-error")

    def _dark(self, place: Place, blow: str = "az-dark") -> None:
        self._struck(blow)
        before = self._lit
        place.darken()
        self._cancel(place, "dark", "repair")
        if place.left is not None:
            place.left -= self._now_ns / YEAR_NS
        domain = self._model.domain
        assert domain is not None, "AZs go dark by the domain's rates"
        self._at(self._draw(domain.lasts), "back", place.name, self._back, place)
        self._open_safe(before)

    def _region_dark(self) -> None:
        self._next_of_region("region-dark")
        for place in self._places:
            if place.power == LIT:
                self._dark(place, "region-dark")

    def _gone(self, place: Place, blow: str = "az-destroyed") -> None:
        self._struck(blow)
        before = self._lit
        place.destroy()
        self._cancel(place, "copy", "error", "dark", "back", "repair", "gone")
        site = self._model.az
        if site is not None and site.rebuilt is not None:
            self._at(self._draw(site.rebuilt), "rebuilt", place.name, self._rebuilt, place)
        self._open_safe(before)

    def _region_gone(self) -> None:
        for place in self._places:
            if place.power != GONE:
                self._gone(place, "region-destroyed")

    def _shock(self, shock: Shock) -> None:
        self._next_of_region(shock.name)
        for place in self._places:
            if place.power == GONE or self._dice.random() >= shock.kills:
                continue
            if shock.level == "az":
                self._gone(place, shock.name)
            elif place.host:
                self._struck(shock.name)
                self._lose_host(place)

    @property
    def _lit(self) -> bool:
        return any(place.power == LIT for place in self._places)

    def _open_safe(self, before: bool) -> None:
        """With the last AZ out of power, find out whether the safe will help."""
        domain = self._model.domain
        if domain is None or self._lit or not before or self._dice.random() < domain.safe:
            return
        FAULTS["hsm-tamper"](f"safe/{REGION}").inject(self._world)
        self._safe_failed = True

    # What mends.

    def _repaired(self, place: Place) -> None:
        place.new_host()
        self._next_failures(place)
        self._mended()

    def _back(self, place: Place) -> None:
        place.light()
        self._next_power(place)
        if place.left is not None:
            self._repair(place)
        self._mended()

    def _rebuilt(self, place: Place) -> None:
        place.rebuild()
        self._next_power(place)
        place.left = self._draw(self._model.copy.repaired)
        self._repair(place)
        self._mended()

    def _mended(self) -> None:
        self._at(_ELECTED_NS / YEAR_NS, "lead", REGION, self._lead)
        if all(place.well for place in self._places):
            self._at(_WELL_NS / YEAR_NS, "look", REGION, self._look)

    def _lead(self) -> None:
        """Have people force the group if it has no leader, and no dark AZ may bring one back."""
        up = [place for place in self._places if self._world.is_up(place.node)]
        if not up or any(place.power == DARK for place in self._places):
            return
        if not any(self._leads(place.node) for place in up):
            without = [place.name.rpartition("/")[2] for place in self._places if not place.well]
            options = {"without": ":".join(without)} if without else {}
            fault = ForceGroup(REGION, **options)
            self._world.at(self._world.now_ns, fault.inject, self._world)
            self._forced += 1

    def _leads(self, node: str) -> bool:
        try:
            return bool(self._world.ask(node, Survey(), timeout_ns=seconds(5)).leader == node)
        except (Expired, Refusal):
            return False

    # Judging.

    def _look(self) -> None:
        """Ask every AZ to open what was sealed, if all is still well."""
        if not all(place.well for place in self._places):
            return
        states = [self._arena.replica(place.az) for place in self._places]
        if not any(state is not None and state.hsms_ready for state in states):
            # The operator is on the way with the HSM of the safe.
            self._at(_AGAIN_NS / YEAR_NS, "look", REGION, self._look)
            return
        failed = [place.az for place in self._places if not self._serves(place)]
        self._troubles = [f"{self._now_ns / YEAR_NS:.6f} y: {az}" for az in failed]

    def _opens(self, to: str = "") -> bool:
        try:
            answer = self._arena.api(REGION, "Decrypt", {"CiphertextBlob": self._blob}, to=to)
        except (ServiceError, Expired, Refusal):
            return False
        return bool(answer["Plaintext"] == _SECRET)

    def _is_lost(self) -> bool:
        if self._safe_failed:
            return True
        world, key_id = self._world, self._key_id
        for place in self._places:
            if place.power == GONE:
                continue
            if look.on_disk(world, place.node, key_id, self._made, self._token):
                return False
            seen = look.in_memory(world, place.az, key_id)
            if seen in self._good or (seen and self._serves(place)):
                return False
        return True

    def _serves(self, place: Place) -> bool:
        """Say whether an AZ opens what was sealed; if so, what it has of the key is good."""
        opens = self._opens(place.az)
        if opens:
            self._good.add(look.in_memory(self._world, place.az, self._key_id))
        return opens

    def _confirm(self) -> bool:
        """Give everything back, let people do what they can, and ask for the key."""
        for place in self._places:
            place.heal()
        self._world.run_for(_ELECTED_NS)
        self._lead()
        self._world.run_for(_RECOVERY_NS)
        return not self._opens()
