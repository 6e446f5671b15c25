"""How a request of an application reaches a simulated world: a connection, a question, an answer.

The gateway that serves live worlds asks through a port; here to ask is to step the world. An
application has an address of its own, so that links and their faults lie between it and the
endpoint: a connection is made by a handshake whose packets may be lost, and used again until it
has once been silent for too long.
What does not belong here: botocore (wire.py), and who may call what (roster.py).
Source: botocore, URLLib3Session (one pool per client; connect and read timeouts); Linux tcp(7):
the first SYN is repeated after 1, 2, 4, ... seconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from regions.calls import ApiAnswer, ApiCall
from regions.trail.messages import Publish
from scenarios.kit.ledger import Ledger
from sim.actor import Expired
from sim.cell import Cell
from sim.rng import Stream
from sim.units import seconds
from sim.wire import Message, Refusal
from sim.world import SimWorld

#: The first packet of a connection is sent again after so long, then after twice as long.
_SYN_AGAIN_NS: Final = seconds(1)
#: Round trips of TCP and TLS 1.3 before a request can be sent.
_ROUND_TRIPS: Final = 2
_PACKET_BYTES: Final = 60


class NoConnection(Exception):
    """Nobody has answered at the address for as long as the client waits for that."""


class ConnectionRefused(Exception):
    """The host is there, and the process that should listen is not."""


class NoAnswer(Exception):
    """The request was sent, and no answer came for as long as the client waits for one."""


@dataclass(slots=True)
class Line:
    """One client's way to the endpoints."""

    sender: str  #: the visitor that it calls from
    connect_ns: int
    read_ns: int
    connected: set[str] = field(default_factory=set)


class Port:
    """A simulated world as a gateway asks it: each answer is there when ``ask`` returns.

    Its coroutines never wait, so whoever drives one drives it to its end at once.
    """

    def __init__(self, world: SimWorld, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.line: Line | None = None  #: of the request that is being served

    @property
    def now_ns(self) -> int:
        """World time."""
        return self.world.now_ns

    @property
    def calendar_ns(self) -> int:
        """True calendar time."""
        return self.world.calendar_ns

    def rng(self, *names: str) -> Stream:
        """Return the world's stream of that name."""
        return self.world.rng(*names)

    async def ask(self, to: str, message: Message, *, timeout_ns: int) -> Any:
        """Ask an actor; a call goes out from the client's own address, with its patience.

        Raises:
          NoConnection, ConnectionRefused, NoAnswer: of a call.
          Refusal, Expired: as the world says of anything else.
        """
        if message.__class__ is ApiCall:
            assert self.line is not None, "a call belongs to a request"
            return self._call(self.line, to, message)
        self._note(message)
        return self.world.ask(to, message, timeout_ns=timeout_ns)

    def _note(self, message: Message) -> None:
        if message.__class__ is Publish:
            self.ledger.refused_at_edge(message)

    def _call(self, line: Line, to: str, call: ApiCall) -> ApiAnswer:
        for wait_ns in handshake(self.world, line, to):
            pass_time(self.world, wait_ns)
        entry = self.ledger.begin(line.sender, call)
        try:
            answer: ApiAnswer = self.world.ask(
                to, call, timeout_ns=line.read_ns, sender=line.sender
            )
        except Expired as error:
            line.connected.discard(to)
            self.ledger.unanswered(entry, line.read_ns)
            raise NoAnswer(str(error).partition("\n")[0]) from error
        except Refusal as error:
            self.ledger.refused(entry, error)
            raise
        self.ledger.answered(entry, answer)
        return answer


def pass_time(world: SimWorld, duration_ns: int) -> None:
    """Let so much virtual time pass, though answers that others wait for come meanwhile."""
    end_ns = world.now_ns + duration_ns
    while world.now_ns < end_ns:
        world.run_for(end_ns - world.now_ns)


def handshake(world: SimWorld, line: Line, to: str) -> Iterator[int]:
    """Connect a line to an actor, unless it is connected; yield how long to wait, in ns.

    Raises:
      NoConnection: nothing came back in time.
      ConnectionRefused: the host says that nobody listens.
    """
    if to in line.connected:
        return
    cells = world.kernel.cells
    client, server = cells[line.sender], cells[to]
    deadline_ns, again_ns = world.now_ns + line.connect_ns, _SYN_AGAIN_NS
    while True:
        there, back = _way_ns(world, client, server), _way_ns(world, server, client)
        if there is not None and back is not None and _answers(world, server):
            round_trip_ns = there + back
            if not server.up:
                yield round_trip_ns
                raise ConnectionRefused(f"nobody listens at {to}")
            if world.now_ns + round_trip_ns <= deadline_ns:
                yield _ROUND_TRIPS * round_trip_ns
                line.connected.add(to)
                return
        left_ns = deadline_ns - world.now_ns
        if left_ns <= again_ns:
            yield max(0, left_ns)
            raise NoConnection(f"{to} does not answer")
        yield again_ns
        again_ns *= 2


def _way_ns(world: SimWorld, source: Cell, target: Cell) -> int | None:
    """Return how long one packet takes, or None if it is lost."""
    link = world.network.link(source.zone, target.zone)
    if link.fixed_ns is not None:
        return link.fixed_ns
    return world.network.delay_ns(link, source.name, target.name, _PACKET_BYTES, world.now_ns)


def _answers(world: SimWorld, server: Cell) -> bool:
    """Say whether the server's host has power, with its process or without."""
    if server.up:
        return True
    cells = world.kernel.cells.values()
    return any(cell.up and cell.cls is not None and cell.zone == server.zone for cell in cells)
