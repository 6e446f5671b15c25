"""A disk made of real files: what actors write on the wall clock, under the contract of SimDisk.

The files of one actor lie in one folder. Writes go to the host's page cache at once, where reads
see them and the death of this process does not touch them; a flush has the system, or the one
thread of the disk, sync what was changed, then the folder if names were changed, and completes on
the owner's thread. A file is synced before it is renamed. After a failed sync nobody knows what
the drive holds: every operation fails until ``power_cut()``, with which the actor's end begins, and
what is read then comes from the drive. All methods belong to one thread.
What does not belong here: syncing (sync_flusher.py, flusher.py), locks and layout of the folder
(data_folder.py).
Source: fdatasync(2), fsync(2) on directories, rename(2); Pillai et al., OSDI'14, on what file
systems promise; Rebello et al., ATC'20, on failed syncs.
"""

import errno
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, NoReturn

from sim.disk import SECTOR_BYTES, DiskError, DiskFault, OutOfSpace, Then, place_of_sector
from sim.flusher import WINDOW_NS, Flush, Flusher, HostFile
from sim.host_names import given_name, host_name
from sim.rng import Stream, stream
from sim.space import Space
from sim.sync_flusher import Drive, SyncFlusher

#: Files of one disk that are held open; chosen: a hundred disks stay below usual limits.
OPEN_MAX: Final = 8

