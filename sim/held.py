"""Changes for which a disk has no room yet, and what its files look like with them.

They wait in memory, in order, and are made when there is room; nobody was told that they are
durable, so a power cut may take them. What was not touched meanwhile is the disk's own.
What does not belong here: when to try again, and who waits for a flush (actor.py).
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sim.disk import Disk, Then
from sim.units import seconds

#: How often it is tried again; chosen.
RETRY_NS: Final = seconds(1)
#: A process that would hold more ends itself; chosen: some thousand requests.
HELD_BYTES_MAX: Final = 16 * 1024 * 1024


class Change(NamedTuple):
    """One call of a disk's method that changes something."""

    method: str  #: write, truncate, remove or replace
    arguments: tuple[Any, ...]


class Held:
    """All changes that wait for room on one disk."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._changes: deque[Change] = deque()
        self._files: dict[str, bytearray | None] = {}  #: touched files; None: removed
        self.flushes: list[Then | None] = []  #: asked for meanwhile
        self.waiting_bytes = 0

    def touches(self, *files: str) -> bool:
        """Whether a change of one of these files waits."""
        return any(file in self._files for file in files)

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write once there is room; reads see it now."""
        content = self._touched(file)
        if content is None:
            content = self._files[file] = bytearray()
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data
        self.waiting_bytes += len(data)
        self._changes.append(Change("write", (file, offset, data)))

    def truncate(self, file: str, size: int) -> None:
        """Cut a file."""
        content = self._touched(file)
        if content is not None:
            del content[size:]
        self._changes.append(Change("truncate", (file, size)))

    def remove(self, file: str) -> None:
        """Delete a file, if it is there."""
        self._files[file] = None
        self._changes.append(Change("remove", (file,)))

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new``.

        Raises:
          FileNotFoundError: there is no file ``old``.
        """
        content = self._touched(old)
        if content is None:
            raise FileNotFoundError(f"there is no file {old!r}")
        if old != new:
            self._files[new], self._files[old] = content, None
            self._changes.append(Change("replace", (old, new)))

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent."""
        return bytes(self._files[file] or b"") if file in self._files else self._disk.load(file)

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""
        return len(self._files[file] or b"") if file in self._files else self._disk.size(file)

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""
        found = {file for file in self._disk.files() if file not in self._files}
        found.update(file for file, content in self._files.items() if content is not None)
        return tuple(sorted(found))

    def make(self, change: Callable[[Change], None]) -> None:
        """Have every change made in order; one that raises stays, and so do those behind it."""
        while self._changes:
            change(self._changes[0])
            self._changes.popleft()

    def _touched(self, file: str) -> bytearray | None:
        if file not in self._files:
            there = file in self._disk.files()
            self._files[file] = bytearray(self._disk.load(file)) if there else None
        return self._files[file]
