"""A process crash: the actors of a place lose power for as long as the fault lasts.

Model: as a power cut, but named for a process; the disk loses what was not flushed. Limits: the
operating system's cache dies with the process, which is harsher than a real process crash.
"""

from typing import ClassVar

from sim.faults.power_off import PowerOff
from sim.world import SimWorld


class Crash(PowerOff):
    """One actor (or ``REGION/@leader``) dies; with the end it is started again."""

    name: ClassVar[str] = "crash"

    def inject(self, world: SimWorld) -> None:
        """Crash what the target names at this moment."""
        self.target = world.resolve(self.target)
        super().inject(world)
