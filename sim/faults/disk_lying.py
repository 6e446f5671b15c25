"""A flush that lies: it completes at once, and what it should have saved stays in the cache.

Model: while the fault lasts, flushes take no time and make nothing durable; a power cut loses
everything that was written since the last honest flush. The first flush after the end is honest
and saves what still waits. Limits: nothing is lost without a power cut, and then always all.
Source: Rajimwale et al., "Coerced Cache Eviction and Discreet Mode Journaling" (DSN'11), on drives
that ignore flushes.
"""

from typing import ClassVar

from sim.disk import DiskFault
from sim.faults.disks import OnDisks
from sim.rng import Stream
from sim.world import World


class _Lies(DiskFault):
    lies: ClassVar[bool] = True


class DiskLying(OnDisks):
    """Flushes complete at once and save nothing; a power cut loses all since they began to lie."""

    name: ClassVar[str] = "disk-lying"
    forgets: ClassVar[bool] = True

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive that lies."""
        return _Lies()
