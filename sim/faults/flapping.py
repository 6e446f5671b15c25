"""A partition that opens and closes: a port that flaps, a route that comes and goes.

Model: the network is cut as by ``partition`` for ``down``, then whole for ``up``, again and
again, beginning with a cut. Limits: both phases are always as long as they are given; a flap is
never shorter than 1 ms.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.clock import Timer
from sim.faults.fault import Option
from sim.faults.partition import Partition
from sim.world import World


class Flapping(Partition):
    """A partition comes and goes until the fault ends."""

    name: ClassVar[str] = "flapping"
    options: ClassVar[Mapping[str, Option]] = {
        "down": Option("2s", "duration", "how long each cut lasts", least="1ms"),
        "up": Option("8s", "duration", "how long the network is whole between", least="1ms"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._next: Timer | None = None

    def inject(self, world: World) -> None:
        """Cut now, and go on."""
        super().inject(world)
        self._next = world.at(world.now_ns + self.duration_ns("down"), self._open, world)

    def heal(self, world: World) -> None:
        """Stop the flapping with a whole network."""
        if self._next is not None:
            self._next.cancel()
        super().heal(world)

    def _open(self, world: World) -> None:
        super().heal(world)
        self._next = world.at(world.now_ns + self.duration_ns("up"), self.inject, world)
