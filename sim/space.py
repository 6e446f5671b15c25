"""A reserve of room on the host's drive, for what must go on when the drive is full.

A file holds it. When a write finds no room the file gives its own away, once: then there is room
for the audit of reads and for orderly refusals, and ``short`` tells everybody to refuse what would
only grow. When the drive has plenty of room again, the reserve is taken back.
What does not belong here: what is refused (regions/), and writes without any room (held.py).
Source: fallocate(2), statvfs(3); the same idea as ext4's reserved blocks, mke2fs(8), ``-m``.
"""

import os
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sim.units import seconds

#: Bytes that are reserved; chosen: audit records of some 30,000 calls.
RESERVE_BYTES: Final = 64 * 1024 * 1024
#: Of all that the drive can hold the reserve is at most this part; chosen, for small drives.
PART: Final = 8
#: The reserve is taken only when so many times as much is free; chosen.
PLENTY: Final = 2
#: How often that is looked at, while it is gone; chosen.
LOOK_NS: Final = seconds(1)


def room(folder: Path) -> tuple[int, int]:
    """Return how many bytes the drive of a folder has free for this user, and how many in all."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize


class Space:
    """The reserve of one drive.

    Args:
      path: of the file that holds it.
      size: in bytes; less is reserved if the drive holds less than eight times as much.

    Raises:
      OSError: the file cannot be made or written.
    """

    def __init__(self, path: Path, size: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size = size
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._short = False
        self._looked_ns = time.monotonic_ns()
        self._take()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; it stays."""
        os.close(self._fd)

    @property
    def short(self) -> bool:
        """Whether the reserve is given away; once a second that is looked at."""
        if self._short and time.monotonic_ns() - self._looked_ns >= LOOK_NS:
            self._looked_ns = time.monotonic_ns()
            self._take()
        return self._short

    def make_room(self) -> bool:
        """Give the reserve away; False if it is gone already."""
        self._short, self._looked_ns = True, time.monotonic_ns()
        if not os.fstat(self._fd).st_size:
            return False
        os.ftruncate(self._fd, 0)
        return True

    def _take(self) -> None:
        """Hold the whole reserve if there is plenty of room, or nothing."""
        held = os.fstat(self._fd).st_size
        free, total = room(self._path.parent)
        size = min(self._size, total // PART)
        self._short = held < size
        if self._short and free >= PLENTY * size:
            try:
                os.posix_fallocate(self._fd, 0, size)
            except OSError:
                os.ftruncate(self._fd, held)  # Somebody else was quicker.
            else:
                self._short = False
