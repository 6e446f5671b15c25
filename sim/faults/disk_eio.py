"""I/O errors: a share of all operations on a disk fail.

Model: each read, write, flush or change of a name fails with a chance of its own, and has changed
nothing then; an actor that meets an error ends itself, and its supervisor starts it again, later
each time. Limits: a flush reports its error when it is asked for, not when it would complete.
Source: Rebello et al., "Can Applications Recover from fsync Failures?" (ATC'20).
"""

from collections.abc import Mapping
from typing import ClassVar

from sim.disk import DiskError, DiskFault, FaultyDisk
from sim.faults.disks import OnDisks
from sim.faults.fault import Option
from sim.rng import Stream
from sim.world import World


class _Fails(DiskFault):
    def __init__(self, share: float, rng: Stream) -> None:
        self._share = share
        self._rng = rng

    def admit(self, disk: FaultyDisk, what: str, grows_by: int) -> None:  # noqa: ARG002
        if self._rng.random() < self._share:
            raise DiskError(f"disk {disk.name}: input/output error during a {what}")


class DiskEio(OnDisks):
    """A share of disk operations fails; a process that meets such an error dies and restarts."""

    name: ClassVar[str] = "disk-eio"
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("1%", "share", "how many of all operations fail"),
    }

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:  # noqa: ARG002
        """Return a drive that fails now and then."""
        return _Fails(self.share("share"), rng)
