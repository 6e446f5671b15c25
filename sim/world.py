"""A world on virtual time, driven from ordinary code.

A test, a notebook or a Hypothesis rule makes a world, starts actors in it, asks them, lets time
pass and takes power away. Many worlds live in one thread, also inside an async test.
What does not belong here: how messages and tasks move (kernel.py).
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Literal, Self

from sim import power
from sim.actor import ASK_TIMEOUT_NS, Actor, Expired
from sim.cell import Cell
from sim.clock import FOREVER_NS, SimClock, Timer
from sim.disk import FaultyDisk, SimDisk
from sim.engine import Engine
from sim.kernel import FrameTap, Kernel
from sim.network import LatencyModel, Network, Rule, uniform, within
from sim.rng import Stream, stream
from sim.schedule import Schedule
from sim.trace import Trace
from sim.waits import wait_graph
from sim.wire import Codec, Message

#: 2026-01-01T00:00:00Z; chosen, so that calendars look like today.
EPOCH_NS: Final = 1_767_225_600 * 10**9
#: The host's own address; it stands in no zone.
HOST: Final = "host"

BlockTap = Any


class World:
    """Actors and what happens to them, on whatever clock.

    Args:
      kernel: moves the mail; its clock, engine, network and trace are the world's.
      frames: False makes frames only while something looks at their bytes: a tap, a rule of the
        network, an actor of an older wire version. They are a fifth of a call.
    """

    def __init__(self, kernel: Kernel, *, frames: bool = True) -> None:
        self.kernel = kernel
        self._frames = frames
        kernel.by_reference = not frames
        self.seed = kernel.seed
        self.trace, self.network = kernel.trace, kernel.network
        self._clock, self._engine = kernel.clock, kernel.engine
        self._block_taps: list[BlockTap] = []
        self.incarnations = 0  #: an actor's first start gets the next number
        self.known: frozenset[str] = frozenset()  #: started by earlier processes of this world
        #: (place, role) -> the actor that plays it now; kept by whoever watches the notes.
        self.roles: dict[tuple[str, str], str] = {}
        #: What whoever built this world can do to it later, by name; faults call it.
        self.orders: dict[str, Callable[..., None]] = {}
        self._host = Cell(HOST, None, None, self._new_disk(HOST))
        self._host.up, self._host.zone = True, ""
        self.kernel.cells[HOST] = self._host

    @property
    def now_ns(self) -> int:
        """World time in nanoseconds since the world began."""
        return self._clock.now_ns

    @property
    def calendar_ns(self) -> int:
        """True calendar time: nanoseconds since 1970."""
        return self.kernel.epoch_ns + self._clock.now_ns

    def at(self, time_ns: int, fn: Any, *args: Any) -> Timer:
        """Call ``fn(*args)`` at that world time, as an event of its own."""
        return self._clock.timer(time_ns, fn, *args)

    def call(
        self,
        to: str,
        message: Message,
        then: Any,
        *,
        timeout_ns: int = ASK_TIMEOUT_NS,
        sender: str = HOST,
    ) -> None:
        """Ask from outside without running the world: ``then(answer)`` comes as time passes.

        Args:
          sender: who asks: the host, or a visitor.
        """
        cell = self.kernel.cells[sender]
        with self._engine.entered():
            self.kernel.begin_ask(cell, to, message, None, then, timeout_ns, None)

    def tell(self, to: str, message: Message) -> None:
        """Send one way from outside without running the world; the message may be lost."""
        with self._engine.entered():
            self.kernel.post(self.kernel.cells[HOST], to, message, None)

    def _new_disk(self, name: str) -> Any:
        raise NotImplementedError

    def visitor(self, name: str) -> str:
        """Give whoever asks from outside an address in a place, such as ``us-east-1/app``.

        Links and their faults lie between him and whom he asks; he has no power that could be cut.
        """
        if name in self.kernel.cells:
            raise ValueError(f"the name {name!r} is taken")
        cell = Cell(name, None, None, self._new_disk(name))
        cell.up = True
        self.kernel.cells[name] = cell
        return name

    # Actors.

    def start(self, cls: type[Actor], config: Any, *, name: str) -> str:
        """Create an actor and begin its first incarnation; return its name."""
        if name in self.kernel.cells:
            raise ValueError(f"the name {name!r} is taken")
        cell = Cell(name, cls, config, self._new_disk(name))
        self.kernel.cells[name] = cell
        cell.incarnation = self.incarnations
        cell.first_incarnation = self.incarnations + 1
        cell.newborn = name not in self.known
        with self._engine.entered():
            power.boot(self.kernel, cell)
        return name

    def reconfigure(self, name: str, config: Any) -> None:
        """Give one actor another configuration, which its next incarnation reads."""
        self._cell(name).config = config

    def crash(self, name: str) -> None:
        """Cut the power of one actor and its disk."""
        with self._engine.entered():
            power.crash(self.kernel, self._cell(name))

    def restart(self, name: str) -> None:
        """Give one actor power again: a new incarnation from class, config and disk."""
        cell = self._cell(name)
        if cell.powered:
            raise ValueError(f"{name} is up")
        if cell.dark_by:
            raise ValueError(f"{name} is held without power by {len(cell.dark_by)} faults")
        power.restart(self.kernel, cell)

    def hold_down(self, name: str, by: object) -> None:
        """Cut the power of one actor until ``by``, known by identity, lets go of it."""
        with self._engine.entered():
            power.hold_down(self.kernel, self._cell(name), by)

    def let_up(self, name: str, by: object) -> None:
        """Let go of an actor; it boots when nobody else holds it and it had power before."""
        power.let_up(self.kernel, self._cell(name), by)

    def abort(self, name: str, reason: str) -> None:
        """Let a process die by its own hand; a supervisor restarts it after some seconds."""
        with self._engine.entered():
            power.abort(self.kernel, self._cell(name), reason)

    def stop(self, name: str, by: object) -> None:
        """Stop one actor as SIGSTOP would until ``by``, known by identity, lets it go on."""
        cell = self._cell(name)
        if not cell.powered:
            raise ValueError(f"{name} is down")
        cell.stopped_by.append(by)
        if not cell.stopped:
            power.pause(self.kernel, cell)

    def go_on(self, name: str, by: object) -> None:
        """Forget one who stopped an actor; with the last one it goes on. A crash forgets all."""
        cell = self._cell(name)
        holders = [holder for holder in cell.stopped_by if holder is not by]
        if len(holders) < len(cell.stopped_by):
            cell.stopped_by = holders
            if not holders:
                power.resume(self.kernel, cell)

    def ail(self, name: str, ailment: str, value: Any = True) -> None:
        """Put a condition on an actor that outlives its incarnations, and tell it.

        Args:
          ailment: its name, such as ``slow``; what it means is the actor's own affair.
          value: anything but None.
        """
        assert value is not None, "None takes an ailment away"
        self._cell(name).ails[ailment] = value
        self._tell(name, ailment, value)

    def cure(self, name: str, ailment: str) -> None:
        """Take a condition away and tell the actor; harmless when there is none."""
        if self._cell(name).ails.pop(ailment, None) is not None:
            self._tell(name, ailment, None)

    def speak(self, name: str, version: int | None) -> None:
        """Let an actor write and read frames as software of that wire version; None: the newest.

        What is under way arrives as it was written.
        """
        codec = self.kernel.codec
        assert codec is not None, "a world without frames has no wire version"
        cell = self._cell(name)
        cell.dialect = None if version is None else codec.at(version)
        cell.was_older = True
        self._look_at_frames()
        self.kernel.note("wire", name, {"version": codec.version if version is None else version})

    def _tell(self, name: str, ailment: str, value: Any) -> None:
        cell = self._cell(name)
        self.kernel.note("ail", name, {ailment: "cured" if value is None else value})
        if cell.up and cell.actor is not None:
            with self._engine.entered():
                self.kernel.gated(cell.actor, cell.actor.on_ail, (ailment, value))

    def pause(self, name: str) -> None:
        """Stop one actor as SIGSTOP would."""
        cell = self._cell(name)
        if not cell.powered:
            raise ValueError(f"{name} is down")
        power.pause(self.kernel, cell)

    def resume(self, name: str) -> None:
        """Let a paused actor go on."""
        power.resume(self.kernel, self._cell(name))

    def power_off(self, place: str) -> tuple[str, ...]:
        """Cut the power of everything in a place; return the names that were up."""
        names = tuple(n for n in self.names(place) if self.kernel.cells[n].powered)
        for name in names:
            self.crash(name)
        return names

    def power_on(self, place: str) -> tuple[str, ...]:
        """Restart everything in a place that is down; return the names."""
        names = tuple(n for n in self.names(place) if not self.kernel.cells[n].powered)
        for name in names:
            self.restart(name)
        return names

    def names(self, place: str = "") -> tuple[str, ...]:
        """Return the names of all actors in a place, in order of their first start."""
        actors = (c.name for c in self.kernel.cells.values() if c.cls is not None)
        return tuple(name for name in actors if not place or within(place, name))

    def resolve(self, place: str) -> str:
        """Return the place that a role stands for now: ``us-east-1/@leader`` is one actor.

        Raises:
          ValueError: nobody plays that role there.
        """
        where, at, role = place.partition("/@")
        if not at:
            return place
        found = self.roles.get((where, role))
        if found is None:
            raise ValueError(f"nobody is {role!r} at {where!r} now")
        return found

    def is_up(self, name: str) -> bool:
        """Say whether an actor has power."""
        return self._cell(name).powered

    def disk(self, name: str) -> FaultyDisk:
        """Return an actor's disk, for faults and checkers."""
        return self._cell(name).disk

    def set_clock(self, name: str, *, offset_ns: int = 0, drift_ppm: int = 0) -> None:
        """Set how a node's calendar and the speed of its clocks differ from the world's."""
        cell = self._cell(name)
        # What the clock has gained so far stays: it is monotonic, only its speed changes.
        cell.gained_ns = self.kernel.node_ns(cell) - self._clock.now_ns
        cell.offset_ns = offset_ns
        cell.drift_ppm, cell.drift_from_ns = drift_ppm, self._clock.now_ns

    def shift_clock(self, name: str, by_ns: int) -> None:
        """Step a node's calendar by that much; its monotonic clock does not notice."""
        self._cell(name).offset_ns += by_ns
        self.kernel.note("clock", name, {"shift_ns": by_ns})

    def drift_clock(self, name: str, by_ppm: int) -> None:
        """Make all clocks of a node run faster, or slower, by so many parts of a million."""
        cell = self._cell(name)
        cell.gained_ns = self.kernel.node_ns(cell) - self._clock.now_ns
        cell.drift_from_ns = self._clock.now_ns
        cell.drift_ppm += by_ppm
        self.kernel.note("clock", name, {"drift_ppm": cell.drift_ppm})

    def sync_clock(self, name: str) -> None:
        """Set a node's calendar to the true time, as a time service does with a step."""
        cell = self._cell(name)
        cell.offset_ns = self._clock.now_ns - self.kernel.node_ns(cell)
        self.kernel.note("clock", name, {"synced": True})

    def add_rule(self, rule: Rule) -> None:
        """Put a rule into the network.

        Raises:
          ValueError: its repr holds an address, which would make the trace differ in every run.
        """
        if " at 0x" in repr(rule):
            raise ValueError(f"the rule {type(rule).__name__} needs a __repr__ of its own")
        self.network.add(rule)
        self._look_at_frames()
        self.kernel.note("rule", "network", {"add": rule})

    def remove_rule(self, rule: Rule) -> None:
        """Take a rule out of the network."""
        self.network.remove(rule)
        self._look_at_frames()
        self.kernel.note("rule", "network", {"remove": rule})

    def _look_at_frames(self) -> None:
        """Make frames if something looks at them: their size, their bytes, their version."""
        kernel = self.kernel
        kernel.by_reference = not (
            self._frames
            or kernel.frame_taps
            or self.network.rules
            or any(cell.dialect for cell in kernel.cells.values())
        )

    # What checkers see.

    def rng(self, *names: str) -> Stream:
        """Return the world's stream of that name."""
        return self.kernel.rng(*names)

    def note(self, kind: str, subject: str, **fields: object) -> None:
        """Put one event into the trace from outside."""
        self.kernel.note(kind, subject, fields)

    def tap_frames(self, tap: FrameTap) -> None:
        """Show every frame that is sent to ``tap(source, target, frame)``."""
        self.kernel.frame_taps.append(tap)
        self._look_at_frames()

    def tap_blocks(self, tap: Any) -> None:
        """Show every disk write to ``tap(disk, file, offset, data)``."""
        self._block_taps.append(tap)

    def statistics(self) -> dict[str, Any]:
        """Return counts of the world, its actors, links and disks."""
        cells = [cell for cell in self.kernel.cells.values() if cell.cls is not None]
        return {
            "now_ns": self._clock.now_ns,
            "events": self._clock.events,
            "heap": self._clock.pending,
            "trace_events": self.trace.count,
            "lost_to_the_dead": self.kernel.lost,
            "secrets": self.kernel.secrets.count,
            "actors": {cell.name: cell.statistics() for cell in cells},
            "links": self.network.statistics(),
            "disks": {cell.name: cell.disk.statistics() for cell in cells},
        }

    def _cell(self, name: str) -> Cell:
        found = self.kernel.cells.get(name)
        if found is None:
            raise ValueError(f"nobody is called {name!r}; there are: {', '.join(self.names())}")
        return found

    def _tap_block(self, disk: str, file: str, offset: int, data: bytes) -> None:
        for tap in self._block_taps:
            tap(disk, file, offset, data)


