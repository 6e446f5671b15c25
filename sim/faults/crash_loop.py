"""A process that dies again and again.

Model: every actor of the place crashes, restarts after ``DOWN_NS``, and crashes again after
``UP_NS``, until the fault ends. A target with ``@leader`` is looked up anew for each crash, so
the loop follows the leader. Limits: a crash here is a power cut of the actor's disk too.
"""

from typing import ClassVar, Final

from sim.clock import Timer
from sim.faults.fault import Fault, names_in
from sim.units import seconds
from sim.world import SimWorld

#: Chosen: a supervisor's restart delay, and a process that dies soon after it came up.
DOWN_NS: Final = seconds(2)
UP_NS: Final = seconds(8)


class CrashLoop(Fault):
    """An actor crashes, restarts and crashes again until the fault ends."""

    name: ClassVar[str] = "crash-loop"

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._down: tuple[str, ...] = ()
        self._next: Timer | None = None

    def inject(self, world: SimWorld) -> None:
        """Crash now, and go on."""
        names = names_in(world, world.resolve(self.target))
        self._down = tuple(name for name in names if world.is_up(name))
        for name in self._down:
            world.crash(name)
        self._next = world.at(world.now_ns + DOWN_NS, self._up, world)

    def heal(self, world: SimWorld) -> None:
        """Stop the loop and restart what is down."""
        if self._next is not None:
            self._next.cancel()
        self._restart(world)

    def _up(self, world: SimWorld) -> None:
        self._restart(world)
        self._next = world.at(world.now_ns + UP_NS, self.inject, world)

    def _restart(self, world: SimWorld) -> None:
        for name in self._down:
            if not world.is_up(name):
                world.restart(name)
        self._down = ()
