"""Latent sector errors: sectors that cannot be read any more, found only by who reads them.

Model: ``sectors`` sectors, and ``share`` of all, drawn from all that hold bytes of files, read as
zeros from the moment at which the fault begins until they are written again (the drive then takes
a spare one). Limits: no error is reported, so that only readers' checksums notice; what was in
a sector is gone for good, also after the end.
Source: Bairavasundaram et al., "An Analysis of Latent Sector Errors in Disk Drives"
(SIGMETRICS'07).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.faults.disks import Decay
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class DiskLatent(Decay):
    """Some sectors of each disk read as zeros until they are written again."""

    name: ClassVar[str] = "disk-latent"
    forgets: ClassVar[bool] = True
    options: ClassVar[Mapping[str, Option]] = {
        "sectors": Option("2", "number", "how many sectors of each disk are lost"),
        "share": Option("0%", "share", "of its sectors, these many are lost as well"),
    }

    def decay(self, world: World, name: str, rng: Stream) -> None:
        """Lose sectors of one disk."""
        disk, share = world.disk(name), self.share("share")
        count = disk.sectors()
        for _ in range(int(self.number("sectors")) if count else 0):
            disk.lose_sector(*disk.sector_at(rng.randrange(count)))
        for number in range(count if share else 0):
            if rng.random() < share:
                disk.lose_sector(*disk.sector_at(number))
