"""Makes a cloud the clock of a Trio run: time is virtual, and passes when no task can run.

Trio asks its clock how long to sleep exactly when no task of the run can go on. That is the moment
to let the simulated world go on, until it has an answer for one of them or a deadline has come.
What does not belong here: what is asked (trio_client.py).
Source: Trio reference, ``trio.abc.Clock``.
"""

import math
from collections import deque
from contextlib import ExitStack
from typing import Any, Final

import outcome
import trio

from sim.clock import FOREVER_NS
from sim.engine import repeatable
from sim.units import NS_PER_SECOND
from sim.world import SimWorld

#: With nothing but threads and sockets to wait for, the host looks again after this; chosen.
_LOOK_S: Final = 3600.0


class Waiter:
    """One task of the host's run that waits for an answer of the world."""

    __slots__ = ("_clock", "task")

    def __init__(self, clock: "CloudClock") -> None:
        self._clock = clock
        self.task: trio.lowlevel.Task | None = trio.lowlevel.current_task()

    def then(self, answer: Any) -> None:
        """Take the answer; the world calls this, so the task is woken outside of it."""
        if self.task is None:
            return  # It was cancelled: nobody waits any more.
        self._clock.ready.append((self, answer))
        self._clock.world.halt()


class CloudClock(trio.abc.Clock):
    """The part of a cloud that Trio sees; ``world`` and ``_stack`` are the cloud's."""

    world: SimWorld
    _stack: ExitStack

    def __init__(self) -> None:
        #: Answers that are there, in order, with those who wait for them.
        self.ready: deque[tuple[Waiter, Any]] = deque()
        self._waiters: dict[Waiter, None] = {}
        self._started = False

    def start_clock(self) -> None:
        """Have the tasks of the run go in an order that comes from the seed, until the close."""
        if not self._started:
            self._started = True
            self._stack.enter_context(repeatable(self.world.rng("kit", "trio")))

    def current_time(self) -> float:
        """Return seconds since the world began."""
        return self.world.now_ns / NS_PER_SECOND

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Let the world go on until a task can; return how long to wait for threads and sockets."""
        if self.wake_one():
            return 0.0
        if deadline == math.inf and not self._waiters:
            return _LOOK_S
        due_ns = FOREVER_NS if deadline == math.inf else math.ceil(deadline * NS_PER_SECOND)
        try:
            while not self.ready and self.world.now_ns < due_ns:
                self.world.run_for(due_ns - self.world.now_ns)
        except Exception as error:
            if not self._blame(error):
                raise
        self.wake_one()
        return 0.0

    def wake_one(self) -> bool:
        """Let the task go on whose answer came first; say whether there was one."""
        while self.ready:
            waiter, answer = self.ready.popleft()
            task, waiter.task = waiter.task, None
            if task is not None:
                failed = isinstance(answer, Exception)
                trio.lowlevel.reschedule(
                    task, outcome.Error(answer) if failed else outcome.Value(answer)
                )
                return True
        return False

    def _blame(self, error: Exception) -> bool:
        """Raise an error of the world in a task that waits for it; say whether there is one."""
        for waiter in tuple(self._waiters):
            self.ready.append((waiter, error))
            return True
        return False

    async def answer(self, waiter: Waiter) -> Any:
        """Wait for an answer that the world will give to ``waiter.then``."""

        def abort(_: object) -> trio.lowlevel.Abort:
            waiter.task = None
            return trio.lowlevel.Abort.SUCCEEDED

        self._waiters[waiter] = None
        try:
            return await trio.lowlevel.wait_task_rescheduled(abort)
        finally:
            del self._waiters[waiter]
