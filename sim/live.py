"""A world on the wall clock: the same actors inside one ordinary Trio run.

Nothing an actor sees tells it in which kind of world it is. Three clocks: the monotonic one
(``now_ns``; leases, deadlines, elections) never jumps; the calendar is the wall clock plus what
somebody has moved it forward by; what checks signatures looks at the wall clock itself.
What does not belong here: who the actors are (regions/topology.py), HTTP (regions/api/), and how
a disk is a folder (file_disk.py).
Source: ARCHITECTURE, "Live world".
"""

import heapq
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import trio
from outcome import Error

from sim import power
from sim.actor import ASK_TIMEOUT_NS, Actor, Request
from sim.aside import Aside
from sim.clock import Timer, fire
from sim.disk import Disk
from sim.engine import LiveEngine, park
from sim.kernel import Kernel
from sim.live_clock import LiveClock
from sim.network import LatencyModel, LinkSpec, Network
from sim.rng import stream
from sim.sync_flusher import Drive
from sim.trace import Trace
from sim.units import ms
from sim.wire import Codec, Crashed, Message
from sim.world import HOST, World

#: Numbers of incarnations in one process; the next process begins above them. Chosen: a power of
#: ten, so that file names, which pad them, sort by age for millions of starts.
INCARNATIONS: Final = 1_000_000
#: While a calendar moves, how often it is looked whether its consequences are over; chosen.
_SETTLE_S: Final = 0.002
#: Consequences that take longer are not waited for; chosen, above the patience of an ask to disk.
_SETTLE_MAX_S: Final = 5.0

#: Opens the disk of an actor: (its name, what helps it to sync) -> a disk.
OpenDisk = Callable[[str, Drive], Disk]
#: Gives what a device keeps: names -> a source of bytes, the same at every start.
Battery = Callable[..., Callable[[int], bytes]]


def at_once(_source: str, _target: str) -> LinkSpec:
    """Return the link between two actors of one process: no latency but the machine's own."""
    return LinkSpec(base_ns=0)


class _Threaded(Aside):
    """A computation that a thread has begun; a process that ends does not wait for it."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        super().__init__(fn, args)
        self._done = trio.Event()

    async def begin(self) -> None:
        """Let a thread compute; its result waits for who wants it."""
        await trio.to_thread.run_sync(self.compute, abandon_on_cancel=True)
        self._done.set()

    async def result(self) -> Any:
        """Wait for the thread and return what it came to."""
        await self._done.wait()
        return await super().result()


class _ThreadedEngine(LiveEngine):
    """The run of a live world, whose long computations have threads."""

    def aside(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Aside:
        """Return a computation that a thread has begun."""
        begun = _Threaded(fn, args)
        self.spawn(begun.begin, name="aside")
        return begun


class LiveKernel(Kernel):
    """Entropy from the operating system, calendars that move, and errors that end one actor."""

    linger_ns = ms(1)
    hires_at_once = True
    lasting: Battery
    #: When on the true calendar, a tie-break, whose timer.
    calendar: list[tuple[int, int, Timer]]
    _alarm: Timer | None = None

    def entropy(self, actor: Actor, names: tuple[str, ...]) -> Callable[[int], bytes]:  # noqa: ARG002 - nobody's entropy is anybody's
        """Return the operating system's own generator."""
        return os.urandom

    def battery(self, *names: str) -> Callable[[int], bytes]:
        """Return what the owner of this world keeps for a device."""
        return self.lasting(*names)

    def after_calendar(
        self, actor: Actor, duration_ns: int, fn: Callable[..., None], args: tuple[Any, ...]
    ) -> Timer:
        """Set a timer that also rings when the calendar is moved past it."""
        due_ns = self.epoch_ns + self.clock.now_ns + duration_ns
        timer = Timer(due_ns, self.gated, (actor, fn, args))
        self.clock.sequence += 1
        heapq.heappush(self.calendar, (due_ns, self.clock.sequence, timer))
        self.set_alarm()
        return timer

    def _blame(self, error: BaseException, actor: Actor, request: Request | None) -> None:
        """Let an actor that failed die, as a process would; a supervisor starts it again."""
        super()._blame(error, actor, request)
        if isinstance(error, Exception) and not actor.fenced:
            if request is not None and not request.answered:
                request.refuse(Crashed(f"{actor.name} failed"))
            self.clock.at(self.clock.now_ns, self._end, (actor, type(error).__name__))

    def _end(self, argument: tuple[Actor, str]) -> None:
        actor, reason = argument
        if not actor.fenced:
            power.abort(self, actor.cell, reason)

    def next_calendar_ns(self) -> int | None:
        """Return when on the calendar the next timer rings."""
        while self.calendar and not self.calendar[0][2].pending:
            heapq.heappop(self.calendar)
        return self.calendar[0][0] if self.calendar else None

    def set_alarm(self) -> None:
        """Wake up for the calendar's next timer."""
        if self._alarm is not None:
            self._alarm.cancel()
        due_ns = self.next_calendar_ns()
        if due_ns is not None:
            self._alarm = self.clock.timer(
                max(self.clock.now_ns, due_ns - self.epoch_ns), self.ring
            )

    def ring(self) -> None:
        """Perform the timers that the calendar has reached, in order."""
        while (due_ns := self.next_calendar_ns()) is not None:
            if due_ns > self.epoch_ns + self.clock.now_ns:
                break
            timer = heapq.heappop(self.calendar)[2]
            self.clock.at(self.clock.now_ns, fire, timer)
        self.set_alarm()