class SimWorld(World):
    """Actors, virtual time, chance and failure.

    Args:
      seed: equal seeds and equal calls give byte-identical traces.
      codec: the message table; None carries messages by reference (a benchmark's mode).
      latency: one-way latency between zones; by default 100 us and 20 us inside one zone.
      keep: how much of the trace is kept: ``all``, ``none`` or the last n events.
      epoch_ns: calendar nanoseconds since 1970 at world time zero.
      schedule: decides races in another order than the plain one.
      frames: False makes frames only while something looks at their bytes; the trace then has
        everything but the messages that arrived without one.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        codec: Codec | None = None,
        latency: LatencyModel | None = None,
        keep: int | Literal["all", "none"] = 1_000,
        epoch_ns: int = EPOCH_NS,
        schedule: Schedule | None = None,
        frames: bool = True,
    ) -> None:
        clock = self._clock = SimClock()
        engine = Engine(clock, stream(seed, "trio") if schedule is None else schedule)
        kernel = Kernel(
            seed=seed,
            codec=codec,
            clock=clock,
            engine=engine,
            network=Network(latency or uniform(), lambda *names: stream(seed, *names)),
            trace=Trace(keep),
            epoch_ns=epoch_ns,
            schedule=schedule,
        )
        self._stepped = engine
        super().__init__(kernel, frames=frames)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every actor; the trace stays readable."""
        for cell in self.kernel.cells.values():
            if cell.actor is not None:
                cell.actor.fenced = True
        self._stepped.close()

    # Time.

    def run_for(self, duration_ns: int) -> None:
        """Let that much time pass, or less if a call back says ``halt``.

        Raises:
          Exception: the first one that left an actor or an event, with a note of where and when.
        """
        self._run(self._clock.now_ns + duration_ns)

    def halt(self) -> None:
        """Give control back after the present event: ``run_for`` returns early; for call backs."""
        self._clock.halted = True

    def run_until_idle(self, limit_ns: int = FOREVER_NS) -> bool:
        """Run until nothing is left to happen before ``limit_ns``; say whether that was so."""
        if limit_ns == FOREVER_NS:
            self._run(FOREVER_NS)
            return True
        self._run(self._clock.now_ns)
        while (due := self._clock.next_ns()) is not None and due <= limit_ns:
            self._run(due)
        return due is None

    def ask(
        self, to: str, message: Message, *, timeout_ns: int = ASK_TIMEOUT_NS, sender: str = HOST
    ) -> Any:
        """Ask an actor from outside and run the world until it answers.

        Args:
          sender: who asks: the host, or a visitor.
        Raises:
          Refusal: it refused.
          Expired: no answer in time, or nothing can happen any more; the text ends with the
            wait graph.
        """
        answers: list[Any] = []

        def then(answer: Any) -> None:
            answers.append(answer)
            self._clock.halted = True

        cell = self._host if sender == HOST else self.kernel.cells[sender]
        with self._engine.entered():
            number = self.kernel.begin_ask(cell, to, message, None, then, timeout_ns, None)
            try:
                self._run(self._clock.now_ns + timeout_ns, answers)
            finally:
                # After an error the answer would still come, and stop some later run half-way.
                cell.pending.pop(number, None)
        assert answers, "the deadline of an ask is an event"
        answer = answers[0]
        if isinstance(answer, Expired):
            graph = wait_graph(self._clock.now_ns, self.kernel.cells.values(), self.network.rules)
            raise Expired(f"{answer}\n{graph}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _run(self, horizon_ns: int, until: list[Any] | None = None) -> None:
        clock = self._clock
        if not clock.halted:
            raise RuntimeError("the world is running: an event or an actor cannot step it")
        clock.horizon_ns = horizon_ns
        while True:
            self._stepped.step_until_halted()
            if clock.failure is not None:
                error, clock.failure = clock.failure, None
                raise error
            if until or clock.now_ns >= horizon_ns or until is None:
                return

    def _new_disk(self, name: str) -> SimDisk:
        return SimDisk(name, self._clock, stream(self.seed, "disk", name), self._tap_block)
