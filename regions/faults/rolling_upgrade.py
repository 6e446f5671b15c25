"""A rolling upgrade: two versions of the software talk to each other for a while.

Model: everything in the place runs the version before, which writes and reads messages without
the fields that came later (sim/wire.py). Then one AZ after the other, every ``gap``, stops for
``down`` and starts as the newest version; what stands outside the AZs comes last. At the end
whatever is left is switched over where it stands. Limits: no message type and no file format is
new, only fields at the end of messages; callers are not upgraded.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.faults.affliction import DomainFault, place_at
from sim.clock import Timer
from sim.faults.fault import names_in
from sim.options import Option
from sim.world import World


class RollingUpgrade(DomainFault):
    """A place goes from the last wire version to the newest, AZ by AZ."""

    name: ClassVar[str] = "rolling-upgrade"
    hits: ClassVar[str] = "az"
    place: ClassVar[str] = "a region or an AZ"
    options: ClassVar[Mapping[str, Option]] = {
        "gap": Option("2m", "duration", "between the starts of two AZs' upgrades", least="0s"),
        "down": Option("20s", "duration", "how long an AZ is without its processes", least="0s"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._timers: list[Timer] = []
        self._old: dict[str, None] = {}
        self._dark: list[str] = []

    def inject(self, world: World) -> None:
        """Set the place back, and plan its upgrade."""
        codec = world.kernel.codec
        assert codec is not None, "a world without frames has no versions"
        groups: dict[str, list[str]] = {}
        place = place_at(world, self.target)
        for name in names_in(world, place):
            cls = world.kernel.cells[name].cls
            if cls is not None and cls.kind != "client":
                groups.setdefault(name.rpartition("/")[0], []).append(name)
                self._old[name] = None
                world.speak(name, max(1, codec.version - 1))
        # Zones inside the place first; what stands beside them is the region's own.
        inner = sorted(zone for zone in groups if zone != place)
        for turn, zone in enumerate([*inner, *(z for z in groups if z == place)]):
            at_ns = world.now_ns + turn * self.duration_ns("gap")
            self._timers.append(world.at(at_ns, self._stop, world, groups[zone]))

    def heal(self, world: World) -> None:
        """Start what is down, and switch the rest over."""
        for timer in self._timers:
            timer.cancel()
        self._start(world, list(self._dark))
        for name in self._old:
            world.speak(name, None)
        self._old.clear()

    def _stop(self, world: World, names: list[str]) -> None:
        for name in names:
            self._dark.append(name)
            world.hold_down(name, self)
        at_ns = world.now_ns + self.duration_ns("down")
        self._timers.append(world.at(at_ns, self._start, world, names))

    def _start(self, world: World, names: list[str]) -> None:
        for name in names:
            self._dark.remove(name)
            del self._old[name]
            world.speak(name, None)
            world.let_up(name, self)
