"""A drive that tears what was under way when the power went.

Model: of every unflushed write a prefix of whole sectors, maybe none, reaches the medium; renames,
removals and cuts of files are journalled, so they survive in order or not at all. Limits: sectors
of one write reach the medium in order; a sector itself is never torn.
Source: Pillai et al., OSDI'14, section 2; Zheng et al., FAST'13 ("shorn writes").
"""

from typing import ClassVar

from sim.disk import DiskFault
from sim.faults.disks import OnDisks
from sim.rng import Stream
from sim.world import World


class _Tears(DiskFault):
    fate: ClassVar[str] = "torn"


class DiskTorn(OnDisks):
    """While it lasts, a power cut tears every write that was not flushed at some sector."""

    name: ClassVar[str] = "disk-torn"
    stops: ClassVar[bool] = False

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive that tears."""
        return _Tears()
