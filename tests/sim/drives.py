"""Drives by which disks sync without a thread: a real one that is pumped, and one led by hand."""

import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.kernel_syncs import Done, KernelSyncs


class Pumped:
    """The system's own syncs, collected by whoever waits."""

    def __init__(self, syncs: KernelSyncs) -> None:
        self.syncs: KernelSyncs | None = syncs
        self._real = syncs
        self._soon: list[Callable[[], None]] = []
        self._later: list[tuple[int, Callable[[], None]]] = []

    def finish(self, fn: Callable[[], None]) -> None:
        self._soon.append(fn)

    def later(self, duration_ns: int, fn: Callable[[], None]) -> None:
        self._later.append((time.monotonic_ns() + duration_ns, fn))

    def pump(self) -> None:
        """Do what is due, or wait a moment for the system."""
        soon, self._soon = self._soon, []
        for fn in soon:
            fn()
        now_ns = time.monotonic_ns()
        due = [fn for due_ns, fn in self._later if due_ns <= now_ns]
        self._later = [entry for entry in self._later if entry[0] > now_ns]
        for fn in due:
            fn()
        if self._real.busy:
            select.select([self._real.event_fd], [], [], 0.001)
        for done, errno in self._real.reap():
            done(errno)


class ByHand:
    """Syncs that end when a test says so, and in the way that it says."""

    def __init__(self) -> None:
        self.syncs: Any = self
        self.asked: list[tuple[str, Done]] = []
        self.waits: list[tuple[int, Callable[[], None]]] = []

    def sync(self, fd: int, done: Done, *, names: bool = False) -> None:
        name = Path(f"/proc/self/fd/{fd}").readlink().name
        self.asked.append((f"{'names of' if names else 'bytes of'} {name}", done))

    def finish(self, fn: Callable[[], None]) -> None:
        fn()

    def later(self, duration_ns: int, fn: Callable[[], None]) -> None:
        self.waits.append((duration_ns, fn))

    def end(self, errno: int = 0) -> str:
        """End the oldest sync; return what it was of."""
        name, done = self.asked.pop(0)
        done(errno)
        return name
