"""Virtual time: the heap of what happens next is the clock itself.

Trio asks its clock how long to sleep exactly when no task can run. That is the moment to move
to the next instant and perform what is due there, so no task, poll or autojump is needed.
What does not belong here: who the actors are (world.py), or how Trio is stepped (engine.py).
Source: Trio reference, ``trio.abc.Clock``.
"""

import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import trio

from sim.units import NS_PER_SECOND

#: More events than this at one instant are a loop that forgot to spend time; chosen.
EVENTS_PER_INSTANT_MAX: Final = 100_000

#: A horizon that is never reached: run until nothing is left to happen. It is the largest
#: integer that a frame can carry.
FOREVER_NS: Final = 2**63 - 1

Action = Callable[[Any], None]
#: Time, order of scheduling (the tie-break), what to do, and with what.
Entry = tuple[int, int, Action, Any]


class Timer:
    """One due call that may still be called off; a cancelled timer never moves time."""

    __slots__ = ("args", "due_ns", "fn")

    def __init__(self, due_ns: int, fn: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.due_ns = due_ns
        self.fn: Callable[..., None] | None = fn
        self.args = args

    def cancel(self) -> None:
        """Call it off; harmless when it has fired or was cancelled before."""
        self.fn = None
        self.args = ()

    def abort(self, _: object) -> trio.lowlevel.Abort:
        """Call it off because the task that it would wake is cancelled."""
        self.fn = None
        self.args = ()
        return trio.lowlevel.Abort.SUCCEEDED

    @property
    def pending(self) -> bool:
        """Whether it will still fire."""
        return self.fn is not None


def fire(timer: Timer) -> None:
    """Perform a timer's call, unless it was called off since it was taken from the heap."""
    fn, args = timer.fn, timer.args
    assert fn is not None
    timer.fn, timer.args = None, ()
    try:
        fn(*args)
    except Exception as error:
        locate(error, fn, args, timer.due_ns)
        raise


class TooManyEvents(RuntimeError):
    """Time stood still: the message names what kept happening at one instant."""


class SimClock(trio.abc.Clock):
    """Integer nanoseconds from zero, moved only by its own event heap."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.horizon_ns = 0  #: the instant at which the host wants control back
        self.halted = True  #: set when the host wants control back at once
        self.events = 0
        self.failure: BaseException | None = None
        self.runq: deque[Any] = deque()  #: Trio's run queue, once there is one
        self.heap: list[Entry] = []
        self.sequence = 0  #: of the entry pushed last; the kernel's hot path pushes by itself
        self._crowd_at = EVENTS_PER_INSTANT_MAX  #: the count of events that is a crowd

    def at(self, time_ns: int, action: Action, argument: Any = None) -> None:
        """Perform ``action(argument)`` at that instant; it cannot be called off."""
        self.sequence += 1
        heapq.heappush(self.heap, (time_ns, self.sequence, action, argument))

    def timer(self, time_ns: int, fn: Callable[..., None], *args: Any) -> Timer:
        """Perform ``fn(*args)`` at that instant unless the timer is cancelled before."""
        timer = Timer(time_ns, fn, args)
        self.sequence += 1
        heapq.heappush(self.heap, (time_ns, self.sequence, fire, timer))
        return timer

    def next_ns(self) -> int | None:
        """Return the instant of the next event that will really happen, or None."""
        heap = self.heap
        while heap:
            time_ns, _, action, argument = heap[0]
            if action is fire and argument.fn is None:
                heapq.heappop(heap)
            else:
                return time_ns
        return None

    @property
    def pending(self) -> int:
        """How many entries the heap holds, cancelled ones included."""
        return len(self.heap)

    # What Trio asks of a clock.

    def start_clock(self) -> None:
        """Nothing to start: time is the heap."""

    def current_time(self) -> float:
        """Return seconds for Trio's own use; simulated code uses ``now_ns``."""
        return self.now_ns / NS_PER_SECOND

    @trio.lowlevel.disable_ki_protection
    def deadline_to_sleep_time(self, deadline: float) -> float:  # noqa: ARG002 - no Trio deadline exists here
        """Move time forward until a task can run or the host wants control; return 0."""
        if not self.halted:
            try:
                self._advance()
            except BaseException as error:  # noqa: BLE001 - re-raised by the host, not inside Trio
                self.fail(error)
        return 0.0

    def fail(self, error: BaseException) -> None:
        """Stop the world; the first failure is the one that the host raises."""
        if self.failure is None:
            self.failure = error
        self.halted = True

    def _advance(self) -> None:
        heap, runq, pop, horizon_ns = self.heap, self.runq, heapq.heappop, self.horizon_ns
        while heap:
            entry = pop(heap)
            time_ns, _, action, argument = entry
            if time_ns > horizon_ns:
                heapq.heappush(heap, entry)
                break
            if action is fire and argument.fn is None:
                continue
            self.events = events = self.events + 1
            if time_ns > self.now_ns:
                self.now_ns = time_ns
                self._crowd_at = events + EVENTS_PER_INSTANT_MAX
            elif events >= self._crowd_at:
                raise TooManyEvents(self._crowd(time_ns, action, argument))
            try:
                action(argument)
            except Exception as error:
                locate(error, action, argument, time_ns)
                raise
            if runq or self.halted:
                return
        # Nothing more may happen before the horizon: the host gets control there.
        if horizon_ns != FOREVER_NS:
            self.now_ns = max(self.now_ns, horizon_ns)
        self._crowd_at = self.events + EVENTS_PER_INSTANT_MAX
        self.halted = True

    def _crowd(self, time_ns: int, action: Action, argument: Any) -> str:
        waiting = [entry for entry in self.heap if entry[0] == time_ns][:5]
        names = [describe(action, argument), *(describe(e[2], e[3]) for e in waiting)]
        return (
            f"more than {EVENTS_PER_INSTANT_MAX} events at {time_ns} ns; "
            f"among them: {'; '.join(names)}"
        )


def locate(error: Exception, action: Callable[..., None], argument: Any, time_ns: int) -> None:
    """Note in which event an error arose, unless a note names its actor already."""
    if not getattr(error, "__notes__", ()):
        error.add_note(f"in the event {describe(action, argument)} at {time_ns} ns")


def describe(action: Callable[..., None], argument: Any) -> str:
    """Name one event for people: what it does and to whom, never the bytes that it carries."""
    if isinstance(argument, Timer) and argument.fn is not None:
        action, argument = argument.fn, argument.args
    name = getattr(action, "__qualname__", repr(action))
    parts = argument if isinstance(argument, tuple) else (argument,)
    whom = [str(getattr(part, "subject", getattr(part, "name", ""))) for part in parts]
    inner = [getattr(part, "__qualname__", "") for part in parts]
    return " ".join([name, *filter(None, whom), *filter(None, inner)])
