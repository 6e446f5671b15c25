"""The one thread of a live disk: it makes files durable while everybody else goes on.

Only where the system has no syncs of its own that one can wait for (sync_flusher.py).

The owner's thread writes, hands over which files a flush covers and never waits; this thread
takes all flushes that wait, calls fdatasync once for each file among them, and reports them
together. Nothing is locked: each field of a HostFile has one writer.
A written file that grows costs a journal commit beside its data. Measured on ext4, files filled
with zeros ahead spare it and save a tenth of the mean time of a sync, O_DSYNC and RWF_DSYNC
nothing; but then only a header in each file would know its size after a crash, so none is used.
What does not belong here: which bytes are written, and what a failed sync means (file_disk.py).
Source: fdatasync(2); Rebello et al., "Can Applications Recover from fsync Failures?" (ATC'20).
"""

import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, NamedTuple

from sim.units import ms, seconds, us

_NS: Final = seconds(1)
#: In ``batch`` mode syncs begin so long after the first flush that asks for one; chosen, so
#: that with the time a thread takes to wake they begin within 5 ms.
WINDOW_NS: Final = ms(4)
#: Where one sync serves several flushes and takes long, the next waits so long for company;
#: chosen: without it the first to come has a sync for itself, and the rest wait for two.
COMPANY_NS: Final = us(200)
#: A sync that takes so long is worth it; chosen.
LONG_NS: Final = ms(1)


class HostFile:
    """One open file of the host, and how many of its syncs were asked for and are done."""

    __slots__ = ("asked", "done", "fd", "name")

    def __init__(self, name: str, fd: int) -> None:
        self.name = name
        self.fd = fd
        self.asked = 0  #: written by the owner's thread only
        self.done = 0  #: written by the flusher only

    @property
    def idle(self) -> bool:
        """Whether no sync of it is waiting or under way, so that it may be closed."""
        return self.asked == self.done


class Flush(NamedTuple):
    """What one flush covers."""

    files: tuple[HostFile, ...]
    folder: bool  #: names have changed, too
    then: Callable[[], None] | None
    extra_ns: int  #: how much longer than the drive it takes: faults decide that


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Flusher:
    """Syncs what it is given, in order; the thread starts with the first flush.

    Args:
      name: of the disk; the thread is called so.
      folder: whose names are synced after the files in it.
      complete: calls a function on the owner's thread, soon; it is called on this one.
      failed: told on the owner's thread which file could not be synced, and why; empty for the
        folder. After a failure nothing is synced and nothing completes until ``forget()``.
      window_ns: how long flushes gather before they are synced; 0: not at all.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        complete: Callable[[Callable[[], None]], None],
        failed: Callable[[str, OSError], None],
        window_ns: int = 0,
    ) -> None:
        self._name = name
        self._folder = folder
        self._complete = complete
        self._failed = failed
        self._window_ns = window_ns
        #: With the time at which each was asked for; None ends the thread.
        self._queue: SimpleQueue[tuple[int, Flush] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._broken = False
        self._shared = False  #: the last sync served several flushes
        self.batches = 0  #: how many times waiting flushes were made durable together
        self.sync_ns = 0  #: how long the last batch took

    def submit(self, flush: Flush) -> None:
        """Make files durable, then complete the flush; on the owner's thread."""
        for file in flush.files:
            file.asked += 1
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name=f"flush {self._name}", daemon=True
            )
            self._thread.start()
        self._queue.put((time.monotonic_ns() if self._window_ns else 0, flush))

    def forget(self) -> None:
        """Go on after a failure; the owner has read anew what the disk really holds."""
        self._broken = False

    def close(self) -> None:
        """Sync what waits, then end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            if wait_ns := self._patience_ns(first[0]):
                time.sleep(wait_ns / _NS)
            batch, last = [first[1]], False
            while not last:
                try:
                    more = self._queue.get_nowait()
                except Empty:
                    break
                if more is None:
                    last = True
                else:
                    batch.append(more[1])
            self._shared = len(batch) > 1
            self._sync(batch)
            if last:
                return

    def _patience_ns(self, asked_ns: int) -> int:
        """Return how long the oldest flush waits for others before the sync begins."""
        if self._window_ns:
            return max(0, asked_ns + self._window_ns - time.monotonic_ns())
        return COMPANY_NS if self._shared and self.sync_ns >= LONG_NS else 0

    def _sync(self, batch: list[Flush]) -> None:
        begun_ns = time.monotonic_ns()
        if not self._broken:
            self._sync_all(batch)
        for flush in batch:
            for file in flush.files:
                file.done += 1
        if self._broken:
            return
        self.batches += 1
        self.sync_ns = time.monotonic_ns() - begun_ns
        extra_ns = max(flush.extra_ns for flush in batch)
        if extra_ns:
            time.sleep(extra_ns / _NS)
        thens = [flush.then for flush in batch if flush.then is not None]
        if len(thens) == 1:
            self._complete(thens[0])
        elif thens:
            self._complete(lambda: call_all(thens))

    def _sync_all(self, batch: list[Flush]) -> None:
        name = ""
        try:
            for file in dict.fromkeys(file for flush in batch for file in flush.files):
                name = file.name
                os.fdatasync(file.fd)
            name = ""
            if any(flush.folder for flush in batch):
                sync_folder(self._folder)
        except OSError as error:
            # The kernel reports it once and may have thrown the pages away: never try again.
            self._broken = True
            self._complete(partial(self._failed, name, error))


def call_all(thens: list[Callable[[], None]]) -> None:
    """Call one after the other."""
    for then in thens:
        then()
