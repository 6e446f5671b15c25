"""What all faults of clocks have in common: each takes back exactly what it gave.

Offsets and drifts of several faults add up, and each is taken away alone, so the end of one
leaves another's error as it is. What does not belong here: who errs by how much (each fault's
own file).
"""

from typing import ClassVar, Final

from sim.faults.fault import Fault, names_in
from sim.units import us
from sim.world import World

_PPM: Final = 1_000_000
#: An error below this is what integer division has left: the time service removes it too; chosen.
ROUNDING_NS: Final = us(1)


class ClockFault(Fault):
    """Clocks of a place go wrong; with the end a time service sets them right by one step.

    Monotonic clocks are never stepped: what they gained or lost by a drift stays.
    """

    stops: ClassVar[bool] = False

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._shifts: dict[str, int] = {}  #: name -> ns that it was shifted by
        self._drifts: dict[str, tuple[int, int]] = {}  #: name -> (ppm, since which world time)

    def names(self, world: World) -> tuple[str, ...]:
        """Return the actors of the target as it stands now."""
        return names_in(world, world.resolve(self.target))

    def shift(self, world: World, name: str, by_ns: int) -> None:
        """Step a node's calendar, and remember it."""
        self._shifts[name] = self._shifts.get(name, 0) + by_ns
        world.shift_clock(name, by_ns)

    def drift(self, world: World, name: str, by_ppm: int) -> None:
        """Change the speed of a node's clocks, and remember it."""
        self._drifts[name] = by_ppm, world.now_ns
        world.drift_clock(name, by_ppm)

    def heal(self, world: World) -> None:
        """Take back every shift and drift, and the time that the drift has made."""
        for name, (by_ppm, since_ns) in self._drifts.items():
            world.drift_clock(name, -by_ppm)
            gained_ns = (world.now_ns - since_ns) * by_ppm // _PPM
            self._shifts[name] = self._shifts.get(name, 0) + gained_ns
        for name, by_ns in self._shifts.items():
            world.shift_clock(name, -by_ns)
            self._settle(world, name)
        self._shifts.clear()
        self._drifts.clear()

    def _settle(self, world: World, name: str) -> None:
        cell = world.kernel.cells[name]
        error_ns = world.kernel.calendar_ns(cell) - world.calendar_ns
        if not cell.drift_ppm and 0 < abs(error_ns) < ROUNDING_NS:
            world.sync_clock(name)
