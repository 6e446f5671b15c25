"""What the promises of this package have in common: an arena, and moments to watch and examine.

What does not belong here: any particular promise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scenarios.arena import Arena
from sim.check.history import Call
from sim.check.invariant import Invariant
from sim.trace import Event
from sim.wire import Message
from sim.world import HOST


def _calls(arena: Arena, name: str) -> bool:
    """Say whether somebody is an application: a workload's client, or a cloud's visitor."""
    return "/clients/" in name or (name != HOST and arena.world.kernel.cells[name].cls is None)


@dataclass(frozen=True, slots=True)
class Sent:
    """One message as it was sent; it may still be lost, or change on the way."""

    time_ns: int  #: world time
    source: str  #: name of the actor that sent it, such as ``us-east-1/clients/app-0``
    target: str
    message: Any  #: of one of the kinds that were asked for
    by_caller: bool  #: an application sent it: no actor that passes it on, and no checker


class Promise(Invariant):
    """A promise about a world of regions; the first line of a subclass's docstring is its summary.

    A subclass has a ``name`` and says in ``compared`` what it compared. It overrides some of
    ``attach``, ``examine`` and ``conclude``, counts in ``self.checked`` how often it was put to
    the test, and hands each counterexample to ``self.fail(time_ns, text)`` at once, at an event
    or at the end. What it may know are messages, events of the trace, blocks of disks, the calls
    of callers and the audit records; never the code of what it judges. Without ``examine`` it
    changes nothing in the run.
    """

    def attach(self, arena: Arena) -> None:
        """Subscribe to what is to be watched, before the first message."""

    def examine(self, arena: Arena) -> None:
        """Use the service after every fault has healed; what this calls is recorded as well."""

    def conclude(self, arena: Arena) -> None:
        """Compare what is left after the last quiet stretch, without calling the API."""

    @staticmethod
    def on_messages(
        arena: Arena, seen: Callable[[Sent], None], *kinds: type[Message]
    ) -> None:
        """Show every message of some kinds as it is sent; call it in ``attach``.

        Args:
          seen: called at the moment of sending.
          kinds: message classes, such as ``regions.ApiCall``; a call passes the router, the
            region and an AZ, and is sent anew each time: ``by_caller`` tells the first one.
        """
        world, names = arena.world, frozenset(kind.__name__ for kind in kinds)
        codec = world.kernel.codec
        assert codec is not None, "a world without a codec sends no frames"

        def frame(source: str, target: str, data: bytes) -> None:
            if codec.name(data) in names:
                message = codec.decode(data)
                if isinstance(message, kinds):
                    caller = _calls(arena, source)
                    seen(Sent(world.now_ns, source, target, message, caller))

        world.tap_frames(frame)

    @staticmethod
    def on_events(arena: Arena, seen: Callable[[Event], None], *kinds: str) -> None:
        """Show every event of the trace of some kinds, such as ``fault`` or ``leader``.

        Call it in ``attach``. An event's body is what the trace holds, as bytes.
        """
        for kind in kinds:
            arena.world.trace.watch(kind, seen)

    @staticmethod
    def on_calls(arena: Arena, seen: Callable[[Call], None]) -> None:
        """Show every call of every caller as it ends; call it in ``attach``."""
        arena.history.observers.append(seen)
