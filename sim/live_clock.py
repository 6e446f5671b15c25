"""Wall time: the same heap of events, performed as they fall due.

Trio asks this clock how long it may sleep, and the heap shortens the answer. Due events are
performed after each look at the sockets (an instrument), which happens at every pass even under
load; never while somebody asks for the time, for tasks do that too.
What does not belong here: calendars (live.py), and actors.
Source: Trio reference, ``trio.abc.Clock`` and ``trio.abc.Instrument.after_io_wait``.
"""

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import trio

from sim.clock import SimClock, fire, locate
from sim.engine import watch
from sim.kernel_syncs import KernelSyncs
from sim.units import NS_PER_SECOND

#: So many events are performed before the sockets are looked at again; chosen, some 10 ms.
EVENTS_PER_PASS_MAX: Final = 1_000


class LiveClock(SimClock, trio.abc.Instrument):
    """Monotonic nanoseconds since the world began; it never jumps.

    Args:
      on_failure: told of an error that left an event; the world goes on.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        super().__init__()
        self.halted = False
        self._zero_ns = time.monotonic_ns()
        self._on_failure = on_failure
        self._token: trio.lowlevel.TrioToken | None = None
        self._thread: int | None = None  #: that of the run
        #: What threads have finished, in order.
        self._finished: deque[Callable[[], None]] = deque()
        #: Of the disks of this world; None: each has a thread for them.
        self.syncs: KernelSyncs | None = KernelSyncs.open()

    def begin(self) -> None:
        """Follow the present Trio run: its loop performs the events from now on."""
        self._token, self._thread = trio.lowlevel.current_trio_token(), threading.get_ident()
        trio.lowlevel.add_instrument(self)
        if self.syncs is not None:
            watch(self.syncs.event_fd)

    def end(self) -> None:
        """Perform nothing any more."""
        trio.lowlevel.remove_instrument(self)
        self._token = None
        if self.syncs is not None:
            self.syncs.close()

    def touch(self) -> None:
        """Take over how late it is now; whoever begins something from outside does it first."""
        self.now_ns = time.monotonic_ns() - self._zero_ns

    def later(self, duration_ns: int, fn: Callable[[], None]) -> None:
        """Have the world perform ``fn()`` after that long."""
        self.touch()
        self.at(self.now_ns + duration_ns, _call, fn)

    def finish(self, fn: Callable[[], None]) -> None:
        """Have the world perform ``fn()`` soon; any thread may call it."""
        if threading.get_ident() == self._thread:
            self.at(self.now_ns, _call, fn)
            return
        self._finished.append(fn)
        token = self._token
        if token is not None:
            try:
                token.run_sync_soon(_nothing, idempotent=True)
            except trio.RunFinishedError:
                return  # The world has ended: nobody waits any more.

    def current_time(self) -> float:
        """Return seconds since the world began."""
        return (time.monotonic_ns() - self._zero_ns) / NS_PER_SECOND

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Return how many seconds Trio may sleep: until its own deadline or the next event."""
        if self._finished:
            return 0.0
        due_ns = self.next_ns()
        if due_ns is not None:
            deadline = min(deadline, due_ns / NS_PER_SECOND)
        return max(0.0, deadline - self.current_time())

    def after_io_wait(self, timeout: float) -> None:  # noqa: ARG002 - Trio's own signature
        """Perform what is due."""
        self.touch()
        finished = self._finished
        while finished:
            self._guarded(finished.popleft())
        syncs = self.syncs
        if syncs is not None and syncs.busy:
            for done, errno in syncs.reap():
                self._guarded(done, errno)
        self.perform_due()

    def fail(self, error: BaseException) -> None:
        """Say that something failed."""
        self._on_failure(error)

    def perform_due(self) -> None:
        """Perform the events that are due, but not so many that sockets wait for long."""
        heap, pop = self.heap, heapq.heappop
        for _ in range(EVENTS_PER_PASS_MAX):
            if not heap:
                return
            time_ns, _, action, argument = heap[0]
            if time_ns > self.now_ns:
                self.touch()
                if time_ns > self.now_ns:
                    return
            pop(heap)
            # As _guarded(), without the call: every message comes by here.
            if action is fire and argument.fn is None:
                continue
            self.events += 1
            try:
                action(argument)
            except Exception as error:  # noqa: BLE001 - as in _guarded()
                locate(error, action, argument, self.now_ns)
                self.fail(error)

    def _guarded(self, action: Callable[..., None], *arguments: Any) -> None:
        try:
            action(*arguments)
        except Exception as error:  # noqa: BLE001 - Trio would only log it, and drop this clock
            locate(error, action, arguments[0] if arguments else None, self.now_ns)
            self.fail(error)


def _call(fn: Callable[[], None]) -> None:
    fn()


def _nothing() -> None:
    """Only to wake the loop."""
