"""A full disk: writes that need more space fail.

Model: from the moment at which the fault begins, ``free`` bytes are left; a write that makes
a file longer than that allows fails and has changed nothing, while overwriting, cutting, renaming
and removing still work and the space they free can be used. Processes go on: their writes wait
for room. Limits: names take no space.
Source: ENOSPC of write(2).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.disk import DiskFault, FaultyDisk, OutOfSpace
from sim.faults.disks import OnDisks
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class _Full(DiskFault):
    def __init__(self, size: int) -> None:
        self._size = size

    def admit(self, disk: FaultyDisk, what: str, grows_by: int) -> None:  # noqa: ARG002
        if grows_by and disk.statistics()["bytes_stored"] + grows_by > self._size:
            raise OutOfSpace(f"disk {disk.name}: no space left for {grows_by} bytes")


class DiskFull(OnDisks):
    """Writes that need more space than is left wait, and nothing they carry is confirmed."""

    name: ClassVar[str] = "disk-full"
    options: ClassVar[Mapping[str, Option]] = {
        "free": Option("0", "number", "bytes that are left"),
    }

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive with little space."""
        stored = world.disk(name).statistics()["bytes_stored"]
        return _Full(stored + int(self.number("free")))
