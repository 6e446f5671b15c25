"""A disk that forgets what was not flushed.

A disk holds named files. Writes go to the drive's cache, where reads see them; a flush makes all
earlier writes durable; a power cut loses or tears, as the disk's own dice decide, what was not
flushed. What does not belong here: formats and checksums (those who write choose them).
Source: fdatasync(2); torn writes at 512-byte sectors: Pillai et al., OSDI'14, section 2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sim.clock import SimClock
from sim.rng import Stream
from sim.units import us

#: One sector is written whole or not at all.
SECTOR_BYTES: Final = 512
#: A flush of a datacentre SSD with power-loss protection off; chosen, 0.3–1 ms is usual.
FLUSH_NS: Final = us(500)
#: Of three unflushed writes one survives, one is torn and one is lost; chosen.
_SURVIVES, _TORN = 1 / 3, 2 / 3

Then = Callable[[], None]


class Disk(Protocol):
    """What an actor may do with its disk; SimDisk and the live disk keep one contract."""

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write into the cache; visible to reads at once, durable after the next flush."""

    def append(self, file: str, data: bytes) -> int:
        """Write behind the last byte and return the offset of the first one written."""

    def truncate(self, file: str, size: int) -> None:
        """Cut a file to ``size`` bytes; durable after the next flush."""

    def remove(self, file: str) -> None:
        """Delete a file, if it is there; durable after the next flush."""

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new`` in one step; durable after the next flush."""

    def flush(self, then: Then | None = None) -> None:
        """Make all earlier changes durable, then call ``then()``."""

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent; for boot, scrub and repair."""

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""

    def statistics(self) -> dict[str, int]:
        """Return counts of writes, bytes and flushes since the world began."""


@dataclass(slots=True)
class _Change:
    """One change that is not durable yet, and how to take it back."""

    kind: str  #: create, write, truncate, remove or replace
    file: str
    offset: int
    data: bytes  #: what was written
    before: bytes = b""  #: the bytes that stood there, or that were cut off
    source: str = ""  #: of a replace, the old name
    over: bytearray | None = None  #: the file that a remove or a replace took away


