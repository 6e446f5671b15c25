"""Steps a Trio run from ordinary code, so that many worlds live in one thread.

Each world owns one Trio run in guest mode. Around every step the engine swaps in what Trio keeps
per thread: its run context, its two private scheduling names and the async-generator hooks; and
puts back what it found. So a world can be stepped inside another world, inside an async test and
beside Hypothesis. This file is the one home of Trio's private names.
What does not belong here: time (clock.py) and actors (world.py).
Source: Trio reference, "Using guest mode"; Trio 0.30–0.35, trio/_core/_run.py.
"""

import functools
import random
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import outcome
import trio
from trio._core import _run as trio_run

from sim.clock import SimClock

#: A shutdown that takes more passes than this is stuck in hostile clean-up code; chosen.
_CLOSING_PASSES: Final = 10_000
_FLAG: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"
_DICE: Final = "_r"


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


class Engine:
    """One Trio run driven by one clock.

    Args:
      clock: moves time when no task can run.
      dice: shuffles tasks that can run at the same pass.
    """

    def __init__(self, clock: SimClock, dice: random.Random) -> None:
        check_trio()
        self._clock = clock
        self._dice = dice
        self._context: dict[str, Any] = {}
        self._hooks: Any = None
        self._ticks: deque[Callable[[], object]] = deque()
        self._outcome: outcome.Outcome[None] | None = None
        self._nursery: trio.Nursery | None = None
        self._inside = False
        with self.entered():
            trio.lowlevel.start_guest_run(
                self._keep,
                run_sync_soon_threadsafe=self._ticks.append,
                done_callback=self._done,
                clock=clock,
                host_uses_signal_set_wakeup_fd=True,
            )
            clock.runq = trio_run.GLOBAL_RUN_CONTEXT.runner.runq
            while self._nursery is None:
                self._ticks.popleft()()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make this run Trio's current one for the length of the block; may be nested."""
        if self._inside:
            yield
            return
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

    def spawn(self, fn: Callable[..., Awaitable[object]], *args: Any, name: str) -> None:
        """Start a task of this run; call it inside ``entered()``."""
        assert self._nursery is not None
        self._nursery.start_soon(fn, *args, name=name)

    def step_until_halted(self) -> None:
        """Run until the clock says that the host wants control."""
        clock, ticks = self._clock, self._ticks
        with self.entered():
            clock.halted = False
            while not clock.halted and self._outcome is None:
                ticks.popleft()()
        self._raise_if_over()

    def settle(self) -> None:
        """Let every task that can run do so, without moving time."""
        with self.entered():
            self._clock.halted = True
            runq = self._clock.runq
            self._ticks.popleft()()
            while runq and self._outcome is None:
                self._ticks.popleft()()
        self._raise_if_over()

    def close(self) -> None:
        """Cancel what still runs and end the run; harmless the second time."""
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

    def _raise_if_over(self) -> None:
        if self._outcome is None:
            return
        if isinstance(self._outcome, outcome.Error):
            error = self._outcome.error
            while not isinstance(error, KeyboardInterrupt) and error.__cause__ is not None:
                error = error.__cause__
            raise error
        raise RuntimeError("the world is closed")

    def _done(self, result: Any) -> None:
        self._outcome = result

    async def _keep(self) -> None:
        async with trio.open_nursery() as self._nursery:
            await trio.sleep_forever()
