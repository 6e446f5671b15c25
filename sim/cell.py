"""What the kernel knows of one name: the present incarnation, its queues and what it waits for.

What does not belong here: behaviour (kernel.py); an actor never sees more of its cell than the
effects of actor.py show.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.network import Link
from sim.rng import Stream

if TYPE_CHECKING:
    import trio

    from sim.actor import Actor, Request
    from sim.disk import SimDisk


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

    __slots__ = ("deadline_ns", "since_ns", "task", "then", "to", "what")

    def __init__(
        self,
        task: trio.lowlevel.Task | None,
        then: Callable[[Any], None] | None,
        to: str,
        what: str,
        since_ns: int,
        deadline_ns: int,
    ) -> None:
        self.task = task
        self.then = then
        self.to = to
        self.what = what
        self.since_ns = since_ns
        self.deadline_ns = deadline_ns


class Cell:
    """One name in the world."""

    def __init__(self, name: str, cls: type[Actor] | None, config: Any, disk: SimDisk) -> None:
        self.name = name
        self.zone = zone_of(name)
        self.cls = cls
        self.config = config
        self.disk = disk
        self.actor: Actor | None = None
        self.incarnation = 0
        self.up = False
        self.paused = False
        #: What arrived for a paused actor: (function, arguments), in order.
        self.held: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self.inbox: deque[Request] = deque()
        self.idle: deque[trio.lowlevel.Task] = deque()
        self.scopes: list[trio.CancelScope] = []
        self.tasks = 0  #: tasks of any incarnation that have not ended
        self.pending: dict[int, Waiting] = {}
        self.sweep_ns: int | None = None  #: when the earliest deadline is looked at
        self.routes: dict[str, Route] = {}
        self.streams: dict[tuple[str, ...], Stream] = {}
        self.offset_ns = 0  #: calendar of this node against the world's
        self.drift_ppm = 0  #: how much faster this node's clocks run
        self.drift_from_ns = 0  #: world time since when
        self.delivered = self.late = self.refused = self.crashes = self.busy_ns = 0
        self.queue_max = 0

    def statistics(self) -> dict[str, int]:
        """Return counts since the world began, and the present queues."""
        return {
            "incarnation": self.incarnation,
            "delivered": self.delivered,
            "late_replies": self.late,
            "refused": self.refused,
            "crashes": self.crashes,
            "busy_ns": self.busy_ns,
            "queue": len(self.inbox),
            "queue_max": self.queue_max,
            "asking": len(self.pending),
        }
