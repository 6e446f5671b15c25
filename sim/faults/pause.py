"""A stopped process: alive, holding its memory, and silent.

Model: SIGSTOP and SIGCONT; what arrives meanwhile is handled in order afterwards. Limits: the
whole actor stops, not one of its workers.
"""

from typing import ClassVar

from sim.faults.fault import Fault, names_in
from sim.world import SimWorld


class Pause(Fault):
    """Actors of a place stop as with SIGSTOP; with the end they go on where they were."""

    name: ClassVar[str] = "pause"

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._stopped: tuple[str, ...] = ()

    def inject(self, world: SimWorld) -> None:
        """Stop every actor of the place that is up."""
        names = names_in(world, world.resolve(self.target))
        self._stopped = tuple(name for name in names if world.is_up(name))
        for name in self._stopped:
            world.pause(name)

    def heal(self, world: SimWorld) -> None:
        """Let them go on; one that crashed meanwhile has nothing to resume."""
        for name in self._stopped:
            if world.is_up(name):
                world.resume(name)
