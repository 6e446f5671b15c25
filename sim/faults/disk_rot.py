"""Bit rot at rest: stored bits flip, and no one is told.

Model: ``bits`` bits flip, each in a byte drawn from all that is stored on a disk, and of all its
sectors ``share`` get one flipped bit each; flushed or not, at the moment at which the fault
begins. Limits: what rotted stays so until somebody writes it again, also after the end.
Source: Bairavasundaram et al., "An Analysis of Data Corruption in the Storage Stack" (FAST'08).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.disk import SECTOR_BYTES
from sim.faults.disks import Decay
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class DiskRot(Decay):
    """Some stored bits flip silently, at drawn places of each disk."""

    name: ClassVar[str] = "disk-rot"
    forgets: ClassVar[bool] = True
    options: ClassVar[Mapping[str, Option]] = {
        "bits": Option("8", "number", "how many bits of each disk flip"),
        "share": Option("0%", "share", "of its sectors, these many get one flipped bit as well"),
    }

    def decay(self, world: World, name: str, rng: Stream) -> None:
        """Flip the bits of one disk."""
        disk = world.disk(name)
        files = [(file, disk.size(file)) for file in disk.files()]
        stored = sum(size for _, size in files)
        for _ in range(int(self.number("bits")) if stored else 0):
            place = rng.randrange(stored)
            for file, size in files:
                if place < size:
                    disk.rot(file, place, rng=rng)
                    break
                place -= size
        share = self.share("share")
        for number in range(disk.sectors() if share else 0):
            if rng.random() < share:
                file, sector = disk.sector_at(number)
                first = sector * SECTOR_BYTES
                last = min(first + SECTOR_BYTES, disk.size(file))
                disk.rot(file, rng.randrange(first, last), rng=rng)
