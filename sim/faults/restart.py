"""A single short restart, as of a deployment or of an operator's hand.

Model: the actors of a place die together and are started again after ``down``, however long the
fault is said to last; a fault that ends before then starts them at its end. Limits: as of
``crash``; there is no graceful stop.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.clock import Timer
from sim.faults.crash import Crash
from sim.faults.fault import Option
from sim.world import World


class Restart(Crash):
    """One actor (or ``REGION/@leader``) dies once and is started again soon."""

    name: ClassVar[str] = "restart"
    options: ClassVar[Mapping[str, Option]] = {
        "down": Option("2s", "duration", "how long it is down", least="0s"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._up: Timer | None = None

    def inject(self, world: World) -> None:
        """Crash now, and start again soon."""
        super().inject(world)
        self._up = world.at(world.now_ns + self.duration_ns("down"), super().heal, world)

    def heal(self, world: World) -> None:
        """Start what is still down."""
        if self._up is not None:
            self._up.cancel()
        super().heal(world)
