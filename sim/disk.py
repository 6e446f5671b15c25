"""A disk that forgets what was not flushed, and that may be ill in other ways.

A disk holds named files. Writes go to the drive's cache, where reads see them; a flush makes all
earlier writes durable; a power cut loses or tears, as the disk's own dice decide, what was not
flushed. What does not belong here: formats and checksums (those who write choose them), and when
a disk falls ill (faults/).
Source: fdatasync(2); torn writes at 512-byte sectors: Pillai et al., OSDI'14, section 2;
misdirected and lost writes, latent sector errors: Bairavasundaram et al., FAST'08.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar, Final, Protocol

from sim.attic import ROUND_BYTES, Attic
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


class DiskError(Exception):
    """The disk could not do what was asked; the text says which disk, what, and why."""


class OutOfSpace(DiskError):
    """There is no room for what should be written; everything else goes on."""


class Disk(Protocol):
    """What an actor may do with its disk; SimDisk and the live disk keep one contract.

    Every method may raise DiskError; nothing was changed then.
    """

    @property
    def doubtful(self) -> bool:
        """Whether what was written should be read back before anybody relies on it."""

    @property
    def short(self) -> bool:
        """Whether so little room is left that only what others rely on should be written."""

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

    def read(self, file: str, offset: int, length: int) -> bytes:
        """Return a part of a file: less than ``length`` bytes where the file ends earlier."""

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""

    def statistics(self) -> dict[str, int]:
        """Return counts of writes, bytes and flushes since the world began."""


class DiskFault:
    """One thing that is wrong with a disk; this base leaves everything as it is."""

    #: What a power cut does to each unflushed write: ``lost``, ``torn``; empty: the dice decide.
    fate: ClassVar[str] = ""
    lies: ClassVar[bool] = False  #: flushes complete at once and make nothing durable
    short: ClassVar[bool] = False  #: little room is left

    def admit(self, disk: "FaultyDisk", what: str, grows_by: int) -> None:
        """Let an operation happen, or raise DiskError.

        Args:
          what: ``read``, ``write``, ``flush`` or ``change`` (of the names and sizes of files).
          grows_by: bytes by which a write makes its file longer.
        """

    def stray(self, disk: "FaultyDisk") -> "tuple[str, int] | None":
        """Return where the next write lands instead of its place; None: where it should."""

    def flush_ns(self, flush_ns: int, waiting_bytes: int) -> int:  # noqa: ARG002 - some look
        """Return how long a flush takes that would take ``flush_ns``."""
        return flush_ns


class FaultyDisk(Disk, Protocol):
    """A disk as the world sees it: what may be wrong with it, and what may happen to it."""

    name: str  #: the actor that owns it
    faults: list[DiskFault]  #: what is wrong with it; asked in order

    def power_cut(self) -> None:
        """End an incarnation: begun flushes never complete."""

    def rot(self, file: str, offset: int, length: int = 1, *, rng: Stream | None = None) -> None:
        """Flip one bit in each of ``length`` stored bytes, as decaying media do."""

    def lose_sector(self, file: str, sector: int) -> None:
        """Make one sector read as zeros until it is written again."""

    def sectors(self) -> int:
        """Return how many sectors hold bytes of files; each file begins with one of its own."""

    def sector_at(self, number: int) -> tuple[str, int]:
        """Return file and place in it of one sector, 0 <= number < sectors()."""

    def wipe(self) -> None:
        """Forget everything, as a replaced drive does."""


def place_of_sector(sizes: Mapping[str, int], number: int) -> tuple[str, int]:
    """Return file and place in it of one of all sectors that hold bytes, by sizes of files."""
    names = sorted(sizes)
    ends = list(accumulate(-(-sizes[name] // SECTOR_BYTES) for name in names))
    place = bisect_right(ends, number)
    return names[place], number - (ends[place - 1] if place else 0)


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
        self.faults: list[DiskFault] = []  #: what is wrong with it; asked in order
        self._clock = clock
        self._rng = rng
        self._tap = tap
        #: What stood in blocks that were given back, if an examiner wants to know; else None.
        self.freed: list[bytes] | None = None
        self._files = Attic()
        self._chilled = 0  #: bytes written when old files were compressed last
        self._pending: list[_Change] = []
        self._dropped = 0  #: how many changes left ``_pending`` at its front since the start
        self._busy_until_ns = 0
        self._power = 0  #: counts power cuts; a flush begun before one never completes
        self._lied = 0  #: flushes have lied about changes up to this one, counted as ``_dropped``
        self._writes = self._bytes = self._flushes = 0

    @property
    def doubtful(self) -> bool:
        """Whether anything is wrong with it: a healthy drive reads back what was written."""
        return bool(self.faults)

    @property
    def short(self) -> bool:
        """Whether a fault leaves it little room."""
        return any(fault.short for fault in self.faults)

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write into the cache; a gap behind the end of the file reads as zeros."""
        if self.faults and self._ail(file, offset, data):
            return
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
            self._store(file, offset, data)
        self._writes += 1
        self._bytes += len(data)
        self._tap(self.name, file, offset, data)

    def append(self, file: str, data: bytes) -> int:
        """Write behind the last byte and return the offset of the first one written."""
        offset = self._files.size(file)
        self.write(file, offset, data)
        return offset

    def truncate(self, file: str, size: int) -> None:
        """Cut a file to ``size`` bytes; longer is left alone."""
        self._admit("change")
        content = self._files.get(file)
        if content is not None and size < len(content):
            self._free(content[size:])
            self._pending.append(_Change("truncate", file, size, b"", bytes(content[size:])))
            del content[size:]

    def remove(self, file: str) -> None:
        """Delete a file, if it is there."""
        self._admit("change")
        content = self._files.pop(file)
        if content is not None:
            self._free(content)
            self._pending.append(_Change("remove", file, 0, b"", over=content))

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new`` in one step.

        Raises:
          FileNotFoundError: there is no file ``old``.
        """
        if old not in self._files:
            raise FileNotFoundError(f"disk {self.name} has no file {old!r}")
        self._admit("change")
        if old != new:
            content, over = self._files[old], self._files.get(new)
            self._files.pop(old)
            if over is not None:
                self._free(over)
            self._pending.append(_Change("replace", new, 0, b"", source=old, over=over))
            self._files[new] = content

    def flush(self, then: Then | None = None) -> None:
        """Make all earlier changes durable, then call ``then()``; flushes queue up."""
        now = self._clock.now_ns
        flush_ns, upto = self.flush_ns, self._dropped + len(self._pending)
        if self.faults:
            self._admit("flush")
            waiting_bytes = sum(len(change.data) for change in self._pending)
            for fault in self.faults:
                flush_ns = fault.flush_ns(flush_ns, waiting_bytes)
                if fault.lies:
                    flush_ns, upto, self._lied = 0, 0, self._dropped + len(self._pending)
        self._flushes += 1
        self._busy_until_ns = max(now, self._busy_until_ns) + flush_ns
        self._clock.at(self._busy_until_ns, self._complete, (upto, self._power, then))

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent."""
        self._admit("read")
        return self._files.read(file)

    def read(self, file: str, offset: int, length: int) -> bytes:
        """Return a part of a file: less than ``length`` bytes where the file ends earlier."""
        self._admit("read")
        content = self._files.get(file)
        return b"" if content is None else bytes(content[offset : offset + length])

    def peek(self, file: str) -> bytes:
        """Return a whole file as it lies there, whatever is wrong with the disk; for examiners."""
        return self._files.read(file)

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""
        return self._files.size(file)

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""
        return tuple(sorted(self._files))

    def statistics(self) -> dict[str, int]:
        """Return counts since the world began, and what is stored now."""
        return {
            "writes": self._writes,
            "bytes_written": self._bytes,
            "flushes": self._flushes,
            "bytes_stored": sum(self._files.sizes().values()),
        }

    def _free(self, content: bytes | bytearray) -> None:
        if self.freed is not None:
            self.freed.append(bytes(content))

    # What the world does to a disk.

    def power_cut(self) -> None:
        """Lose, tear or keep each change that is not durable; begun flushes never complete."""
        fate = next((fault.fate for fault in self.faults if fault.fate), "")
        if self._lied > self._dropped:
            fate = "lost"  # What a flush lied about is gone, and all that was written since.
        self._power += 1
        self._busy_until_ns = 0
        changes, self._pending = self._pending, []
        self._dropped += len(changes)
        for change in reversed(changes):
            self._undo(change)
        if fate != "lost":
            self._keep_some(changes, tears=fate == "torn")

    def _keep_some(self, changes: list[_Change], *, tears: bool) -> None:
        """Let the dice decide what of the changes reached the medium after all."""
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
                if tears:
                    length = self._torn_length(change)
                elif chance >= _SURVIVES:
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

    def rot(self, file: str, offset: int, length: int = 1, *, rng: Stream | None = None) -> None:
        """Flip one bit in each of ``length`` stored bytes, as decaying media do.

        Args:
          rng: decides which bits; by default the disk's own dice.

        Raises:
          ValueError: the file does not reach that far.
        """
        content = self._files.get(file) or bytearray()
        if not 0 <= offset <= offset + length <= len(content):
            raise ValueError(f"disk {self.name}: {file!r} has no bytes {offset}+{length}")
        for position in range(offset, offset + length):
            content[position] ^= 1 << (rng or self._rng).randrange(8)

    def lose_sector(self, file: str, sector: int) -> None:
        """Make one sector read as zeros until it is written again."""
        content = self._files.get(file) or bytearray()
        if not 0 <= sector * SECTOR_BYTES < len(content):
            raise ValueError(f"disk {self.name}: {file!r} has no sector {sector}")
        sectors = content[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES]
        content[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES] = bytes(len(sectors))

    def sectors(self) -> int:
        """Return how many sectors hold bytes of files; each file begins with one of its own."""
        return sum(-(-size // SECTOR_BYTES) for size in self._files.sizes().values())

    def sector_at(self, number: int) -> tuple[str, int]:
        """Return file and place in it of one sector, 0 <= number < sectors()."""
        return place_of_sector(self._files.sizes(), number)

    def wipe(self) -> None:
        """Forget everything, as a replaced drive does; begun flushes complete."""
        self._dropped += len(self._pending)
        self._pending.clear()
        self._files.clear()

    def _admit(self, what: str, grows_by: int = 0) -> None:
        for fault in self.faults:
            fault.admit(self, what, grows_by)

    def _ail(self, file: str, offset: int, data: bytes) -> bool:
        """Let the faults have their way with a write; say whether it has landed elsewhere."""
        self._admit("write", max(0, offset + len(data) - self._files.size(file)))
        for fault in self.faults:
            stray = fault.stray(self)
            if stray is not None and stray != (file, offset // SECTOR_BYTES):
                self._misdirect(file, offset, data, *stray)
                return True
        return False

    def _misdirect(self, file: str, offset: int, data: bytes, victim: str, sector: int) -> None:
        """Write the sectors that a write touches over others, which are as many as there are.

        The file system has noted how long the file is now: its place reads as before, new bytes
        as zeros.
        """
        end = offset + len(data)
        if file not in self._files:
            self._files[file] = bytearray()
            self._pending.append(_Change("create", file, 0, b""))
        content = self._files[file]
        if end > len(content):
            self._store(file, len(content), bytes(end - len(content)))
        first, stop = offset // SECTOR_BYTES * SECTOR_BYTES, -(-end // SECTOR_BYTES) * SECTOR_BYTES
        sectors = bytes(content[first:offset]) + data + bytes(content[end:stop])
        sectors = sectors.ljust(stop - first, b"\0")
        at = sector * SECTOR_BYTES
        self._store(victim, at, sectors[: self._files.size(victim) - at])
        self._writes += 1
        self._bytes += len(data)
        self._tap(self.name, file, offset, data)

    def _store(self, file: str, offset: int, data: bytes) -> None:
        """Overwrite a part of a file that begins no later than its end."""
        content = self._files[file]
        before = bytes(content[offset : offset + len(data)])
        self._pending.append(_Change("write", file, offset, data, before))
        content[offset : offset + len(data)] = data

    def _complete(self, argument: tuple[int, int, Any]) -> None:
        upto, power, then = argument
        if power != self._power:
            return
        gone = upto - self._dropped
        if gone > 0:
            del self._pending[:gone]
            self._dropped = upto
        if self._bytes - self._chilled >= ROUND_BYTES:
            self._chilled = self._bytes
            busy = {change.file for change in self._pending}
            self._files.chill(busy.union(change.source for change in self._pending))
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
            files.pop(change.file)
        elif change.kind == "truncate":
            files[change.file].extend(change.before)
        else:
            if change.kind == "replace":
                files[change.source] = files[change.file]
                files.pop(change.file)
            if change.over is not None:
                files[change.file] = change.over

    def _redo(self, change: _Change) -> None:
        files = self._files
        if change.kind == "truncate":
            content = files.get(change.file)
            if content is not None:
                del content[change.offset :]
        elif change.kind == "remove":
            files.pop(change.file)
        else:
            # If none of its bytes survived, the renamed file is there and empty.
            content = files.pop(change.source)
            files[change.file] = bytearray() if content is None else content

    def _overwrite(self, file: str, offset: int, data: bytes) -> None:
        content = self._files.get(file)
        if content is None:
            content = self._files[file] = bytearray()
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset : offset + len(data)] = data
