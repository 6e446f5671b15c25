"""Clocks that run too fast or too slow.

Model: all clocks of every actor of the place run ``ppm`` parts of a million faster; with the end
the speed is right again and the calendar is stepped by what it had gained. Drifts of several
faults add up. Limits: the speed is constant; a timer that was set before the drift began or
ended keeps its moment.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.faults.clocks import ClockFault
from sim.faults.fault import Option
from sim.world import World


class ClockDrift(ClockFault):
    """Clocks of a place run too fast, or too slow."""

    name: ClassVar[str] = "clock-drift"
    # Chosen: ten times what a good quartz does, and what Raft's leases must still bear.
    options: ClassVar[Mapping[str, Option]] = {
        "ppm": Option("500", "number", "parts of a million too fast; a minus sign: too slow",
                      least="-100000", most="100000"),
    }  # fmt: skip

    def inject(self, world: World) -> None:
        """Change the speed of the clocks."""
        for name in self.names(world):
            self.drift(world, name, round(self.number("ppm")))
