"""A calendar that is wrong by a fixed time.

Model: the calendar of every actor of the place is stepped by ``by`` as the fault begins, and
back as it ends; monotonic clocks do not notice. Offsets of several faults add up. Limits: no
time service slews it meanwhile; clocks belong to actors, so those of one host err together only
if the target holds them all.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.faults.clocks import ClockFault
from sim.faults.fault import Option
from sim.world import World


class ClockOffset(ClockFault):
    """Calendars of a place are wrong by a fixed time."""

    name: ClassVar[str] = "clock-offset"
    options: ClassVar[Mapping[str, Option]] = {
        "by": Option("5m", "duration", "how far ahead; a minus sign: behind"),
    }

    def inject(self, world: World) -> None:
        """Step the calendars away from true time."""
        for name in self.names(world):
            self.shift(world, name, self.duration_ns("by"))
