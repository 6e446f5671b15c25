"""An actor: state of its own, an inbox, workers, and effects that end with its incarnation.

An actor handles *inline* message types at once in ``receive()`` and all others in ``serve()``,
run by a fixed number of workers behind a bounded queue. Every effect goes through the kernel, so
a crashed incarnation can no longer send, write, draw or trace.
What does not belong here: how messages travel (network.py) and who starts and crashes actors
(world.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

import trio

from sim.aside import Aside
from sim.clock import Timer
from sim.engine import park
from sim.rng import Stream
from sim.units import seconds
from sim.wire import Message, Refusal

if TYPE_CHECKING:
    from sim.actor_disk import ActorDisk
    from sim.cell import Cell
    from sim.kernel import Kernel

#: How long an ask waits when nobody says otherwise; chosen.
ASK_TIMEOUT_NS: Final = seconds(60)

Then1 = Callable[[Any], None]


class Fenced(BaseException):
    """The incarnation that tried an effect has lost its power; nothing happened."""


def is_interrupt(error: BaseException) -> bool:
    """Say whether an error is meant for the whole process; a dead actor may raise anything else."""
    if isinstance(error, BaseExceptionGroup):
        return any(is_interrupt(inner) for inner in error.exceptions)
    return not isinstance(error, Exception | Fenced | trio.Cancelled)


class Expired(Exception):
    """No answer came before the deadline; whether the request was served is unknown."""


class Request:
    """One message with the way back to its asker."""

    __slots__ = ("_actor", "_ask", "_frame", "answered", "body", "sender")

    def __init__(
        self,
        actor: Actor,
        body: Any,
        sender: str,
        ask: tuple[str, int, int, int] | None,
        frame: Any = None,
    ) -> None:
        self._actor = actor
        self._frame = frame  #: as it came; to forward it is not to encode it again
        self.body = body
        self.sender = sender  #: who sent this hop; the asker may be someone else
        self._ask = ask  #: asker, its incarnation, number of the ask, absolute deadline
        self.answered = ask is None

    @property
    def asker(self) -> str:
        """Who waits for the answer; empty for a one-way message."""
        return "" if self._ask is None else self._ask[0]

    @property
    def deadline_ns(self) -> int:
        """The world time at which the asker gives up; 0 for a one-way message."""
        return 0 if self._ask is None else self._ask[3]

    @property
    def left_ns(self) -> int:
        """How long the asker still waits; 0 or less once it has given up, and for one-way ones."""
        return self.deadline_ns - self._actor.kernel.clock.now_ns

    def reply(self, message: Message | Refusal) -> None:
        """Answer the asker, once; the answer to a one-way message goes nowhere."""
        ask = self._ask
        if ask is None:
            return
        assert not self.answered, f"{self._actor.name} answered a request twice"
        self.answered = True
        actor = self._actor
        if actor.fenced:
            raise Fenced
        actor.kernel.reply(actor.cell, message, ask)

    def refuse(self, error: Refusal) -> None:
        """Answer with an error that is raised where the call was asked."""
        self.reply(error)

    def lose(self) -> None:
        """Leave the asker without an answer for ever: what only an actor that is ill may do."""
        self.answered = True

    def forward(self, to: str, body: Message | None = None) -> None:
        """Hand the request on; its answer goes straight back to the asker."""
        assert not self.answered or self._ask is None, "an answered request cannot be forwarded"
        self.answered = True
        actor = self._actor
        if actor.fenced:
            raise Fenced
        if body is None:
            actor.kernel.post(actor.cell, to, self.body, self._ask, self._frame)
        else:
            actor.kernel.post(actor.cell, to, body, self._ask)

    async def ask(self, to: str, message: Message) -> Any:
        """Ask on behalf of this request, with what is left of its deadline."""
        return await self._actor.ask(to, message, deadline_ns=self.deadline_ns or None)


class Actor:
    """The base of everything that lives in a world.

    Subclasses take one ``config`` argument and build empty state in ``__init__``; a restart is
    the class, the config and the disk, nothing else.
    """

    kind: ClassVar[str] = "actor"
    workers: ClassVar[int] = 0  #: how many requests are served at the same time
    inbox_limit: int = 10_000  #: requests waiting for a worker; more are refused
    inline: ClassVar[frozenset[type[Any]]] = frozenset()  #: types that receive() handles at once
    asks: ClassVar[tuple[str, ...]] = ()  #: the kinds of actors that this kind asks
    #: Kinds that are asked these types only, which they handle at once: no worker of theirs is
    #: needed for the answer, so no such ask can be part of a circle of waits.
    asks_inline: ClassVar[Mapping[str, frozenset[type[Any]]]] = MappingProxyType({})

    # Set by the kernel before start(); an actor's __init__ must not use them.
    name: str
    incarnation: int
    kernel: Kernel
    cell: Cell
    disk: ActorDisk
    fenced: bool = False

    def __init__(self, config: Any) -> None:
        self.config = config

    def start(self) -> None:
        """Begin an incarnation: read the disk, set timers, greet peers."""

    def receive(self, request: Request) -> None:
        """Handle one message of an inline type; it must not wait."""
        raise AssertionError(f"{self.name} has no inline handler for {type(request.body)}")

    async def serve(self, request: Request) -> None:
        """Handle one message in a worker; answer, refuse or forward every ask."""
        raise AssertionError(f"{self.name} has no handler for {type(request.body)}")

    def on_ail(self, ailment: str, value: Any) -> None:
        """A fault has put a condition on this actor, or has taken it away (value None)."""

    def on_calendar(self, moved_ns: int) -> None:
        """Somebody has moved the calendars of all nodes forward, as a live world can."""

    # Effects.

    @property
    def now_ns(self) -> int:
        """This node's monotonic clock."""
        cell = self.cell
        if cell.drift_ppm:
            return self.kernel.node_ns(cell)
        return self.kernel.clock.now_ns + cell.gained_ns

    @property
    def calendar_ns(self) -> int:
        """This node's calendar: nanoseconds since 1970-01-01T00:00:00Z."""
        return self.kernel.calendar_ns(self.cell)

    def rng(self, *names: str) -> Stream:
        """Return the stream of that name that belongs to this incarnation."""
        if self.fenced:
            raise Fenced
        return self.kernel.actor_rng(self, names)

    def entropy(self, *names: str) -> Callable[[int], bytes]:
        """Return a source of seeds for a cryptographic generator: so many bytes at each call.

        In a simulated world it is this incarnation's stream of that name; in a live one the
        operating system.
        """
        if self.fenced:
            raise Fenced
        return self.kernel.entropy(self, names)

    def battery(self, *names: str) -> Callable[[int], bytes]:
        """Return bytes that this device keeps through power cuts: the same at every start."""
        if self.fenced:
            raise Fenced
        return self.kernel.battery(*names)

    def veil(self, value: bytes) -> None:
        """Say that these bytes (16 or more) are chance that no seed gives: traces look past them.

        It is said before they travel.
        """
        if self.fenced:
            raise Fenced
        self.kernel.trace.veil(value)

    def aside(self, fn: Callable[..., Any], *args: Any) -> Aside:
        """Begin a long computation without effects, which others need not wait for."""
        if self.fenced:
            raise Fenced
        return self.kernel.engine.aside(fn, args)

    @property
    def resumes(self) -> bool:
        """Whether this start goes on after a restart of the whole world, not after a power cut.

        Never in a simulated world, where a world begins once.
        """
        return self.kernel.resumes and self.cell.incarnation == self.cell.first_incarnation

    @property
    def newborn(self) -> bool:
        """Whether this is the very first start of an actor of this name: its disk is new."""
        return self.cell.newborn and self.incarnation == self.cell.first_incarnation

    def send(self, to: str, message: Message) -> None:
        """Send one way; the message may be lost."""
        if self.fenced:
            raise Fenced
        self.kernel.post(self.cell, to, message, None)

    async def ask(
        self,
        to: str,
        message: Message,
        *,
        timeout_ns: int = ASK_TIMEOUT_NS,
        deadline_ns: int | None = None,
    ) -> Any:
        """Send and wait for the answer.

        Args:
          to: the name of an actor.
          message: what is asked.
          timeout_ns: how long to wait, unless
          deadline_ns: gives the absolute world time, as inherited from a request.

        Raises:
          Refusal: the addressed actor refused; its subclass says why.
          Expired: no answer in time; the outcome is unknown.
        """
        if self.fenced:
            raise Fenced
        kernel, cell = self.kernel, self.cell
        task = trio.lowlevel.current_task()
        number = kernel.begin_ask(cell, to, message, task, None, timeout_ns, deadline_ns)

        def abort(_: object) -> trio.lowlevel.Abort:
            cell.pending.pop(number, None)
            return trio.lowlevel.Abort.SUCCEEDED

        return await park(abort)

    def call(
        self, to: str, message: Message, then: Then1, *, timeout_ns: int = ASK_TIMEOUT_NS
    ) -> None:
        """Ask without waiting: ``then(answer)`` gets the message, the Refusal or an Expired."""
        if self.fenced:
            raise Fenced
        self.kernel.begin_ask(self.cell, to, message, None, then, timeout_ns, None)

    async def sleep(self, duration_ns: int) -> None:
        """Wait that long on this node's clock."""
        if self.fenced:
            raise Fenced
        timer = self.kernel.sleep_timer(self.cell, duration_ns, trio.lowlevel.current_task())
        await park(timer.abort)

    async def work(self, duration_ns: int) -> None:
        """Spend service time: this worker is busy that long."""
        if self.fenced:
            raise Fenced
        self.cell.busy_ns += duration_ns
        if duration_ns:
            # As sleep(), in one frame less.
            timer = self.kernel.sleep_timer(self.cell, duration_ns, trio.lowlevel.current_task())
            await park(timer.abort)

    def after(self, duration_ns: int, fn: Callable[..., None], *args: Any) -> Timer:
        """Call ``fn(*args)`` after that long on this node's clock, unless cancelled."""
        if self.fenced:
            raise Fenced
        return self.kernel.after(self, duration_ns, fn, args)

    def after_calendar(self, duration_ns: int, fn: Callable[..., None], *args: Any) -> Timer:
        """Call ``fn(*args)`` once this node's calendar has gone forward by that much.

        As ``after()``, but where a calendar can be moved forward by hand, it moves these.
        """
        if self.fenced:
            raise Fenced
        return self.kernel.after_calendar(self, duration_ns, fn, args)

    def spawn(self, fn: Callable[..., Awaitable[object]], *args: Any) -> None:
        """Start a long activity that ends with this incarnation."""
        if self.fenced:
            raise Fenced
        self.kernel.spawn(self, fn, args)

    def abort(self, reason: str) -> NoReturn:
        """Die by one's own hand, as by a failed assertion; a supervisor restarts the process.

        Raises:
          Fenced: always; nothing after it has an effect.
        """
        from sim import power  # noqa: PLC0415 - it needs this module first

        if not self.fenced:
            power.abort(self.kernel, self.cell, reason)
        raise Fenced

    def note(self, kind: str, **fields: object) -> None:
        """Put one event into the trace: plain values, never a secret."""
        if self.fenced:
            raise Fenced
        self.kernel.note(kind, self.name, fields)

    def announce(self, kind: str, secret: bytes) -> None:
        """Tell the registry, which only checkers read, that these bytes are secret."""
        if self.fenced:
            raise Fenced
        self.kernel.announce(kind, secret)
