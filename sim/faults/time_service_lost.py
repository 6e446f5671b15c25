"""Loss of the time service: every clock of a place runs on alone.

Model: each actor of the place gets a drift of its own, drawn evenly from -``ppm`` to +``ppm``, as
quartz clocks have it; with the end its calendar is stepped back to true time. Limits: the drift
of a clock is constant and has no temperature; it begins at zero error, as if the service had just
set it.
Source: free-running quartz oscillators of servers err by tens of ppm.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.faults.clocks import ClockFault
from sim.faults.fault import Option
from sim.world import World


class TimeServiceLost(ClockFault):
    """Clocks of a place drift apart, each with its own speed."""

    name: ClassVar[str] = "time-service-lost"
    options: ClassVar[Mapping[str, Option]] = {
        "ppm": Option("50", "number", "the largest drift, either way", least="0",
                      most="100000"),
    }

    def inject(self, world: World) -> None:
        """Draw a drift for each clock."""
        most = round(self.number("ppm"))
        for name in self.names(world):
            drawn = world.rng("fault", self.name, name).randint(-most, most)
            self.drift(world, name, drawn)
