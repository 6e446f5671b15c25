"""A gray disk: mostly well, now and then very slow.

Model: ``share`` of all flushes take ``wait`` longer, and so does, unless ``large`` is 0, every
flush that has at least so many bytes to save. Limits: nothing fails, so only who measures notices.
Source: Huang et al., "Gray Failure" (HotOS'17); Gunawi et al., "Fail-Slow at Scale" (FAST'18).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.disk import DiskFault
from sim.faults.disks import OnDisks
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class _Gray(DiskFault):
    def __init__(self, share: float, wait_ns: int, large: int, rng: Stream) -> None:
        self._share = share
        self._wait_ns = wait_ns
        self._large = large
        self._rng = rng

    def flush_ns(self, flush_ns: int, waiting_bytes: int) -> int:
        unlucky = self._rng.random() < self._share
        large = 0 < self._large <= waiting_bytes
        return flush_ns + (self._wait_ns if unlucky or large else 0)


class DiskGray(OnDisks):
    """A few flushes, or those of many bytes, take very long."""

    name: ClassVar[str] = "disk-gray"
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("1%", "share", "how many flushes are slow"),
        "wait": Option("2s", "duration", "how much longer a slow flush takes"),
        "large": Option("0", "number", "flushes of so many bytes are slow as well; 0: none"),
    }

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive that is slow at times."""
        wait_ns, large = self.duration_ns("wait"), int(self.number("large"))
        return _Gray(self.share("share"), wait_ns, large, rng)
