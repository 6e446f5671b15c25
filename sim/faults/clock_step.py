"""A calendar that jumps forth and back.

Model: the calendar of every actor of the place is stepped by ``by`` as the fault begins, back to
where it was after ``every``, forth again after the same time, and so on; with the end it is right.
Monotonic clocks do not notice. Limits: all actors of the place step at the same instant.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.clock import Timer
from sim.faults.clocks import ClockFault
from sim.faults.fault import Option
from sim.world import World


class ClockStep(ClockFault):
    """Calendars of a place jump forth and back."""

    name: ClassVar[str] = "clock-step"
    options: ClassVar[Mapping[str, Option]] = {
        "by": Option("30s", "duration", "how far they jump; a minus sign: back first"),
        "every": Option("1m", "duration", "how long between two jumps", least="1ms"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._next: Timer | None = None
        self._whom: tuple[str, ...] = ()

    def inject(self, world: World) -> None:
        """Jump now, and go on."""
        self._whom = self.names(world)
        self._jump(world, self.duration_ns("by"))

    def heal(self, world: World) -> None:
        """Stop jumping, with true calendars."""
        if self._next is not None:
            self._next.cancel()
        super().heal(world)

    def _jump(self, world: World, by_ns: int) -> None:
        for name in self._whom:
            self.shift(world, name, by_ns)
        due_ns = world.now_ns + self.duration_ns("every")
        self._next = world.at(due_ns, self._jump, world, -by_ns)
