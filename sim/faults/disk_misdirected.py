"""A drive that writes some sectors to the wrong place.

Model: a share of all writes lands on drawn sectors of the same disk, in whole sectors: the place
it was meant for reads as before (zeros, where the file grew), and what stood at the wrong place
is gone. Writes that touch several sectors land side by side. Limits: a write never leaves the
disk, nor the file that it falls into; the drive reports success.
Source: Bairavasundaram et al., FAST'08 (misdirected and lost writes); Krioukov et al., "Parity
Lost and Parity Regained" (FAST'08).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.disk import DiskFault, FaultyDisk
from sim.faults.disks import OnDisks
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class _Astray(DiskFault):
    def __init__(self, share: float, rng: Stream) -> None:
        self._share = share
        self._rng = rng

    def stray(self, disk: FaultyDisk) -> tuple[str, int] | None:
        count = disk.sectors()
        if not count or self._rng.random() >= self._share:
            return None
        return disk.sector_at(self._rng.randrange(count))


class DiskMisdirected(OnDisks):
    """A share of writes lands at a wrong, sector-aligned place of the same disk."""

    name: ClassVar[str] = "disk-misdirected"
    forgets: ClassVar[bool] = True
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("5%", "share", "how many of all writes go astray"),
    }

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive that writes astray."""
        return _Astray(self.share("share"), rng)
