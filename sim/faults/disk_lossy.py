"""A drive whose cache is empty after a power cut: every unflushed write is lost.

Model: a volatile cache and no capacitors; what was flushed stays. Limits: all of it is lost, never
a part, and nothing is lost without a power cut; renames and removals not yet flushed are undone.
Source: Zheng et al., "Understanding the Robustness of SSDs under Power Fault" (FAST'13).
"""

from typing import ClassVar

from sim.disk import DiskFault
from sim.faults.disks import OnDisks
from sim.rng import Stream
from sim.world import World


class _Lossy(DiskFault):
    fate: ClassVar[str] = "lost"


class DiskLossy(OnDisks):
    """While it lasts, a power cut loses every write that was not flushed."""

    name: ClassVar[str] = "disk-lossy"
    stops: ClassVar[bool] = False

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive with a volatile cache."""
        return _Lossy()
