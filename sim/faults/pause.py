"""A stopped process: alive, holding its memory, and silent.

Model: SIGSTOP and SIGCONT; what arrives meanwhile is handled in order afterwards. Several faults
that stop one process must all let it go on. A process that dies meanwhile is started as a new
one, which nobody has stopped. Limits: the whole actor stops, not one of its workers; what has no
power when the fault begins is left alone.
"""

from typing import ClassVar

from sim.faults.fault import Fault, names_in
from sim.world import World


class Pause(Fault):
    """Actors of a place stop as with SIGSTOP; with the end they go on where they were."""

    name: ClassVar[str] = "pause"

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._stopped: tuple[str, ...] = ()

    def inject(self, world: World) -> None:
        """Stop every actor of the place that is up."""
        names = names_in(world, world.resolve(self.target))
        self._stopped = tuple(name for name in names if world.is_up(name))
        for name in self._stopped:
            world.stop(name, self)

    def heal(self, world: World) -> None:
        """Let them go on; one that crashed meanwhile has nothing to resume."""
        for name in self._stopped:
            world.go_on(name, self)
        self._stopped = ()
