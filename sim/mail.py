"""What travels between actors, and what becomes of it when the network treats it oddly.

A rule of the network may double a frame, flip bits of it, or let it leave the order between two
actors; all other mail never comes here.
What does not belong here: which messages that happens to (network.py), and what a message does
where it arrives (kernel.py).
"""

from collections.abc import Callable
from typing import Any

from sim.cell import Route
from sim.clock import SimClock
from sim.trace import Trace

#: (asker's name, its incarnation, number of the ask, absolute deadline in world time)
Ask = tuple[str, int, int, int]
#: (its route, whether it is an answer, frame, the ask it belongs to, what the frame says if that
#: was read before on its way; else None)
Parcel = tuple[Route, int, Any, Ask | None, Any]


class Copies:
    """A message that the network doubled: one number of the transport, two arrivals."""

    __slots__ = ("arrived", "parcel")

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.arrived = False

    @property
    def subject(self) -> str:
        """Between whom it travels."""
        return self.parcel[0].subject


class OddMail:
    """Carries what was doubled, corrupted or taken out of the order.

    Args:
      deliver: hands a parcel to its target, as with all mail.
    """

    def __init__(self, clock: SimClock, trace: Trace, deliver: Callable[[Parcel], None]) -> None:
        self._clock = clock
        self._trace = trace
        self._deliver = deliver

    def carry(self, due_ns: int, parcel: Parcel) -> None:
        """Put a parcel, about which a rule has just given its verdict, on its way."""
        route, clock = parcel[0], self._clock
        link = route.link
        if not link.overtakes:
            route.last_ns = due_ns = max(due_ns, route.last_ns)
        if link.corrupts:
            clock.at(due_ns, self._throw_away, parcel)
        elif link.echo_ns is not None:
            copies = Copies(parcel)
            clock.at(due_ns, self._arrive, copies)
            clock.at(due_ns + link.echo_ns, self._arrive, copies)
        else:
            clock.at(due_ns, self._deliver, parcel)

    def _arrive(self, copies: Copies) -> None:
        """Deliver one of two copies; the transport knows a number that it has seen."""
        cell = copies.parcel[0].target
        if copies.arrived:
            cell.repeated += 1
            self._trace.add(self._clock.now_ns, "repeat", copies.subject, b"")
        else:
            copies.arrived = cell.up
            self._deliver(copies.parcel)

    def _throw_away(self, parcel: Parcel) -> None:
        """Let the transport of a target that is up refuse a frame: its checksum does not fit."""
        if parcel[0].target.up:
            self._trace.add(self._clock.now_ns, "corrupt", parcel[0].subject, b"")