class SimDisk:
    """Files in memory with the durability of a real drive.

    Args:
      name: the actor that owns it.
      clock: completes flushes by events.
      rng: decides what a power cut leaves of unflushed writes.
      tap: shown every write as (disk, file, offset, data).
    """

    def __init__(
        self,
        name: str,
        clock: SimClock,
        rng: Stream,
        tap: Callable[[str, str, int, bytes], None],
    ) -> None:
        self.name = name
        self.flush_ns = FLUSH_NS
        self._clock = clock
        self._rng = rng
        self._tap = tap
        self._files: dict[str, bytearray] = {}
        self._pending: list[_Change] = []
        self._dropped = 0  #: how many changes left ``_pending`` at its front since the start
        self._busy_until_ns = 0
        self._power = 0  #: counts power cuts; a flush begun before one never completes
        self._writes = self._bytes = self._flushes = 0

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write into the cache; a gap behind the end of the file reads as zeros."""
        content = self._files.get(file)
        if content is None:
            content = self._files[file] = bytearray()
            self._pending.append(_Change("create", file, 0, b""))
        end = len(content)
        if offset == end:
            self._pending.append(_Change("write", file, offset, data))
            content += data
        else:
            if offset > end:
                data, offset = bytes(offset - end) + data, end
            before = bytes(content[offset : offset + len(data)])
            self._pending.append(_Change("write", file, offset, data, before))
            content[offset : offset + len(data)] = data
        self._writes += 1
        self._bytes += len(data)
        self._tap(self.name, file, offset, data)

    def append(self, file: str, data: bytes) -> int:
        """Write behind the last byte and return the offset of the first one written."""
        offset = len(self._files.get(file, b""))
        self.write(file, offset, data)
        return offset

    def truncate(self, file: str, size: int) -> None:
        """Cut a file to ``size`` bytes; longer is left alone."""
        content = self._files.get(file)
        if content is not None and size < len(content):
            self._pending.append(_Change("truncate", file, size, b"", bytes(content[size:])))
            del content[size:]

    def remove(self, file: str) -> None:
        """Delete a file, if it is there."""
        content = self._files.pop(file, None)
        if content is not None:
            self._pending.append(_Change("remove", file, 0, b"", over=content))

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new`` in one step.

        Raises:
          FileNotFoundError: there is no file ``old``.
        """
        if old not in self._files:
            raise FileNotFoundError(f"disk {self.name} has no file {old!r}")
        if old != new:
            content, over = self._files.pop(old), self._files.get(new)
            self._pending.append(_Change("replace", new, 0, b"", source=old, over=over))
            self._files[new] = content

    def flush(self, then: Then | None = None) -> None:
        """Make all earlier changes durable, then call ``then()``; flushes queue up."""
        now = self._clock.now_ns
        self._flushes += 1
        self._busy_until_ns = max(now, self._busy_until_ns) + self.flush_ns
        upto = self._dropped + len(self._pending)
        self._clock.at(self._busy_until_ns, self._complete, (upto, self._power, then))

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent."""
        return bytes(self._files.get(file, b""))

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""
        return len(self._files.get(file, b""))

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""
        return tuple(sorted(self._files))

    def statistics(self) -> dict[str, int]:
        """Return counts since the world began, and what is stored now."""
        return {
            "writes": self._writes,
            "bytes_written": self._bytes,
            "flushes": self._flushes,
            "bytes_stored": sum(len(content) for content in self._files.values()),
        }

    # What the world does to a disk.

    def power_cut(self) -> None:
        """Lose, tear or keep each change that is not durable; begun flushes never complete."""
        self._power += 1
        self._busy_until_ns = 0
        changes, self._pending = self._pending, []
        self._dropped += len(changes)
        for change in reversed(changes):
            self._undo(change)
        journal_alive = True
        #: Name as the writer knew it -> name of the same file now; None: the file never was.
        renamed: dict[str, str | None] = {}
        for change in changes:
            if change.kind == "create":
                continue  # The first bytes that survive bring the file with them.
            chance = self._rng.random()
            file = renamed.get(change.file, change.file)
            if change.kind == "write":
                length = len(change.data)
                if chance >= _SURVIVES:
                    length = self._torn_length(change) if chance < _TORN else 0
                if file is not None and length:
                    self._overwrite(file, change.offset, change.data[:length])
                continue
            # A file system journals these in order: after a lost one none survives.
            journal_alive = journal_alive and chance < _SURVIVES
            if journal_alive:
                self._redo(change)
            elif change.kind == "remove":
                renamed[change.file] = None
            elif change.kind == "replace":
                # What was written to the new name later belongs to the file under its old one.
                renamed[change.file] = renamed.get(change.source, change.source)
                renamed[change.source] = None

    def rot(self, file: str, offset: int, length: int = 1) -> None:
        """Flip one bit in each of ``length`` stored bytes, as decaying media do.

        Raises:
          ValueError: the file does not reach that far.
        """
        content = self._files.get(file, bytearray())
        if not 0 <= offset <= offset + length <= len(content):
            raise ValueError(f"disk {self.name}: {file!r} has no bytes {offset}+{length}")
        for position in range(offset, offset + length):
            content[position] ^= 1 << self._rng.randrange(8)

    def wipe(self) -> None:
        """Forget everything, as a replaced drive does; begun flushes complete."""
        self._dropped += len(self._pending)
        self._pending.clear()
        self._files.clear()

    def _complete(self, argument: tuple[int, int, Any]) -> None:
        upto, power, then = argument
        if power != self._power:
            return
        gone = upto - self._dropped
        if gone > 0:
            del self._pending[:gone]
            self._dropped = upto
        if then is not None:
            then()

    def _torn_length(self, change: _Change) -> int:
        """Return how many bytes reached the platter: up to a sector boundary inside the write."""
        first = SECTOR_BYTES - change.offset % SECTOR_BYTES
        cuts = list(range(first, len(change.data), SECTOR_BYTES))
        return self._rng.choice([0, *cuts])

    def _undo(self, change: _Change) -> None:
        files = self._files
        if change.kind == "write":
            end = change.offset + len(change.data)
            files[change.file][change.offset : end] = change.before
        elif change.kind == "create":
            del files[change.file]
        elif change.kind == "truncate":
            files[change.file] += change.before
        else:
            if change.kind == "replace":
                files[change.source] = files.pop(change.file)
            if change.over is not None:
                files[change.file] = change.over

    def _redo(self, change: _Change) -> None:
        files = self._files
        if change.kind == "truncate":
            del files.get(change.file, bytearray())[change.offset :]
        elif change.kind == "remove":
            files.pop(change.file, None)
        else:
            # If none of its bytes survived, the renamed file is there and empty.
            files[change.file] = files.pop(change.source, bytearray())

    def _overwrite(self, file: str, offset: int, data: bytes) -> None:
        content = self._files.setdefault(file, bytearray())
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data
