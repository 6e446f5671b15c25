"""Moves messages between actors, wakes who waits, and takes power away.

The kernel is what an actor's effects reach; the world (world.py) is what the host reaches. One
event wakes at most one task, so the order of the event heap is the order of everything.
What does not belong here: stepping Trio (engine.py), and what tests and scenarios call (world.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import trio
from outcome import Error, Value

from sim.actor import ASK_TIMEOUT_NS, Actor, ActorDisk, Expired, Fenced, Request
from sim.cell import Cell, Route, Waiting
from sim.clock import SimClock, Timer
from sim.engine import Engine
from sim.network import Network
from sim.rng import Stream, stream
from sim.secrets import Secrets
from sim.trace import Trace
from sim.wire import Codec, Message, Overloaded, Refusal, Unreachable

_PPM: Final = 1_000_000

#: (asker's name, its incarnation, number of the ask, absolute deadline in world time)
Ask = tuple[str, int, int, int]
FrameTap = Callable[[str, str, bytes], None]


class Kernel:
    """All cells of one world and the mail between them.

    Args:
      seed: gives every stream of chance.
      codec: the table of messages; None carries messages by reference, without frames or trace.
      clock, engine, network, trace: the parts that the world has made.
      epoch_ns: calendar time at world time zero.
    """

    def __init__(
        self,
        *,
        seed: int,
        codec: Codec | None,
        clock: SimClock,
        engine: Engine,
        network: Network,
        trace: Trace,
        epoch_ns: int,
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

    def node_ns(self, cell: Cell) -> int:
        """Return a node's monotonic clock, drift included."""
        now = self.clock.now_ns
        if cell.drift_ppm:
            return now + (now - cell.drift_from_ns) * cell.drift_ppm // _PPM
        return now

    def calendar_ns(self, cell: Cell) -> int:
        """Return a node's calendar: nanoseconds since 1970."""
        return self.epoch_ns + self.node_ns(cell) + cell.offset_ns

    def _world_ns(self, cell: Cell, duration_ns: int) -> int:
        """Return how much world time passes while the node's clock shows ``duration_ns``."""
        assert duration_ns >= 0, f"{cell.name} would wait {duration_ns} ns"
        if cell.drift_ppm:
            return duration_ns * _PPM // (_PPM + cell.drift_ppm)
        return duration_ns

    # Mail.

    def post(self, cell: Cell, to: str, body: Any, ask: Ask | None) -> None:
        """Send one message on its way."""
        route = cell.routes.get(to)
        if route is None:
            found = self._route(cell, to)
            if found is None:
                self._refuse_unknown(cell, to, ask)
                return
            route = found
        self._carry(route, 0, body, ask)

    def reply(
        self, cell: Cell, asker: str, body: Message | Refusal, cid: tuple[int, int]
    ) -> None:
        """Send an answer back to who asked."""
        route = cell.routes.get(asker) or self._route(cell, asker)
        assert route is not None, f"{cell.name} answers {asker}, which never existed"
        self._carry(route, 1, body, (asker, *cid, 0))

    def _carry(self, route: Route, is_reply: int, body: Any, ask: Ask | None) -> None:
        clock = self.clock
        now = clock.now_ns
        frame = body if self._encode is None else self._encode(body)
        size = 0 if self._encode is None else len(frame)
        target = route.target.name
        for tap in self.frame_taps:
            tap(route.source, target, frame)
        delay = self.network.delay_ns(route.link, route.source, target, size, now)
        if delay is None:
            self.trace.add(now, "drop", route.subject, b"" if self._encode is None else frame)
            return
        due = now + delay
        due = max(due, route.last_ns)
        route.last_ns = due
        clock.at(due, self._deliver, (route, is_reply, frame, ask))

    def _deliver(self, parcel: tuple[Route, int, Any, Ask | None]) -> None:
        route, is_reply, frame, ask = parcel
        cell = route.target
        if not cell.up:
            self.lost += 1
            return
        if cell.paused:
            cell.held.append((self._deliver, (parcel,)))
            return
        if self._decode is None:
            body = frame
        else:
            self.trace.add(self.clock.now_ns, "deliver", route.subject, frame)
            body = self._decode(frame)
        cell.delivered += 1
        if is_reply:
            assert ask is not None
            self._answered(cell, ask, body)
            return
        actor = cell.actor
        assert actor is not None
        request = Request(actor, body, route.source, ask)
        if body.__class__ in actor.inline:
            self._receive(actor, request)
        elif cell.idle:
            trio.lowlevel.reschedule(cell.idle.popleft(), Value(request))
        elif len(cell.inbox) < actor.inbox_limit and actor.workers:
            cell.inbox.append(request)
            cell.queue_max = max(cell.queue_max, len(cell.inbox))
        else:
            cell.refused += 1
            request.refuse(Overloaded(f"{cell.name} has {len(cell.inbox)} requests waiting"))

    def _receive(self, actor: Actor, request: Request) -> None:
        try:
            actor.receive(request)
        except Refusal as refusal:
            request.refuse(refusal)
        except Fenced:
            return
        except Exception as error:
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
        waiting = Waiting(task, then, to, body.__class__.__name__, now, deadline)
        cell.pending[number] = waiting
        if cell.sweep_ns is None or deadline < cell.sweep_ns:
            cell.sweep_ns = max(deadline, now)
            self.clock.at(cell.sweep_ns, self._sweep, (cell, cell.sweep_ns))
        self.post(cell, to, body, (cell.name, cell.incarnation, number, deadline))
        return number

    def _answered(self, cell: Cell, ask: Ask, body: Any) -> None:
        _, incarnation, number, _ = ask
        waiting = cell.pending.pop(number, None) if incarnation == cell.incarnation else None
        if waiting is None:
            cell.late += 1
            return
        self._finish(cell, waiting, body)

    def _finish(self, cell: Cell, waiting: Waiting, answer: Any) -> None:
        if waiting.task is not None:
            failed = isinstance(answer, Exception)
            trio.lowlevel.reschedule(waiting.task, Error(answer) if failed else Value(answer))
            return
        assert waiting.then is not None
        if cell.actor is None:
            waiting.then(answer)
        else:
            self.gated(cell.actor, waiting.then, (answer,))

    def _sweep(self, argument: tuple[Cell, int]) -> None:
        """Expire one overdue ask; the deadlines of a cell share one event on the heap."""
        cell, at_ns = argument
        if cell.sweep_ns != at_ns:
            return
        cell.sweep_ns = None
        if cell.paused:
            cell.held.append((self._look_again, (cell,)))
            return
        now = self.clock.now_ns
        overdue = [n for n, waiting in cell.pending.items() if waiting.deadline_ns <= now]
        if overdue:
            waiting = cell.pending.pop(overdue[0])
            self._look_again(cell)
            self._finish(cell, waiting, Expired(expiry_text(cell.name, waiting)))
        else:
            self._look_again(cell)

    def _look_again(self, cell: Cell) -> None:
        if cell.pending:
            earliest = min(waiting.deadline_ns for waiting in cell.pending.values())
            cell.sweep_ns = max(earliest, self.clock.now_ns)
            self.clock.at(cell.sweep_ns, self._sweep, (cell, cell.sweep_ns))

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
            self._blame(error, actor, None)
            raise

    def after(
        self, actor: Actor, duration_ns: int, fn: Callable[..., None], args: tuple[Any, ...]
    ) -> Timer:
        """Set a timer of one incarnation on its node's clock."""
        due = self.clock.now_ns + self._world_ns(actor.cell, duration_ns)
        return self.clock.timer(due, self.gated, actor, fn, args)

    def sleep_timer(self, cell: Cell, duration_ns: int, task: trio.lowlevel.Task) -> Timer:
        """Set the timer that wakes one sleeping task."""
        due = self.clock.now_ns + self._world_ns(cell, duration_ns)
        return self.clock.timer(due, self._wake, cell, task)

    def _wake(self, cell: Cell, task: trio.lowlevel.Task) -> None:
        if cell.paused:
            cell.held.append((self._wake, (cell, task)))
        else:
            trio.lowlevel.reschedule(task)

    # Tasks.

    def spawn(
        self, actor: Actor, fn: Callable[..., Awaitable[object]], args: tuple[Any, ...]
    ) -> None:
        """Start a task that ends with its incarnation."""
        actor.cell.tasks += 1
        self.engine.spawn(self._task, actor, fn, args, name=actor.name)

    async def _task(
        self, actor: Actor, fn: Callable[..., Awaitable[object]], args: tuple[Any, ...]
    ) -> None:
        # One scope per task, kept in order: cancelling them is then a deterministic act.
        try:
            with trio.CancelScope() as scope:
                if actor.fenced:
                    return
                actor.cell.scopes.append(scope)
                await fn(*args)
        except Fenced:
            return
        except Exception as error:  # noqa: BLE001 - the host raises it again
            self._blame(error, actor, None)
            self.clock.fail(error)
        finally:
            actor.cell.tasks -= 1

    async def worker(self, actor: Actor) -> None:
        """Serve one request after the other until the incarnation ends."""
        cell = actor.cell
        task = trio.lowlevel.current_task()

        def abort(_: object) -> trio.lowlevel.Abort:
            if task in cell.idle:
                cell.idle.remove(task)
            return trio.lowlevel.Abort.SUCCEEDED

        while True:
            if cell.inbox:
                request = cell.inbox.popleft()
            else:
                cell.idle.append(task)
                request = await trio.lowlevel.wait_task_rescheduled(abort)
            try:
                await actor.serve(request)
            except Refusal as refusal:
                request.refuse(refusal)
            except Exception as error:
                self._blame(error, actor, request)
                raise
            assert request.answered, f"{actor.name} never answered {type(request.body).__name__}"

    # Life and death.

    def boot(self, cell: Cell) -> None:
        """Begin the next incarnation of a cell; its clock and disk stay."""
        assert cell.cls is not None
        assert not cell.up, f"{cell.name} is up"
        if cell.tasks:
            raise AssertionError(f"{cell.name}: {cell.tasks} tasks outlived their incarnation")
        cell.incarnation += 1
        cell.streams = {}
        actor = cell.cls(cell.config)
        actor.name, actor.incarnation = cell.name, cell.incarnation
        actor.kernel, actor.cell, actor.disk = self, cell, ActorDisk(actor, cell.disk)
        cell.actor, cell.up = actor, True
        self.trace.add(self.clock.now_ns, "start", cell.name, b"%d" % cell.incarnation)
        for _ in range(actor.workers):
            self.spawn(actor, self.worker, (actor,))
        self.gated(actor, actor.start, ())

    def crash(self, cell: Cell) -> None:
        """Cut the power of one actor: fence it, drop its queues, cut its disk."""
        if not cell.up:
            return
        assert cell.actor is not None
        self.trace.add(self.clock.now_ns, "crash", cell.name, b"%d" % cell.incarnation)
        cell.actor.fenced, cell.up, cell.paused = True, False, False
        cell.crashes += 1
        cell.held.clear()
        cell.inbox.clear()
        cell.idle.clear()
        cell.pending.clear()
        cell.sweep_ns = None
        scopes, cell.scopes = cell.scopes, []
        for scope in scopes:
            scope.cancel()
        cell.disk.power_cut()

    def pause(self, cell: Cell) -> None:
        """Hold everything that would wake an actor, as SIGSTOP does.

        A step of an actor takes no virtual time, so holding its wake-ups is to stop it.
        """
        assert cell.up, f"{cell.name} is down"
        self.trace.add(self.clock.now_ns, "pause", cell.name, b"")
        cell.paused = True

    def resume(self, cell: Cell) -> None:
        """Let what was held happen now, in order."""
        if not cell.paused:
            return
        self.trace.add(self.clock.now_ns, "resume", cell.name, b"")
        cell.paused = False
        held, cell.held = cell.held, []
        for fn, args in held:
            # Each is an event of its own: one event wakes at most one task.
            self.clock.at(self.clock.now_ns, _perform, (fn, args))

    # What actors leave behind.

    def note(self, kind: str, subject: str, fields: Mapping[str, object]) -> None:
        """Put one event into the trace."""
        body = " ".join(f"{name}={value}" for name, value in fields.items())
        self.trace.add(self.clock.now_ns, kind, subject, body.encode())

    def announce(self, kind: str, secret: bytes) -> None:
        """Register secret bytes for the checkers."""
        self.secrets.add(kind, secret)

    def wait_graph(self) -> str:
        """Say who waits for whom since when, what queues, what is down, paused or cut off."""
        lines = [f"wait graph at {self.clock.now_ns} ns:"]
        for cell in self.cells.values():
            state = "paused" if cell.paused else "up" if cell.up or cell.cls is None else "down"
            if state != "up" or cell.inbox or cell.pending:
                lines.append(f"  {cell.name}: {state}, {len(cell.inbox)} waiting in its inbox")
            lines.extend(
                f"    asks {waiting.to} ({waiting.what}) since {waiting.since_ns} ns"
                for waiting in cell.pending.values()
            )
        lines.extend(f"  network rule: {rule}" for rule in self.network.rules)
        return "\n".join(lines)

    def _blame(self, error: Exception, actor: Actor, request: Request | None) -> None:
        what = "" if request is None else f" while it served {type(request.body).__name__}"
        error.add_note(f"in {actor.name} at {self.clock.now_ns} ns{what}")


def _perform(held: tuple[Callable[..., None], tuple[Any, ...]]) -> None:
    fn, args = held
    fn(*args)


def expiry_text(asker: str, waiting: Waiting) -> str:
    """Say which ask got no answer."""
    return (
        f"{asker} asked {waiting.to} ({waiting.what}) at {waiting.since_ns} ns "
        f"and had no answer by {waiting.deadline_ns} ns"
    )


__all__ = ["ASK_TIMEOUT_NS", "Kernel", "expiry_text"]
