"""Moves messages between actors and wakes who waits.

The kernel is what an actor's effects reach; the world (world.py) is what the host reaches. One
event wakes at most one task, so the order of the event heap is the order of everything.
What does not belong here: stepping Trio (engine.py), power and pauses (power.py), saying who waits
for whom (waits.py), and what tests and scenarios call (world.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from heapq import heappush
from typing import Any, Final

import trio
from outcome import Error

from sim.actor import Actor, Expired, Fenced, Request, is_interrupt
from sim.cell import Cell, Route, Waiting
from sim.clock import SimClock, Timer
from sim.engine import Stepper, park, parking
from sim.mail import Ask, OddMail, Parcel
from sim.network import Network
from sim.rng import Stream, stream
from sim.schedule import Schedule
from sim.secrets import Secrets
from sim.trace import Trace
from sim.waits import expiry_text
from sim.wire import Codec, Message, Overloaded, Refusal, Unreachable

_PPM: Final = 1_000_000

FrameTap = Callable[[str, str, bytes], None]


class Kernel:
    """All cells of one world and the mail between them.

    Args:
      seed: gives every stream of chance.
      codec: the table of messages; None carries messages by reference, without frames or trace.
      clock, engine, network, trace: the parts that the world has made.
      epoch_ns: calendar time at world time zero.
      schedule: holds steps back; None lets each happen when it is due.
    """

    resumes = False  #: first starts go on where an earlier process of this world stopped
    linger_ns = 0  #: a boot waits so long for tasks that have not ended; 0: they have
    hires_at_once = False  #: workers begin with their actor; else each when there is work for it
    by_reference = False  #: messages travel without frames: nobody looks at bytes or sizes

    def __init__(
        self,
        *,
        seed: int,
        codec: Codec | None,
        clock: SimClock,
        engine: Stepper,
        network: Network,
        trace: Trace,
        epoch_ns: int,
        schedule: Schedule | None = None,
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.engine = engine
        self.network = network
        self.trace = trace
        self.epoch_ns = epoch_ns
        self.codec = codec
        self.cells: dict[str, Cell] = {}
        self.secrets = Secrets()
        self.frame_taps: list[FrameTap] = []
        self.lost = 0
        self._asks = 0
        self._streams: dict[tuple[str, ...], Stream] = {}
        self._hold_ns = None if schedule is None else schedule.hold_ns
        self._wake_with = engine.wake
        self._deliver_action = self._deliver
        self._odd_mail = OddMail(clock, trace, self._deliver)
        self._encode = codec.encode if codec else None
        self._decode = codec.decode if codec else None

    # Chance and clocks.

    def rng(self, *names: str) -> Stream:
        """Return the world's stream of that name; always the same object."""
        found = self._streams.get(names)
        if found is None:
            found = self._streams[names] = stream(self.seed, *names)
        return found

    def actor_rng(self, actor: Actor, names: tuple[str, ...]) -> Stream:
        """Return the stream of one incarnation."""
        found = actor.cell.streams.get(names)
        if found is None:
            path = ("actor", actor.name, str(actor.incarnation), *names)
            found = actor.cell.streams[names] = stream(self.seed, *path)
        return found

    def entropy(self, actor: Actor, names: tuple[str, ...]) -> Callable[[int], bytes]:
        """Return what seeds a cryptographic generator of one incarnation: bytes by their number."""
        return self.actor_rng(actor, names).randbytes

    def battery(self, *names: str) -> Callable[[int], bytes]:
        """Return bytes that a device keeps without power: the same at every start."""
        return stream(self.seed, *names).randbytes

    def node_ns(self, cell: Cell) -> int:
        """Return a node's monotonic clock, drift included."""
        now = self.clock.now_ns
        if cell.drift_ppm:
            now += (now - cell.drift_from_ns) * cell.drift_ppm // _PPM
        return now + cell.gained_ns

    def calendar_ns(self, cell: Cell) -> int:
        """Return a node's calendar: nanoseconds since 1970."""
        return self.epoch_ns + self.node_ns(cell) + cell.offset_ns

    def _world_ns(self, cell: Cell, duration_ns: int) -> int:
        """Return how much world time passes until the node's clock has shown ``duration_ns``."""
        assert duration_ns >= 0, f"{cell.name} would wait {duration_ns} ns"
        if cell.drift_ppm:
            # Rounded up: one that rings a nanosecond early is set again, for no time at all.
            return -(-duration_ns * _PPM // (_PPM + cell.drift_ppm))
        return duration_ns

    # Mail.

    def post(self, cell: Cell, to: str, body: Any, ask: Ask | None, frame: Any = None) -> None:
        """Send one message on its way; a forwarded one still has the frame that it came in."""
        route = cell.routes.get(to)
        if route is None:
            found = self._route(cell, to)
            if found is None:
                self._refuse_unknown(cell, to, ask)
                return
            route = found
        read = None
        if frame:
            # A message is frozen: what one hop has read of a frame the next one need not.
            read = None if cell.was_older else body
        else:  # It came by reference, or it begins here.
            frame = None if cell.dialect is None else cell.dialect.encode(body)
        self._carry(route, 0, body, ask, frame, read)

    def reply(self, cell: Cell, body: Message | Refusal, ask: Ask) -> None:
        """Send an answer back to who asked."""
        route = cell.routes.get(ask[0]) or self._route(cell, ask[0])
        assert route is not None, f"{cell.name} answers {ask[0]}, which never existed"
        frame = None if cell.dialect is None else cell.dialect.encode(body)
        self._carry(route, 1, body, ask, frame)

    def _carry(
        self,
        route: Route,
        is_reply: int,
        body: Any,
        ask: Ask | None,
        frame: Any = None,
        read: Any = None,
    ) -> None:
        clock, link = self.clock, route.link
        now = clock.now_ns
        if self._encode is None:
            frame, size, read = body, 0, body
        else:
            if frame is None:
                if self.by_reference:
                    frame, read = b"", body
                else:
                    frame = self._encode(body)
            size = len(frame)
        for tap in self.frame_taps:
            tap(route.source, route.target.name, frame)
        link.messages += 1
        link.bytes += size
        delay = link.fixed_ns
        if delay is None:
            delay = self.network.delay_ns(link, route.source, route.target.name, size, now)
            if delay is None:
                self.trace.add(now, "drop", route.subject, b"" if self._encode is None else frame)
                return
        due = now + delay
        if self._hold_ns is not None:
            due += self._hold_ns(route.target.name)
        parcel = (route, is_reply, frame, ask, read)
        if link.odd:
            self._odd_mail.carry(due, parcel)
            return
        if due < route.last_ns:
            due = route.last_ns
        else:
            route.last_ns = due
        # As clock.at(), without the call: this is the line that every message takes.
        clock.sequence += 1
        heappush(clock.heap, (due, clock.sequence, self._deliver_action, parcel))

    def _deliver(self, parcel: Parcel) -> None:
        route, is_reply, frame, ask, body = parcel
        cell = route.target
        if not cell.up:
            self.lost += 1
            return
        if cell.paused:
            cell.held.append((self._deliver, (parcel,)))
            return
        if frame and self._decode is not None:
            self.trace.add(self.clock.now_ns, "deliver", route.subject, frame)
            if cell.dialect is not None:
                body = cell.dialect.decode(frame)
            elif body is None:
                body = self._decode(frame)
        cell.delivered += 1
        if is_reply:
            assert ask is not None
            waiting = cell.pending.pop(ask[2], None) if ask[1] == cell.incarnation else None
            if waiting is None:
                cell.late += 1
            else:
                self._finish(cell, waiting, body)
            return
        actor = cell.actor
        assert actor is not None
        request = Request(actor, body, route.source, ask, frame)
        if body.__class__ in actor.inline:
            self._receive(actor, request)
        elif cell.idle:
            self._wake_with(cell.idle.popleft(), request)
        else:
            self._queue(cell, actor, request)

    def _queue(self, cell: Cell, actor: Actor, request: Request) -> None:
        """Let a request wait for a worker."""
        assert actor.workers, f"{cell.name} has no handler for {request.body.__class__.__name__}"
        if cell.hired < actor.workers:
            cell.hired += 1
            cell.inbox.append(request)
            self.spawn_worker(actor)
        elif len(cell.inbox) < actor.inbox_limit:
            cell.inbox.append(request)
            cell.queue_max = max(cell.queue_max, len(cell.inbox))
        else:
            cell.refused += 1
            request.refuse(Overloaded(f"{cell.name} has {len(cell.inbox)} requests waiting"))

    def _receive(self, actor: Actor, request: Request) -> None:
        try:
            try:
                actor.receive(request)
            except Refusal as refusal:
                request.refuse(refusal)
        except Fenced:
            return
        except Exception as error:
            if not actor.fenced:
                self._blame(error, actor, request)
                raise

    def _route(self, cell: Cell, to: str) -> Route | None:
        target = self.cells.get(to)
        if target is None:
            return None
        link = self.network.link(cell.zone, target.zone)
        found = cell.routes[to] = Route(cell.name, target, link)
        return found

    def _refuse_unknown(self, cell: Cell, to: str, ask: Ask | None) -> None:
        """Answer an ask of a name that nobody has, as a name service would."""
        self.trace.add(self.clock.now_ns, "drop", f"{cell.name}>{to}", b"no such name")
        if ask is not None:
            route = cell.routes.get(ask[0]) or self._route(cell, ask[0])
            assert route is not None
            self._carry(route, 1, Unreachable(f"nobody is called {to}"), ask)

    # Asks.

    def begin_ask(
        self,
        cell: Cell,
        to: str,
        body: Message,
        task: trio.lowlevel.Task | None,
        then: Callable[[Any], None] | None,
        timeout_ns: int,
        deadline_ns: int | None,
    ) -> int:
        """Send a question and remember who waits for its answer; return its number."""
        self._asks += 1
        number, now = self._asks, self.clock.now_ns
        deadline = now + timeout_ns if deadline_ns is None else deadline_ns
        cell.asked[to] = None
        cell.pending[number] = Waiting(task, then, to, body.__class__, now, deadline)
        if cell.sweep_ns is None or deadline < cell.sweep_ns:
            self._sweep_at(cell, max(deadline, now))
        self.post(cell, to, body, (cell.name, cell.incarnation, number, deadline))
        return number

    def _finish(self, cell: Cell, waiting: Waiting, answer: Any) -> None:
        if waiting.task is not None:
            failed = isinstance(answer, Exception)
            self._wake_with(waiting.task, Error(answer) if failed else answer)
            return
        assert waiting.then is not None
        if cell.actor is None:
            waiting.then(answer)
        else:
            self.gated(cell.actor, waiting.then, (answer,))

    def _sweep_at(self, cell: Cell, time_ns: int) -> None:
        cell.sweep_ns = time_ns
        self.clock.at(time_ns, self._sweep, (cell, time_ns))

    def _sweep(self, argument: tuple[Cell, int]) -> None:
        """Expire what is overdue; the deadlines of a cell share one event on the heap."""
        cell, at_ns = argument
        if cell.sweep_ns == at_ns:
            self._look(cell)

    def _look(self, cell: Cell) -> None:
        cell.sweep_ns = None
        if cell.paused:
            cell.held.append((self._look, (cell,)))
            return
        now, earliest = self.clock.now_ns, None
        for number, waiting in cell.pending.items():
            if waiting.deadline_ns <= now:
                # One event wakes at most one task.
                self.clock.at(now, self._expire, (cell, number))
            elif earliest is None or waiting.deadline_ns < earliest:
                earliest = waiting.deadline_ns
        if earliest is not None:
            self._sweep_at(cell, earliest)

    def _expire(self, argument: tuple[Cell, int]) -> None:
        cell, number = argument
        if cell.paused:
            cell.held.append((self._expire, (argument,)))
            return
        waiting = cell.pending.pop(number, None)
        if waiting is not None:
            self._finish(cell, waiting, Expired(expiry_text(cell.name, waiting)))

    # Timers and completions.

    def gated(self, actor: Actor, fn: Callable[..., None], args: tuple[Any, ...]) -> None:
        """Run a completion for an incarnation: not after its death, later while paused."""
        if actor.fenced:
            return
        cell = actor.cell
        if cell.paused:
            cell.held.append((self.gated, (actor, fn, args)))
            return
        try:
            fn(*args)
        except Fenced:
            return
        except Exception as error:
            # What a dead incarnation stumbles over has no effect.
            if not actor.fenced:
                self._blame(error, actor, None)
                raise

    def after(
        self, actor: Actor, duration_ns: int, fn: Callable[..., None], args: tuple[Any, ...]
    ) -> Timer:
        """Set a timer of one incarnation on its node's clock."""
        due = self.clock.now_ns + self._world_ns(actor.cell, duration_ns)
        if self._hold_ns is not None:
            due += self._hold_ns(actor.name)
        return self.clock.timer(due, self.gated, actor, fn, args)

    def after_calendar(
        self, actor: Actor, duration_ns: int, fn: Callable[..., None], args: tuple[Any, ...]
    ) -> Timer:
        """Set a timer on a node's calendar, which nobody moves in a simulated world."""
        return self.after(actor, duration_ns, fn, args)

    def sleep_timer(self, cell: Cell, duration_ns: int, task: trio.lowlevel.Task) -> Timer:
        """Set the timer that wakes one sleeping task."""
        if cell.drift_ppm or duration_ns < 0:
            duration_ns = self._world_ns(cell, duration_ns)
        if self._hold_ns is not None:
            duration_ns += self._hold_ns(cell.name)
        return self.clock.timer(self.clock.now_ns + duration_ns, self._wake_cell, cell, task)

    def wake(self, task: trio.lowlevel.Task) -> None:
        """Let a waiting task of an actor that is up and not paused go on."""
        self._wake_with(task, None)

    def _wake_cell(self, cell: Cell, task: trio.lowlevel.Task) -> None:
        if cell.paused:
            cell.held.append((self._wake_cell, (cell, task)))
        else:
            self._wake_with(task, None)

    # Tasks.

    def spawn(
        self, actor: Actor, fn: Callable[..., Awaitable[object]], args: tuple[Any, ...]
    ) -> None:
        """Start a task that ends with its incarnation."""
        actor.cell.tasks += 1
        self.engine.spawn(self._task, actor, fn, args, name=actor.name)

    def spawn_worker(self, actor: Actor) -> None:
        """Start a task that serves requests until its incarnation ends."""
        actor.cell.tasks += 1
        self.engine.spawn(self._worker, actor, name=actor.name)

    @contextmanager
    def _life(self, actor: Actor) -> Iterator[None]:
        """Bind a task to its incarnation: it ends with it, and its error stops the world."""
        # One scope per task, kept in order: cancelling them is then a deterministic act.
        cell, scope = actor.cell, trio.CancelScope()
        cell.scopes[scope] = None
        try:
            with scope:
                yield
        except Fenced:
            return
        except trio.Cancelled:
            raise
        except BaseException as error:  # noqa: BLE001 - the host raises it again
            if not actor.fenced or is_interrupt(error):
                self._blame(error, actor, None)
                self.clock.fail(error)
        finally:
            cell.tasks -= 1
            cell.scopes.pop(scope, None)

    async def _task(
        self, actor: Actor, fn: Callable[..., Awaitable[object]], args: tuple[Any, ...]
    ) -> None:
        with self._life(actor):
            while actor.cell.paused and not actor.fenced:
                await self._held(actor.cell)
            if not actor.fenced:
                await fn(*args)

    async def _held(self, cell: Cell) -> None:
        """Wait, as a task that has not begun, until a paused actor goes on."""
        entry = (self.wake, (trio.lowlevel.current_task(),))
        cell.held.append(entry)

        def abort(_: object) -> trio.lowlevel.Abort:
            if entry in cell.held:
                cell.held.remove(entry)
            return trio.lowlevel.Abort.SUCCEEDED

        await park(abort)

    async def _worker(self, actor: Actor) -> None:
        cell, inbox, idle = actor.cell, actor.cell.inbox, actor.cell.idle
        task = trio.lowlevel.current_task()

        def abort(_: object) -> trio.lowlevel.Abort:
            if task in idle:
                idle.remove(task)
            return trio.lowlevel.Abort.SUCCEEDED

        rest = parking(abort)
        # The loop stands in the task's own frame: each one more costs every wake-up.
        with self._life(actor):
            while not actor.fenced:
                if inbox:
                    request = inbox.popleft()
                else:
                    idle.append(task)
                    request = await rest()
                try:
                    await actor.serve(request)
                except Refusal as refusal:
                    request.refuse(refusal)
                except Exception as error:
                    self._blame(error, actor, request)
                    raise
                assert request.answered or actor.fenced, (
                    f"{cell.name} never answered {request.body.__class__.__name__}"
                )

    # What actors leave behind.

    def note(self, kind: str, subject: str, fields: Mapping[str, object]) -> None:
        """Put one event into the trace."""
        body = " ".join(f"{name}={value}" for name, value in fields.items())
        self.trace.add(self.clock.now_ns, kind, subject, body.encode())

    def announce(self, kind: str, secret: bytes) -> None:
        """Register secret bytes for the checkers."""
        self.secrets.add(kind, secret)

    def _blame(self, error: BaseException, actor: Actor, request: Request | None) -> None:
        what = "" if request is None else f" while it served {type(request.body).__name__}"
        where = f"in {actor.name} at {self.clock.now_ns} ns"
        # A worker's error passes here again as its task ends.
        if not any(note.startswith(where) for note in getattr(error, "__notes__", ())):
            error.add_note(where + what)
