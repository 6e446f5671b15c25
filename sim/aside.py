"""A long computation that nobody has to wait for at once.

In a simulated world it happens when its result is first wanted, and takes no virtual time: what it
takes there is for the actor to say. In a live world a thread begins it at once, and everybody else
goes on. What does not belong here: effects; what is computed depends on its arguments alone.
"""

from collections.abc import Callable
from typing import Any

import outcome


class Aside:
    """One computation; it happens once."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._fn, self._args = fn, args
        self._outcome: outcome.Outcome[Any] | None = None

    def compute(self) -> None:
        """Perform it, unless that has happened; an error of it is kept for who wants the result."""
        if self._outcome is None:
            self._outcome = outcome.capture(self._fn, *self._args)

    async def result(self) -> Any:
        """Return what it came to, or raise its error; every time the same."""
        self.compute()
        found: Any = self._outcome
        # An outcome unwraps once only.
        if isinstance(found, outcome.Error):
            raise found.error
        return found.value
