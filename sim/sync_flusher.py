"""Makes the files of one live disk durable by syncs of the operating system, without a thread.

While one batch of flushes is under way, what comes gathers for the next one: it has one sync for
each file among them, then one of the folder if names were changed. All on the owner's thread.
What does not belong here: the same by a thread, where the system has no such syncs (flusher.py).
Source: as flusher.py.
"""

import os
import time
from collections.abc import Callable
from errno import EIO
from pathlib import Path
from typing import Final, Protocol

from sim.flusher import COMPANY_NS, LONG_NS, Flush, HostFile, call_all, sync_folder
from sim.kernel_syncs import Done, KernelSyncs

_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Drive(Protocol):
    """Where the disks of a world find help: its clock, and the syncs of the system."""

    syncs: KernelSyncs | None  #: None: each disk syncs with a thread of its own

    def finish(self, fn: Callable[[], None]) -> None:
        """Have the world perform ``fn()`` soon; any thread may call it."""

    def later(self, duration_ns: int, fn: Callable[[], None]) -> None:
        """Have the world perform ``fn()`` after that long."""


class SyncFlusher:
    """Syncs what it is given, in order.

    Args:
      folder: whose names are synced after the files in it.
      drive: the world's clock; it has syncs.
      failed: told which file could not be synced, and why; empty for the folder. After a failure
        nothing is synced and nothing completes until ``forget()``.
      window_ns: how long flushes gather before they are synced; 0: not at all.
    """

    def __init__(
        self,
        folder: Path,
        drive: Drive,
        failed: Callable[[str, OSError], None],
        window_ns: int = 0,
    ) -> None:
        assert drive.syncs is not None, "the system has such syncs"
        self._folder, self._syncs, self._drive = folder, drive.syncs, drive
        self._folder_fd = -1
        self._failed = failed
        self._window_ns = window_ns
        self._gathered: list[Flush] = []
        self._batch: list[Flush] = []  #: under way
        self._busy = False  #: a batch is under way, or waits for company
        self._left = 0  #: files of it that are not synced yet
        self._begun_ns = 0
        self._turn = 0  #: what was begun in an earlier turn completes nothing
        self._broken = False
        self._shared = False
        self.batches = 0  #: how many times waiting flushes were made durable together
        self.sync_ns = 0  #: how long the last batch took

    def submit(self, flush: Flush) -> None:
        """Make files durable, then complete the flush."""
        for file in flush.files:
            file.asked += 1
        self._gathered.append(flush)
        if not self._busy:
            self._go_on()

    def forget(self) -> None:
        """Go on after a failure; the owner has read anew what the disk really holds."""
        self._broken = False

    def close(self) -> None:
        """Sync what waits at once; nothing completes any more."""
        flushes = [*self._batch, *self._gathered]
        try:
            if not self._broken:
                for file in dict.fromkeys(file for flush in flushes for file in flush.files):
                    os.fdatasync(file.fd)
                if any(flush.folder for flush in flushes):
                    sync_folder(self._folder)
        except OSError:
            self._broken = True
        self._mark(flushes)
        self._batch, self._gathered, self._busy = [], [], False
        self._turn += 1
        if self._folder_fd >= 0:
            os.close(self._folder_fd)
            self._folder_fd = -1

    def _go_on(self) -> None:
        """Begin the next batch, or wait for company first."""
        if not self._gathered:
            self._busy = False
            return
        self._busy = True
        patience_ns = self._window_ns
        if not patience_ns and self._shared and self.sync_ns >= LONG_NS:
            patience_ns = COMPANY_NS
        if patience_ns:
            self._later(patience_ns, self._begin)
        else:
            self._begin()

    def _later(self, duration_ns: int, fn: Callable[[], None]) -> None:
        turn = self._turn
        self._drive.later(duration_ns, lambda: fn() if turn == self._turn else None)

    def _begin(self) -> None:
        batch, self._gathered = self._gathered, []
        self._batch, self._shared = batch, len(batch) > 1
        self._begun_ns = time.monotonic_ns()
        if len(batch) == 1:
            files = batch[0].files
        else:
            files = tuple(dict.fromkeys(file for flush in batch for file in flush.files))
        if self._broken or not files:
            self._left = 0
            self._sync_names()
            return
        self._left = len(files)
        for file in files:
            self._syncs.sync(file.fd, self._waiter(file))

    def _waiter(self, file: HostFile) -> Done:
        turn = self._turn

        def synced(errno: int) -> None:
            if turn != self._turn:
                return
            self._left -= 1
            if errno:
                self._fail(file.name, errno)
            if not self._left:
                self._sync_names()

        return synced

    def _sync_names(self) -> None:
        if self._broken or not any(flush.folder for flush in self._batch):
            self._done()
            return
        turn = self._turn

        def synced(errno: int) -> None:
            if turn == self._turn:
                if errno:
                    self._fail("", errno)
                self._done()

        try:
            if self._folder_fd < 0:
                self._folder_fd = os.open(self._folder, _FLAGS)
        except OSError as error:
            errno = error.errno or EIO
            self._drive.finish(lambda: synced(errno))
            return
        self._syncs.sync(self._folder_fd, synced, names=True)

    def _fail(self, name: str, errno: int) -> None:
        # The kernel reports it once and may have thrown the pages away: never try again.
        if not self._broken:
            self._broken = True
            self._failed(name, OSError(errno, os.strerror(errno)))

    def _done(self) -> None:
        batch, self._batch = self._batch, []
        self._mark(batch)
        if self._broken:
            self._go_on()
            return
        self.batches += 1
        self.sync_ns = time.monotonic_ns() - self._begun_ns
        extra_ns = max(flush.extra_ns for flush in batch)
        if extra_ns:
            self._later(extra_ns, lambda: self._report(batch))
        else:
            self._report(batch)

    def _report(self, batch: list[Flush]) -> None:
        self._go_on()
        call_all([flush.then for flush in batch if flush.then is not None])

    @staticmethod
    def _mark(flushes: list[Flush]) -> None:
        for flush in flushes:
            for file in flush.files:
                file.done += 1
