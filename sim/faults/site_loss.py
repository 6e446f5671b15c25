"""Permanent loss of a site: fire or flood takes the hardware and every byte on it.

Model: the actors of the place lose power at once and their disks are gone, flushed or not; with
the end of the fault new hardware of the same names boots with empty disks. Only copies elsewhere
count. Limits: the new hardware comes all at once, its clock is the old one's, and a configuration
that lived only there is as the world's builder gave it.
"""

from typing import ClassVar

from sim.faults.crash import Crash
from sim.world import World


class SiteLoss(Crash):
    """A place is destroyed; with the end new hardware with empty disks boots there."""

    name: ClassVar[str] = "site-loss"
    forgets: ClassVar[bool] = True

    def inject(self, world: World) -> None:
        """Take the power, then the disks."""
        super().inject(world)
        for name in self.held:
            world.disk(name).wipe()
