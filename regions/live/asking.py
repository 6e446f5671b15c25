"""What a gateway needs of a world: to ask its actors, its clocks, its dice.

A live world has it as it is; a simulated one, where asking is to step it, is given it by whoever
steps. What does not belong here: any particular world.
"""

from typing import Any, Protocol

from sim.rng import Stream
from sim.wire import Message


class Asking(Protocol):
    """A world as seen from its gateway."""

    @property
    def now_ns(self) -> int:
        """World time."""

    @property
    def calendar_ns(self) -> int:
        """True calendar time: nanoseconds since 1970."""

    def rng(self, *names: str) -> Stream:
        """Return the world's stream of that name."""

    async def ask(self, to: str, message: Message, *, timeout_ns: int) -> Any:
        """Ask an actor.

        Raises:
          Refusal: it refused.
          Expired: no answer in time.
        """