class LiveWorld(World):
    """Actors on the wall clock.

    Args:
      codec: the message table.
      open_disk: gives each actor its disk.
      battery: what devices keep while this world stands still, by name.
      start_number: 1, 2, ...: how often this world was started, this time included.
      moved_ns: how far its calendar was moved forward before.
      known: names of the actors that earlier processes of this world have started.
      latency: of links; by default they have none.
      on_failure: told of an error that left an actor or an event.
    """

    def __init__(
        self,
        *,
        codec: Codec,
        open_disk: OpenDisk,
        battery: Battery,
        start_number: int = 1,
        moved_ns: int = 0,
        known: frozenset[str] = frozenset(),
        latency: LatencyModel = at_once,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        seed = int.from_bytes(os.urandom(32), "big")  # For jitter and ids; never for keys.
        clock = self._live_clock = LiveClock(on_failure)
        engine = self._live_engine = _ThreadedEngine(clock)
        kernel = self.live_kernel = LiveKernel(
            seed=seed,
            codec=codec,
            clock=clock,
            engine=engine,
            network=Network(latency, lambda *names: stream(seed, *names)),
            trace=Trace("none", hashes=False),
            epoch_ns=0,
        )
        kernel.lasting, kernel.calendar = battery, []
        kernel.resumes = True
        self.moved_ns = moved_ns
        self._open_disk = open_disk
        super().__init__(kernel, frames=False)
        self.incarnations = start_number * INCARNATIONS
        self.known = known
        self.follow_wall()

    def run(self, main: Callable[..., Awaitable[Any]], *args: Any) -> Any:
        """Run ``main(*args)`` in a Trio run of this world's clock; return what it returns.

        All actors end with it.
        """

        async def within() -> Any:
            async with self._running():
                return await main(*args)

        try:
            return trio.run(within, clock=self._live_clock)
        except BaseExceptionGroup as group:
            # A nursery wraps whatever leaves it; what stopped the world is the one inside.
            error: BaseException = group
            while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
                error = error.exceptions[0]
            raise error from None

    def touch(self) -> None:
        """Take over how late it is; whoever acts on the world from outside does it first."""
        self._live_clock.touch()

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        async with trio.open_nursery() as nursery:
            self._live_engine.begin(nursery)
            self._live_clock.begin()
            try:
                yield
            finally:
                for cell in self.kernel.cells.values():
                    if cell.actor is not None:
                        cell.actor.fenced = True
                self._live_clock.end()
                nursery.cancel_scope.cancel()

    async def ask(self, to: str, message: Message, *, timeout_ns: int = ASK_TIMEOUT_NS) -> Any:
        """Ask an actor from outside.

        Raises:
          Refusal: it refused.
          Expired: no answer in time; the outcome is open.
        """
        clock, engine = self._live_clock, self._live_engine
        clock.touch()
        task = trio.lowlevel.current_task()
        host, kernel = self._host, self.kernel
        answers: list[Any] = []
        parked = False

        def then(answer: Any) -> None:
            if parked:
                engine.wake(task, Error(answer) if isinstance(answer, Exception) else answer)
            else:
                answers.append(answer)

        number = kernel.begin_ask(host, to, message, None, then, timeout_ns, None)
        # What needs no drive is done at once, without another look at the sockets.
        engine.perform(clock.perform_due)
        if answers:
            if isinstance(answers[0], Exception):
                raise answers[0]
            return answers[0]
        parked = True

        def abort(_: object) -> trio.lowlevel.Abort:
            host.pending.pop(number, None)
            return trio.lowlevel.Abort.SUCCEEDED

        return await park(abort)

    # The calendar.

    def follow_wall(self) -> None:
        """Set the calendar by the wall clock and by what it was moved forward."""
        self._live_clock.touch()
        self.kernel.epoch_ns = time.time_ns() + self.moved_ns - self._live_clock.now_ns

    async def advance(self, by_ns: int) -> None:
        """Move the calendar of every node forward, and let what falls due happen in order.

        Returns when the consequences are over, or go on for longer than anybody should wait.
        """
        assert by_ns >= 0, f"a calendar goes forward, not by {by_ns} ns"
        target_ns = self.moved_ns + by_ns
        while self.moved_ns < target_ns:
            due_ns = self.live_kernel.next_calendar_ns()
            step_ns = target_ns - self.moved_ns
            if due_ns is not None:
                step_ns = min(step_ns, max(0, due_ns - self.calendar_ns))
            self.move(step_ns)
            await self.settled()

    def move(self, by_ns: int) -> None:
        """Move the calendar forward at once; what is due then happens soon."""
        self._live_clock.touch()
        self.moved_ns += by_ns
        self.kernel.epoch_ns += by_ns
        for cell in self.kernel.cells.values():
            if cell.up and cell.actor is not None:
                self.kernel.gated(cell.actor, cell.actor.on_calendar, (by_ns,))
        self.live_kernel.ring()

    async def settled(self) -> None:
        """Wait until no actor waits for another, but not for long."""
        with trio.move_on_after(_SETTLE_MAX_S):
            while True:
                await trio.sleep(_SETTLE_S)
                cells = self.kernel.cells.values()
                if not any(cell.pending for cell in cells if cell.name != HOST):
                    return

    def _new_disk(self, name: str) -> Any:
        return self._open_disk(name, self._live_clock)
