"""A process that dies again and again.

Model: every actor of the place crashes, restarts after ``down``, and crashes again after ``up``,
until the fault ends. A role (``REGION/@leader``) is looked up anew for each crash, so the loop
follows the leader. In a place without power nothing is started: the loop only adds its own hold.
Limits: a crash here is a power cut of the actor's disk too.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.clock import Timer
from sim.faults.crash import Crash
from sim.faults.fault import Option
from sim.world import World


class CrashLoop(Crash):
    """An actor crashes, restarts and crashes again until the fault ends."""

    name: ClassVar[str] = "crash-loop"
    # Chosen: a supervisor's restart delay, and a process that dies soon after it came up.
    options: ClassVar[Mapping[str, Option]] = {
        "down": Option("2s", "duration", "how long it is down each time", least="1ms"),
        "up": Option("8s", "duration", "how long it runs before it dies again", least="1ms"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._next: Timer | None = None

    def inject(self, world: World) -> None:
        """Crash now, and go on."""
        super().inject(world)
        self._next = world.at(world.now_ns + self.duration_ns("down"), self._start, world)

    def heal(self, world: World) -> None:
        """Stop the loop and start what is down."""
        if self._next is not None:
            self._next.cancel()
        super().heal(world)

    def _start(self, world: World) -> None:
        super().heal(world)
        self._next = world.at(world.now_ns + self.duration_ns("up"), self.inject, world)