Mode = Literal["always", "batch"]
#: What a host says when there is no room: of the drive, of a quota, of a limit.
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FileDisk:
    """The files of one actor in one folder of the host, which exists.

    Args:
      name: the actor that owns it.
      folder: holds its files and nothing else.
      mode: ``always``: a flush completes when the drive has what was written. ``batch``: at
        once, and the drive has it within some 5 ms: that survives the death of the process, and
        loses these 5 ms with the power.
      complete: calls a function on the owner's thread, soon; called on any thread.
      failed: told on the owner's thread that a sync failed, and why; the actor must end then.
      space: is asked for room when the host has none.
      tap: shown every write as (disk, file, offset, data).
      rng: decides which bits rot.
      drive: has syncs of the system that spare the disk a thread.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        mode: Mode,
        complete: Callable[[Callable[[], None]], None],
        *,
        failed: Callable[[str], None] = lambda _: None,
        space: Space | None = None,
        tap: Callable[[str, str, int, bytes], None] | None = None,
        rng: Stream | None = None,
        drive: Drive | None = None,
    ) -> None:
        self.name = name
        self.mode: Final = mode
        self.faults: list[DiskFault] = []  #: what is wrong with it; asked in order
        self._folder = folder
        self._complete = complete
        self._failed = failed
        self._space = space
        self._tap = tap
        self._rng = rng or stream(0, "disk", name)
        window_ns = WINDOW_NS if mode == "batch" else 0
        self._flusher: Flusher | SyncFlusher
        if drive is not None and drive.syncs is not None:
            self._flusher = SyncFlusher(folder, drive, self._sync_failed, window_ns)
        else:
            self._flusher = Flusher(name, folder, complete, self._sync_failed, window_ns)
        self._open: OrderedDict[str, HostFile] = OrderedDict()  #: least recently used first
        self._dirty: dict[HostFile, None] = {}  #: written since the last flush
        self._waiting_bytes = 0
        self._names_changed = False
        self._gone: list[HostFile] = []  #: removed, and not closed yet
        self._poison = ""  #: why every operation fails; empty: it does not
        self._power = 0  #: counts power cuts; a flush begun before one never completes
        self.waiting = 0  #: flushes whose completion is still to come
        self._writes = self._bytes = self._flushes = 0
        self._sizes: dict[str, int] = {}
        self._stored = 0
        self._look()

    @property
    def doubtful(self) -> bool:
        """Whether anything is wrong with it: a healthy drive reads back what was written."""
        return bool(self.faults)

    @property
    def short(self) -> bool:
        """Whether the host's reserve is used up, or a fault leaves little room."""
        if self._space is not None and self._space.short:
            return True
        return any(fault.short for fault in self.faults)

    def write(self, file: str, offset: int, data: bytes) -> None:
        """Write into the page cache; a gap behind the end of the file reads as zeros."""
        if self._poison:
            raise DiskError(self._poison)
        if self.faults and self._ail(file, offset, data):
            return
        self._put(file, offset, data)
        self._count(file, offset, data)

    def append(self, file: str, data: bytes) -> int:
        """Write behind the last byte and return the offset of the first one written."""
        offset = self._sizes.get(file, 0)
        self.write(file, offset, data)
        return offset

    def truncate(self, file: str, size: int) -> None:
        """Cut a file to ``size`` bytes; longer is left alone."""
        self._admit("change")
        old = self._sizes.get(file)
        if old is not None and size < old:
            held = self._held(file)
            try:
                os.ftruncate(held.fd, size)
            except OSError as error:
                self._refuse(file, error)
            self._resize(file, size)
            self._dirty[held] = None

    def remove(self, file: str) -> None:
        """Delete a file, if it is there."""
        self._admit("change")
        if file in self._sizes:
            try:
                self._path(file).unlink()
            except OSError as error:
                self._refuse(file, error)
            self._forget(file)
            self._names_changed = True

    def replace(self, old: str, new: str) -> None:
        """Rename over ``new`` in one step, once ``old`` is synced.

        Raises:
          FileNotFoundError: there is no file ``old``.
        """
        if old not in self._sizes:
            raise FileNotFoundError(f"disk {self.name} has no file {old!r}")
        self._admit("change")
        if old == new:
            return
        held = self._open.get(old)
        if held is not None and (held in self._dirty or not held.idle):
            # Else the name could reach the drive before the bytes. Who flushes first, as all
            # actors do, never waits here.
            self._sync_now(held)
        try:
            self._path(old).replace(self._path(new))
        except OSError as error:
            self._refuse(old, error)
        self._forget(new)
        size = self._sizes.pop(old)
        self._sizes[new] = size
        self._names_changed = True
        if held is not None:
            held.name = new
            self._open[new] = self._open.pop(old)

    def flush(self, then: Then | None = None) -> None:
        """Make all earlier changes durable, then call ``then()``; flushes queue up."""
        self._admit("flush")
        self._flushes += 1
        gated = None if then is None else self._gate(then)
        extra_ns, lies, base_ns = 0, False, self._flusher.sync_ns
        for fault in self.faults:
            extra_ns += max(0, fault.flush_ns(base_ns, self._waiting_bytes) - base_ns)
            lies = lies or fault.lies
        if lies:
            if gated is not None:
                self._complete(gated)
            return
        files, folder = tuple(self._dirty), self._names_changed
        self._dirty.clear()
        self._names_changed, self._waiting_bytes = False, 0
        if self.mode == "batch" and not extra_ns:
            if gated is not None:
                self._complete(gated)
            gated = None
            if not files and not folder:
                return
        self._flusher.submit(Flush(files, folder, gated, extra_ns))
        if self._gone:
            self._close_gone()

    def load(self, file: str) -> bytes:
        """Return a whole file, empty if absent."""
        return self.read(file, 0, self._sizes.get(file, 0))

    def read(self, file: str, offset: int, length: int) -> bytes:
        """Return a part of a file: less than ``length`` bytes where the file ends earlier."""
        self._admit("read")
        length = min(length, self._sizes.get(file, 0) - offset)
        if length <= 0:
            return b""
        return self._get(file, offset, length)

    def size(self, file: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""
        return self._sizes.get(file, 0)

    def files(self) -> tuple[str, ...]:
        """Return the names of all files, sorted."""
        return tuple(sorted(self._sizes))

    def statistics(self) -> dict[str, int]:
        """Return counts since the disk was opened, and what is stored now."""
        return {
            "writes": self._writes,
            "bytes_written": self._bytes,
            "flushes": self._flushes,
            "syncs": self._flusher.batches,
            "bytes_stored": self._stored,
        }

    # What the world does to a disk.

    def close(self) -> None:
        """Sync everything; nothing completes any more."""
        self._power += 1
        if not self._poison and (self._dirty or self._names_changed):
            self._flusher.submit(Flush(tuple(self._dirty), self._names_changed, None, 0))
        self._flusher.close()
        self._close_all()

    def power_cut(self) -> None:
        """End an incarnation: begun flushes never complete; what was written stays.

        After a failed sync the page cache is dropped, so that the next incarnation reads what the
        drive holds.
        """
        self._power += 1
        self.waiting = 0
        if not self._poison:
            return
        self._flusher.close()
        self._flusher.forget()
        self._poison = ""
        for file in self.files():
            os.posix_fadvise(self._held(file).fd, 0, 0, os.POSIX_FADV_DONTNEED)
        self._close_all()
        self._dirty.clear()
        self._look()

    def rot(self, file: str, offset: int, length: int = 1, *, rng: Stream | None = None) -> None:
        """Flip one bit in each of ``length`` stored bytes, as decaying media do.

        Raises:
          ValueError: the file does not reach that far.
        """
        if not 0 <= offset <= offset + length <= self.size(file):
            raise ValueError(f"disk {self.name}: {file!r} has no bytes {offset}+{length}")
        if length:
            dice = rng or self._rng
            found = (byte ^ 1 << dice.randrange(8) for byte in self._get(file, offset, length))
            self._put(file, offset, bytes(found))

    def lose_sector(self, file: str, sector: int) -> None:
        """Make one sector read as zeros until it is written again."""
        first = sector * SECTOR_BYTES
        if not 0 <= first < self.size(file):
            raise ValueError(f"disk {self.name}: {file!r} has no sector {sector}")
        self._put(file, first, bytes(min(SECTOR_BYTES, self.size(file) - first)))

    def sectors(self) -> int:
        """Return how many sectors hold bytes of files; each file begins with one of its own."""
        return sum(-(-size // SECTOR_BYTES) for size in self._sizes.values())

    def sector_at(self, number: int) -> tuple[str, int]:
        """Return file and place in it of one sector, 0 <= number < sectors()."""
        return place_of_sector(self._sizes, number)

    def wipe(self) -> None:
        """Forget everything, as a replaced drive does."""
        for file in self.files():
            try:
                self._path(file).unlink()
            except OSError as error:
                self._refuse(file, error)
            self._forget(file)
        self._dirty.clear()
        self._names_changed = True

    # Files of the host.

    def _path(self, file: str) -> Path:
        try:
            return self._folder / host_name(file)
        except ValueError as error:
            raise DiskError(f"disk {self.name}: {error}") from error

    def _look(self) -> None:
        """Learn which files there are and how long they are."""
        self._sizes = {}
        try:
            for path in sorted(self._folder.iterdir()):
                file = given_name(path.name)
                if file is not None and path.is_file():
                    self._sizes[file] = path.stat().st_size
        except OSError as error:
            raise DiskError(f"disk {self.name}: {self._folder}: {error.strerror}") from error
        self._stored = sum(self._sizes.values())

    def _held(self, file: str) -> HostFile:
        """Return a file, opened or made."""
        held = self._open.get(file)
        if held is not None:
            self._open.move_to_end(file)
            return held
        if len(self._open) >= OPEN_MAX:
            self._close_oldest()
        made = file not in self._sizes
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if made else 0)
        try:
            held = HostFile(file, os.open(self._path(file), flags, 0o600))
        except OSError as error:
            self._refuse(file, error)
        self._open[file] = held
        if made:
            self._sizes[file] = 0
            self._names_changed = True
            self._dirty[held] = None
        return held

    def _close_oldest(self) -> None:
        """Close the file that was not used for longest, if nothing in it waits for a sync."""
        for file, held in self._open.items():
            if held.idle and held not in self._dirty:
                del self._open[file]
                os.close(held.fd)
                return

    def _forget(self, file: str) -> None:
        """Let go of a file that has lost its name."""
        self._stored -= self._sizes.pop(file, 0)
        held = self._open.pop(file, None)
        if held is not None:
            # Its bytes may be promised by a flush under way, and its end is not durable yet.
            self._dirty.pop(held, None)
            self._gone.append(held)
            self._close_gone()

    def _close_gone(self) -> None:
        for held in self._gone:
            if held.idle:
                os.close(held.fd)
        self._gone = [held for held in self._gone if not held.idle]

    def _close_all(self) -> None:
        """Close every file; the flusher must have nothing under way."""
        for held in (*self._open.values(), *self._gone):
            os.close(held.fd)
        self._open.clear()
        self._gone.clear()

    def _put(self, file: str, offset: int, data: bytes) -> None:
        """Write all of it, or nothing behind the end of the file, and raise."""
        try:
            self._put_once(file, offset, data)
        except OutOfSpace:
            if self._space is None or not self._space.make_room():
                raise
            self._put_once(file, offset, data)

    def _put_once(self, file: str, offset: int, data: bytes) -> None:
        made, size = file not in self._sizes, self._sizes.get(file, 0)
        held = self._held(file)
        try:
            self._write_all(held, offset, data, size)
        except OSError as error:
            os.ftruncate(held.fd, size)
            if made:
                self._path(file).unlink()
                self._forget(file)
            self._refuse(file, error)
        self._dirty[held] = None
        if offset + len(data) > size:
            self._resize(file, offset + len(data))

    def _write_all(self, held: HostFile, offset: int, data: bytes, size: int) -> None:
        done = os.pwrite(held.fd, data, offset)
        while done < len(data):  # A full host writes what still fits and says so next time.
            done += os.pwrite(held.fd, data[done:], offset + done)
        if not data and offset > size:
            os.ftruncate(held.fd, offset)

    def _get(self, file: str, offset: int, length: int) -> bytes:
        held, parts = self._held(file), []
        try:
            while length and (part := os.pread(held.fd, length, offset)):
                parts.append(part)
                offset, length = offset + len(part), length - len(part)
        except OSError as error:
            self._refuse(file, error)
        return b"".join(parts)

    def _resize(self, file: str, size: int) -> None:
        self._stored += size - self._sizes[file]
        self._sizes[file] = size

    def _count(self, file: str, offset: int, data: bytes) -> None:
        self._writes += 1
        self._bytes += len(data)
        self._waiting_bytes += len(data)
        if self._tap is not None:
            self._tap(self.name, file, offset, data)

    # Errors and faults.

    def _refuse(self, file: str, error: OSError) -> NoReturn:
        kind = OutOfSpace if error.errno in _FULL else DiskError
        raise kind(f"disk {self.name}: file {file!r}: {error.strerror}") from error

    def _sync_failed(self, file: str, error: OSError) -> None:
        what = f"file {file!r}" if file else "the folder"
        self._poison = f"disk {self.name}: {what} could not be synced: {error.strerror}"
        self._failed(self._poison)

    def _sync_now(self, held: HostFile) -> None:
        try:
            os.fdatasync(held.fd)
        except OSError as error:
            self._sync_failed(held.name, error)
            raise DiskError(self._poison) from error

    def _gate(self, then: Then) -> Then:
        power = self._power
        self.waiting += 1

        def gated() -> None:
            if power == self._power and not self._poison:
                self.waiting -= 1
                then()

        return gated

    def _admit(self, what: str, grows_by: int = 0) -> None:
        if self._poison:
            raise DiskError(self._poison)
        for fault in self.faults:
            fault.admit(self, what, grows_by)

    def _ail(self, file: str, offset: int, data: bytes) -> bool:
        """Let the faults have their way with a write; say whether it has landed elsewhere."""
        self._admit("write", max(0, offset + len(data) - self.size(file)))
        for fault in self.faults:
            stray = fault.stray(self)
            if stray is not None and stray != (file, offset // SECTOR_BYTES):
                self._misdirect(file, offset, data, *stray)
                self._count(file, offset, data)
                return True
        return False

    def _misdirect(self, file: str, offset: int, data: bytes, victim: str, sector: int) -> None:
        """Write the sectors that a write touches over others, which are as many as there are.

        The file system has noted how long the file is now: its place reads as before, new bytes
        as zeros.
        """
        end, size = offset + len(data), self.size(file)
        if end > size:
            self._put(file, size, bytes(end - size))
        first, stop = offset // SECTOR_BYTES * SECTOR_BYTES, -(-end // SECTOR_BYTES) * SECTOR_BYTES
        stored = self._get(file, first, stop - first)
        sectors = stored[: offset - first] + data + stored[end - first :]
        sectors = sectors.ljust(stop - first, b"\0")
        at = sector * SECTOR_BYTES
        self._put(victim, at, sectors[: self.size(victim) - at])
