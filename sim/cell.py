"""What the kernel knows of one name: the present incarnation, its queues and what it waits for.

What does not belong here: behaviour (kernel.py); an actor never sees more of its cell than the
effects of actor.py show.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.clock import Timer
from sim.network import Link
from sim.rng import Stream

if TYPE_CHECKING:
    import trio

    from sim.actor import Actor, Request
    from sim.disk import FaultyDisk
    from sim.wire import Codec


def zone_of(name: str) -> str:
    """Return the place an actor stands in: its name without the last part."""
    return name.rpartition("/")[0]


class Route:
    """The way from one actor to another, and when its last message arrives."""

    __slots__ = ("last_ns", "link", "source", "subject", "target")

    def __init__(self, source: str, target: Cell, link: Link) -> None:
        self.source = source
        self.target = target
        self.link = link
        self.subject = f"{source}>{target.name}"
        self.last_ns = 0  #: messages between two actors keep their order


class Waiting:
    """One ask that has no answer yet."""

    __slots__ = ("body_type", "deadline_ns", "since_ns", "task", "then", "to")

    def __init__(
        self,
        task: trio.lowlevel.Task | None,
        then: Callable[[Any], None] | None,
        to: str,
        body_type: type[Any],
        since_ns: int,
        deadline_ns: int,
    ) -> None:
        self.task = task
        self.then = then
        self.to = to
        self.body_type = body_type
        self.since_ns = since_ns
        self.deadline_ns = deadline_ns

    @property
    def what(self) -> str:
        """The name of the message that was asked."""
        return self.body_type.__name__


class Cell:
    """One name in the world."""

    def __init__(self, name: str, cls: type[Actor] | None, config: Any, disk: FaultyDisk) -> None:
        self.name = name
        self.zone = zone_of(name)
        self.cls = cls
        self.config = config
        self.disk = disk
        self.actor: Actor | None = None
        self.incarnation = 0
        self.first_incarnation = 1  #: the number of its first start in this process
        self.newborn = True  #: no earlier process of this world has started it
        self.up = False
        self.booting: Timer | None = None  #: the coming start of an actor that got power again
        #: Who keeps it dark, by identity: it gets power when the last of them lets go.
        self.dark_by: list[object] = []
        self.lit_before = False  #: whether it had power when the first of them came
        self.aborts = 0  #: deaths by its own hand since it last ran for long
        self.supervised: Timer | None = None  #: the supervisor's restart after such a death
        self.ails: dict[str, Any] = {}  #: conditions that faults put on it, read by the actor
        self.dialect: Codec | None = None  #: of older software; None: it speaks the newest
        self.was_older = False  #: it has had a dialect: what it hands on is read anew
        self.stopped_by: list[object] = []  #: who holds it stopped, by identity
        self.stopped = False  #: SIGSTOP, until SIGCONT
        #: Whether what arrives is held: while stopped, and until all that was held has happened.
        self.paused = False
        #: What arrived for a paused actor: (function, arguments), in order.
        self.held: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self.inbox: deque[Request] = deque()
        self.idle: deque[trio.lowlevel.Task] = deque()
        self.hired = 0  #: workers that this incarnation has
        #: The scopes of this incarnation's tasks, in the order in which they began.
        self.scopes: dict[trio.CancelScope, None] = {}
        self.tasks = 0  #: tasks of any incarnation that have not ended
        self.pending: dict[int, Waiting] = {}
        self.asked: dict[str, None] = {}  #: every name that was ever asked, for graph.py
        self.sweep_ns: int | None = None  #: when the earliest deadline is looked at
        self.routes: dict[str, Route] = {}
        self.streams: dict[tuple[str, ...], Stream] = {}
        self.booted_ns = 0  #: world time at which the present incarnation began
        self.offset_ns = 0  #: calendar of this node against the world's
        self.drift_ppm = 0  #: how much faster this node's clocks run
        self.drift_from_ns = 0  #: world time since when
        self.gained_ns = 0  #: what earlier drifts have added to this node's clocks
        self.delivered = self.late = self.repeated = self.refused = 0
        self.crashes = self.busy_ns = self.queue_max = 0

    @property
    def powered(self) -> bool:
        """Whether it has power: it runs, or is about to start at this instant."""
        return self.up or self.booting is not None

    def statistics(self) -> dict[str, int]:
        """Return counts since the world began, and the present queues."""
        return {
            "incarnation": self.incarnation,
            "delivered": self.delivered,
            "late_replies": self.late,
            "repeated": self.repeated,
            "refused": self.refused,
            "crashes": self.crashes,
            "busy_ns": self.busy_ns,
            "queue": len(self.inbox),
            "queue_max": self.queue_max,
            "asking": len(self.pending),
        }
