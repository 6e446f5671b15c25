"""What a run has met: which faults struck which role in which phase, and which rare places it saw.

A probe is a place in our own code that a campaign must have passed; one that is never hit says
that the campaign does not test what it should. What does not belong here: what to aim at
next (steering.py).
"""

from collections.abc import Callable
from typing import Final

from regions.latency import az_of, region_of
from scenarios.arena import Arena
from sim.trace import Event
from sim.units import seconds

#: For so long after a heal a region counts as healing; chosen: HSMs join within it.
HEALING_NS: Final = seconds(15)
CALM, OVERLAPPING, HEALING = "calm", "overlapping", "healing"
PHASES: Final = (CALM, OVERLAPPING, HEALING)
ROLES: Final = (
    "az of the leader", "other az", "leader", "follower", "host", "recorder", "hsm", "safe",
    "regional", "link", "region",
)

#: What an actor of an AZ is called -> its role.
_NAMES: Final = {
    "az": "host", "node": "follower", "recorder": "recorder", "hsm-1": "hsm", "hsm-2": "hsm",
}

#: (fault, role of what it hit, phase of the region)
Met = tuple[str, str, str]


def _says(*words: str) -> Callable[[Event], bool]:
    wanted = [word.encode() for word in words]
    return lambda event: any(word in event.body for word in wanted)


#: Name of a probe -> (kind of trace event, whether an event of that kind is it).
PROBES: Final[dict[str, tuple[str, Callable[[Event], bool]]]] = {
    "another leader was elected": ("leader", lambda e: b"term=1" not in e.body.split()),
    "a member stood for election again": ("role", _says("role=candidate", "role=precandidate")),
    "a snapshot was taken": ("snapshot", lambda _: True),
    "a torn tail was cut": ("disk", _says("torn after")),
    "a message was lost": ("drop", lambda _: True),
    "a paused actor went on": ("resume", lambda _: True),
    "an az was taken out of rotation": ("health", _says("healthy=False")),
    "an hsm joined the domain anew": ("hsm", _says("joined=")),
    "the domain key was rotated": ("job", _says("done=rotate-domain-key")),
    "tokens were re-wrapped": ("job", _says("done=rewrap-tokens")),
    "a deleted key was purged": ("job", _says("done=purge-deleted-keys")),
    "a process died by its own hand": ("abort", lambda _: True),
    "a rotted slot or snapshot was found": ("disk", _says("rotted")),
    "a message arrived twice": ("repeat", lambda _: True),
    "a frame arrived corrupted": ("corrupt", lambda _: True),
    "the safe was opened": ("operator", _says("safe=open")),
}


class Coverage:
    """Follows one run; an observer."""

    def __init__(self) -> None:
        self.met: dict[Met, None] = {}
        self.probes: dict[str, None] = {}
        self._active: dict[str, int] = {}  #: region -> faults that are active in it
        self._healed_ns: dict[str, int] = {}
        self._arena: Arena | None = None

    def attach(self, arena: Arena) -> None:
        """Watch faults and probes."""
        self._arena = arena
        arena.world.trace.watch("fault", self._fault)
        for name, (kind, is_it) in PROBES.items():
            arena.world.trace.watch(kind, self._probe(name, is_it))

    def _probe(self, name: str, is_it: Callable[[Event], bool]) -> Callable[[Event], None]:
        def seen(event: Event) -> None:
            if name not in self.probes and is_it(event):
                self.probes[name] = None

        return seen

    def _fault(self, event: Event) -> None:
        what, _, rest = event.body.decode().partition("=")
        fault, place = rest.split(" ")[0], event.subject
        regions = {region_of(one): None for one in place.replace("<->", "->").split("->")}
        if what == "inject":
            phase = self._phase(tuple(regions), event.time_ns)
            self.met[fault, self._role(place), phase] = None
        for region in regions:
            step = 1 if what == "inject" else -1
            self._active[region] = self._active.get(region, 0) + step
            if what != "inject":
                self._healed_ns[region] = event.time_ns

    def _phase(self, regions: tuple[str, ...], now_ns: int) -> str:
        if any(self._active.get(region) for region in regions):
            return OVERLAPPING
        healed = [self._healed_ns[region] for region in regions if region in self._healed_ns]
        return HEALING if healed and now_ns - max(healed) < HEALING_NS else CALM

    def _role(self, place: str) -> str:
        """Return what kind of thing a target is at this moment."""
        assert self._arena is not None
        world = self._arena.world
        region, last = region_of(place), place.rpartition("/")[2]
        leader = world.roles.get((region, "leader"), "")
        roles = (
            ("->" in place, "link"),
            (last.startswith("@") or place == leader, "leader"),
            (place.startswith("safe/"), "safe"),
            (place == region, "region"),
            (place == az_of(place) and leader.startswith(place + "/"), "az of the leader"),
            (place == az_of(place), "other az"),
            (last in _NAMES, _NAMES.get(last, "")),
        )
        return next((role for is_it, role in roles if is_it), "regional")
