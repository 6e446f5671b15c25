"""A slow disk: every flush takes many times as long.

Model: the time of a flush times ``factor``; flushes queue up behind each other as ever. Limits:
reads and writes into the cache take no time, as on a healthy disk.
Source: Gunawi et al., "Fail-Slow at Scale" (FAST'18).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.disk import DiskFault
from sim.faults.disks import OnDisks
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class _Slow(DiskFault):
    def __init__(self, factor: float) -> None:
        self._factor = factor

    def flush_ns(self, flush_ns: int, waiting_bytes: int) -> int:  # noqa: ARG002
        return int(flush_ns * self._factor)


class DiskSlow(OnDisks):
    """Every flush takes so many times as long."""

    name: ClassVar[str] = "disk-slow"
    options: ClassVar[Mapping[str, Option]] = {
        "factor": Option("20", "number", "how many times as long a flush takes"),
    }

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a slow drive."""
        return _Slow(self.number("factor"))
