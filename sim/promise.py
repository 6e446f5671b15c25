"""A value that one task of an actor waits for and another step of the same actor gives.

What does not belong here: answers of other actors; those come back from ``ask``.
"""

from __future__ import annotations

from typing import Any

import trio
from outcome import Error, Outcome, Value

from sim.actor import Actor
from sim.engine import park


class Promise:
    """One value, set once, awaited by at most one task."""

    __slots__ = ("_actor", "_outcome", "_task")

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._outcome: Outcome[Any] | None = None
        self._task: trio.lowlevel.Task | None = None

    def set(self, value: Any) -> None:
        """Give the value; the waiting task runs as an event of its own at this instant."""
        self._settle(Value(value))

    def fail(self, error: Exception) -> None:
        """Raise that error in the waiting task."""
        self._settle(Error(error))

    @property
    def settled(self) -> bool:
        """Whether a value or an error was given."""
        return self._outcome is not None

    async def wait(self) -> Any:
        """Return the value once it is there."""
        if self._outcome is None:
            assert self._task is None, "a promise is awaited by one task"
            self._task = trio.lowlevel.current_task()

            def abort(_: object) -> trio.lowlevel.Abort:
                self._task = None
                return trio.lowlevel.Abort.SUCCEEDED

            await park(abort)
        assert self._outcome is not None
        return self._outcome.unwrap()

    def _settle(self, result: Outcome[Any]) -> None:
        if self._outcome is None:
            self._outcome = result
            if self._task is not None:
                # One event wakes at most one task, and this step may settle many promises.
                clock = self._actor.kernel.clock
                clock.at(clock.now_ns, self._gate)

    def _gate(self, _: object) -> None:
        self._actor.kernel.gated(self._actor, self._wake, ())

    def _wake(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            self._actor.kernel.wake(task)
