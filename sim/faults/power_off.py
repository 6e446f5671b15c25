"""Power cut of a place: every actor in it stops at once, unflushed bytes are lost or torn.

Model: all actors lose power at the same instant, and get it back together at the end; an actor
then starts from class, config and disk. Limits: no ramp, no hardware that never returns.
"""

from typing import ClassVar

from sim.faults.fault import Fault, names_in
from sim.world import SimWorld


class PowerOff(Fault):
    """Everything in a place loses power; with the end it boots from its disks."""

    name: ClassVar[str] = "power-off"

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._dark: tuple[str, ...] = ()

    def inject(self, world: SimWorld) -> None:
        """Cut the power of the whole place."""
        names_in(world, self.target)
        self._dark = world.power_off(self.target)

    def heal(self, world: SimWorld) -> None:
        """Give power to what this fault took it from and nobody restarted since."""
        for name in self._dark:
            if not world.is_up(name):
                world.restart(name)
