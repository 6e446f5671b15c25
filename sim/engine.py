"""Steps a Trio run from ordinary code, so that many worlds live in one thread.

Each world owns one Trio run in guest mode. Around every step the engine swaps in what Trio keeps
per thread: its run context, its two private scheduling names and the async-generator hooks; and
puts back what it found. So a world can be stepped inside another world, inside an async test and
beside Hypothesis. A task that an event wakes takes its step within the event (``wake``): a pass
of Trio's loop would do the same a system call later. This file is the one home of Trio's private
names. What does not belong here: time (clock.py) and actors (world.py).
Source: Trio reference, "Using guest mode"; Trio 0.30–0.35, trio/_core/_run.py.
"""
# ruff: noqa: SLF001 - a step of a task is made of Trio's private parts

import functools
import gc
import os
import random
import select
import sys
import types
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, Final

import outcome
import trio
from trio._core import _run as trio_run
from trio._core import _traps as trio_traps

from sim.aside import Aside
from sim.clock import SimClock
from sim.schedule import Schedule

#: A shutdown that takes more passes than this is stuck in hostile clean-up code; chosen.
_CLOSING_PASSES: Final = 10_000
_FLAG: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"
_DICE: Final = "_r"
#: New objects before Python looks for cycles while a world runs; chosen: a world of thousands of
#: messages on their way runs a fifth faster than with Python's 700, and holds a few MB more.
_YOUNG_OBJECTS: Final = 50_000
#: What ``wake`` reads of Trio's tasks; without them every wake-up takes Trio's own way.
_STEP_NAMES: Final = (
    (trio.lowlevel.Task, "_attempt_delivery_of_any_pending_cancel"),
    (trio_run.Runner, "task_exited"),
    (trio_traps, "WaitTaskRescheduled"),
    (trio_traps, "CancelShieldedCheckpoint"),
)


#: What to enter when one is inside.
_NOTHING: Final = nullcontext()

#: Called with what would raise the cancellation; says whether the waiting could be called off.
Abort = Callable[[Any], trio.lowlevel.Abort]


class TrioChanged(RuntimeError):
    """This Trio no longer has the private names that make its scheduling repeatable."""


@functools.cache
def check_trio() -> None:
    """Check once that Trio still reads its flag and dice as module globals.

    Raises:
      TrioChanged: a release of Trio moved them; the text says which.
    """
    for name in (_FLAG, _DICE):
        if not hasattr(trio_run, name):
            raise TrioChanged(f"trio {trio.__version__} has no trio._core._run.{name}")
    names = trio_run.unrolled_run.__code__.co_names
    inner = getattr(trio_run.unrolled_run, "__wrapped__", trio_run.unrolled_run).__code__.co_names
    for name in (_FLAG, _DICE):
        if name not in names and name not in inner:
            raise TrioChanged(f"trio {trio.__version__} does not read {name} in unrolled_run")


_DIRECT: Final = all(hasattr(home, name) for home, name in _STEP_NAMES)

if _DIRECT:

    @types.coroutine
    def park(abort: Abort) -> Generator[Any, Any, Any]:
        """Wait for ``Engine.wake``, as ``trio.lowlevel.wait_task_rescheduled`` in three frames."""
        result = yield trio_traps.WaitTaskRescheduled(abort)
        return result.unwrap() if result.__class__ is outcome.Error else result

    def parking(abort: Abort) -> Callable[[], Awaitable[Any]]:
        """Return a ``park(abort)`` for one who waits again and again."""
        trap = trio_traps.WaitTaskRescheduled(abort)

        @types.coroutine
        def park_there() -> Generator[Any, Any, Any]:
            result = yield trap
            return result.unwrap() if result.__class__ is outcome.Error else result

        return park_there

else:  # pragma: no cover - a Trio that does not exist yet
    park = trio.lowlevel.wait_task_rescheduled  # type: ignore[assignment]

    def parking(abort: Abort) -> Callable[[], Awaitable[Any]]:
        """Return a ``park(abort)`` for one who waits again and again."""
        return functools.partial(park, abort)


class Stepper:
    """Takes the steps of tasks; what an engine on virtual time and one on the wall clock share."""

    _clock: SimClock
    _runner: Any
    _nursery: trio.Nursery | None = None
    stepping = False  #: a task is in the middle of a step taken by ``wake``
    #: Whether tasks step within the event that wakes them; the trace is the same without.
    direct = _DIRECT

    def entered(self) -> AbstractContextManager[None]:
        """Make this run Trio's current one for the length of the block; may be nested."""
        raise NotImplementedError

    def spawn(self, fn: Callable[..., Awaitable[object]], *args: Any, name: str) -> None:
        """Start a task of this run; call it inside ``entered()``."""
        assert self._nursery is not None
        self._nursery.start_soon(fn, *args, name=name)

    def aside(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Aside:
        """Return a computation that happens when its result is wanted."""
        return Aside(fn, args)

    @trio.lowlevel.enable_ki_protection
    def wake(self, task: Any, result: Any) -> None:
        """Let a task that waits in ``park`` go on.

        Args:
          task: waits, or is about to wait, in ``park``.
          result: what ``park`` returns, or the ``outcome.Error`` of what it raises.

        Called by an event of the clock it takes the step at once, exactly as Trio's loop would in
        a pass of its own with this task alone: an event runs only when no task can.
        """
        if not self.direct or self.stepping or self._clock.runq or self._clock.halted:
            if not _DIRECT and result.__class__ is not outcome.Error:  # pragma: no cover - see park
                result = outcome.Value(result)
            trio.lowlevel.reschedule(task, result)
            return
        self.stepping = True
        task._abort_func = None
        task.custom_sleep_data = None
        context = trio_run.GLOBAL_RUN_CONTEXT
        context.task = task
        try:
            trap = task.context.run(task.coro.send, result)
        except StopIteration as stop:
            self._runner.task_exited(task, outcome.Value(stop.value))
        except BaseException as error:  # noqa: BLE001 - Trio hands it to the task's nursery
            self._runner.task_exited(task, outcome.Error(error))
        else:
            task._schedule_points += 1
            if trap.__class__ is trio_traps.WaitTaskRescheduled:
                task._cancel_points += 1
                task._abort_func = trap.abort_func
                if task._cancel_status.effectively_cancelled:
                    task._attempt_delivery_of_any_pending_cancel()
            else:
                assert trap is trio_traps.CancelShieldedCheckpoint, f"{task} yielded {trap!r}"
                self._runner.reschedule(task)
        finally:
            del context.task
            self.stepping = False


class Engine(Stepper):
    """One Trio run driven by one clock.

    Args:
      clock: moves time when no task can run.
      dice: shuffles tasks that can run at the same pass.
    """

    def __init__(self, clock: SimClock, dice: random.Random | Schedule) -> None:
        check_trio()
        self._clock = clock
        self._dice = dice
        self._context: dict[str, Any] = {}
        self._hooks: Any = None
        self._ticks: deque[Callable[[], object]] = deque()
        self._outcome: outcome.Outcome[None] | None = None
        self._inside = False
        with self.entered():
            trio.lowlevel.start_guest_run(
                self._keep,
                run_sync_soon_threadsafe=self._ticks.append,
                done_callback=self._done,
                clock=clock,
                host_uses_signal_set_wakeup_fd=True,
            )
            self._runner: Any = trio_run.GLOBAL_RUN_CONTEXT.runner
            clock.runq = self._runner.runq
            while self._nursery is None:
                self._ticks.popleft()()

    def entered(self) -> AbstractContextManager[None]:
        """Make this run Trio's current one for the length of the block; may be nested."""
        return _NOTHING if self._inside else self._entering()

    @contextmanager
    def _entering(self) -> Iterator[None]:
        current = trio_run.GLOBAL_RUN_CONTEXT.__dict__
        saved = dict(current), getattr(trio_run, _FLAG), getattr(trio_run, _DICE)
        hooks = sys.get_asyncgen_hooks()
        current.clear()
        current.update(self._context)
        setattr(trio_run, _FLAG, True)
        setattr(trio_run, _DICE, self._dice)
        if self._hooks is not None:
            sys.set_asyncgen_hooks(*self._hooks)
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            self._context = dict(current)
            self._hooks = sys.get_asyncgen_hooks()
            current.clear()
            current.update(saved[0])
            setattr(trio_run, _FLAG, saved[1])
            setattr(trio_run, _DICE, saved[2])
            sys.set_asyncgen_hooks(*hooks)

    def step_until_halted(self) -> None:
        """Run until the clock says that the host wants control.

        Time moves here as long as no task is in Trio's own queue: Trio would ask the clock the
        same, some microseconds later.
        """
        clock, ticks = self._clock, self._ticks
        with self.entered(), collecting_rarely():
            clock.halted = False
            try:
                if self.direct and not clock.runq and self._outcome is None:
                    clock.deadline_to_sleep_time(0.0)
                while not clock.halted and self._outcome is None:
                    ticks.popleft()()
            finally:
                clock.halted = True
        self._raise_if_over()

    def close(self) -> None:
        """Cancel what still runs and end the run; harmless the second time.

        Raises:
          RuntimeError: a task goes on, whatever it is told.
          KeyboardInterrupt: one came as the world ran and had not been raised yet.
        """
        if self._outcome is not None:
            return
        with self.entered():
            self._clock.halted = True
            assert self._nursery is not None
            self._nursery.cancel_scope.cancel()
            for _ in range(_CLOSING_PASSES):
                if self._outcome is not None:
                    break
                self._ticks.popleft()()
            else:
                raise RuntimeError("a task goes on after the world was closed")
        self._context = {}
        self._hooks = None
        if isinstance(self._outcome, outcome.Error):
            error = _innermost(self._outcome.error)
            if isinstance(error, KeyboardInterrupt):
                raise error

    def _raise_if_over(self) -> None:
        if self._outcome is None:
            return
        if isinstance(self._outcome, outcome.Error):
            raise _innermost(self._outcome.error)
        raise RuntimeError("the world is closed")

    def _done(self, result: Any) -> None:
        self._outcome = result

    async def _keep(self) -> None:
        async with trio.open_nursery() as self._nursery:
            while True:
                try:
                    await trio.sleep_forever()
                except KeyboardInterrupt as interrupt:
                    # Trio gives the user's Ctrl-C to its main task; the host shall have it.
                    self._clock.fail(interrupt)


class LiveEngine(Stepper):
    """The ordinary Trio run in which a live world stands."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock

    def begin(self, nursery: trio.Nursery) -> None:
        """Start tasks in this nursery of the present run from now on."""
        self._nursery = nursery
        self._runner = trio_run.GLOBAL_RUN_CONTEXT.runner
        self._clock.runq = self._runner.runq

    def perform(self, events: Callable[[], None]) -> None:
        """Let events happen within the step of the present task, unless one is happening."""
        if self.stepping:
            return
        context = trio_run.GLOBAL_RUN_CONTEXT
        task = context.task
        try:
            events()
        finally:
            context.task = task  # The steps of others took its place.

    def entered(self) -> AbstractContextManager[None]:
        """Do nothing: there is one run, and it is Trio's current one."""
        return nullcontext()


def watch(fd: int) -> None:
    """Have the present run's loop make a pass each time that something is counted in an eventfd.

    Nobody reads it, and no task waits: a pass is all that the clock needs. Where Trio's loop has no
    epoll a task waits.
    """
    epoll = getattr(trio_run.GLOBAL_RUN_CONTEXT.runner.io_manager, "_epoll", None)
    if epoll is None:  # pragma: no cover - eventfds and epoll are of one system
        trio.lowlevel.spawn_system_task(_drain, fd)
    else:
        epoll.register(fd, select.EPOLLIN | select.EPOLLET)


async def _drain(fd: int) -> None:  # pragma: no cover - as above
    while True:
        await trio.lowlevel.wait_readable(fd)
        with suppress(BlockingIOError):
            os.eventfd_read(fd)


@contextmanager
def repeatable(dice: random.Random | Schedule) -> Iterator[None]:
    """Let the order of tasks in Trio runs of this process come from ``dice`` for that long.

    Engines bring their own order with them; this is for the run of a host that asks a world.
    """
    check_trio()
    saved = getattr(trio_run, _FLAG), getattr(trio_run, _DICE)
    setattr(trio_run, _FLAG, True)
    setattr(trio_run, _DICE, dice)
    try:
        yield
    finally:
        setattr(trio_run, _FLAG, saved[0])
        setattr(trio_run, _DICE, saved[1])


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let garbage of cycles gather for longer: messages and tasks make none, and look like some.

    Whoever runs a world in many short steps puts it around all of them, or each step ends with a
    collection of what it has made.
    """
    found = gc.get_threshold()
    if 0 < found[0] < _YOUNG_OBJECTS:
        gc.set_threshold(_YOUNG_OBJECTS, *found[1:])
    try:
        yield
    finally:
        gc.set_threshold(*found)


def _innermost(error: BaseException) -> BaseException:
    """Return what ended the run, without the wrapping of nurseries and of Trio itself."""
    while True:
        if isinstance(error, BaseExceptionGroup):
            interrupts = error.subgroup(KeyboardInterrupt)
            error = (interrupts or error).exceptions[0]
        elif isinstance(error, trio.TrioInternalError) and error.__cause__ is not None:
            error = error.__cause__
        else:
            return error
