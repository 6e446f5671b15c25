"""Keeps messages of a run: who sent which frame to whom, when, and what became of it.

A log sees every frame as it is sent and every event of the trace; it keeps those that its owner
wants. An answer is joined with its question as the asker's list of open questions shows it.
What does not belong here: what is wanted and why (perfetto.py, chain.py).
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from scenarios.arena import Arena
from sim.cell import Cell
from sim.trace import Event

DELIVERED: Final = "delivered"
DROPPED: Final = "lost on the way"
CORRUPTED: Final = "corrupted on the way"
#: Sent, and nobody was there to take it, or the run ended.
UNHEARD: Final = "never taken"

#: Messages of one route that may be under way at once; older ones are taken as lost; chosen.
_UNDER_WAY_MAX: Final = 64


class Sent:
    """One message and its fate."""

    __slots__ = ("arrived_ns", "fate", "frame", "kept", "number", "sent_ns", "source", "target")

    def __init__(self, number: int, sent_ns: int, source: str, target: str, frame: bytes) -> None:
        self.number = number  #: in the order of sending
        self.sent_ns = sent_ns  #: world time
        self.source = source
        self.target = target
        self.frame = frame
        self.arrived_ns: int | None = None
        self.fate = UNHEARD
        self.kept = False


class Asked:
    """One question and when its asker stopped waiting."""

    __slots__ = ("asker", "begin_ns", "deadline_ns", "end_ns", "expired", "message")

    def __init__(self, asker: str, begin_ns: int, deadline_ns: int, message: Sent) -> None:
        self.asker = asker
        self.begin_ns = begin_ns
        self.deadline_ns = deadline_ns
        self.message = message  #: that carried the question
        self.end_ns: int | None = None
        self.expired = False


class FrameLog:
    """Sees every message and keeps the wanted ones.

    Args:
      wants: decides at the moment of sending whether a message is kept.
    """

    def __init__(self, wants: Callable[[Sent], bool]) -> None:
        self._wants = wants
        self.kept: list[Sent] = []
        self.count = 0
        self._under_way: dict[str, deque[Sent]] = {}
        self.asked: list[Asked] = []
        self._open: dict[str, dict[int, Asked]] = {}  #: asker -> its open questions by number
        self._newest: dict[str, int] = {}  #: asker -> its newest question
        self._touched = ""  #: whose questions may have been answered by the last event

    def attach(self, arena: Arena) -> None:
        """Tap every frame and watch what becomes of it."""
        self._world = arena.world
        self._cells: dict[str, Cell] = arena.world.kernel.cells
        arena.world.tap_frames(self._send)
        for kind, watcher in (
            ("deliver", self._arrive),
            ("drop", self._drop),
            ("corrupt", self._corrupt),
            ("crash", self._crash),
        ):
            arena.world.trace.watch(kind, watcher)

    def keep(self, message: Sent) -> None:
        """Keep a message that was not wanted when it was sent; harmless if it was."""
        if not message.kept:
            message.kept = True
            self.kept.append(message)

    def _send(self, source: str, target: str, frame: bytes) -> None:
        self._settle()
        message = Sent(self.count, self._world.now_ns, source, target, frame)
        self.count += 1
        subject = f"{source}>{target}"
        waiting = self._under_way.get(subject)
        if waiting is None:
            waiting = self._under_way[subject] = deque(maxlen=_UNDER_WAY_MAX)
        waiting.append(message)
        if self._wants(message):
            self.keep(message)
        self._ask(message)

    def _ask(self, message: Sent) -> None:
        """Remember a question: its asker has entered it into its list just now."""
        cell = self._cells.get(message.source)
        number = next(reversed(cell.pending), 0) if cell is not None else 0
        if cell is None or number <= self._newest.get(message.source, 0):
            return
        self._newest[message.source] = number
        if message.kept:
            deadline_ns = cell.pending[number].deadline_ns
            asked = Asked(message.source, message.sent_ns, deadline_ns, message)
            self._open.setdefault(message.source, {})[number] = asked
            self.asked.append(asked)

    def _settle(self) -> None:
        """End the questions that the last event has answered, or whose time is over."""
        name, self._touched = self._touched, ""
        questions = self._open.get(name)
        if not questions:
            return
        pending = self._cells[name].pending
        for number in [n for n in questions if n not in pending]:
            asked = questions.pop(number)
            asked.expired = asked.deadline_ns < self._settled_ns
            asked.end_ns = min(self._settled_ns, asked.deadline_ns)

    def _touch(self, name: str, time_ns: int) -> None:
        self._settle()
        self._touched, self._settled_ns = name, time_ns

    def _arrive(self, event: Event) -> None:
        source, _, target = event.subject.partition(">")
        self._touch(target, event.time_ns)
        # The newest of equal frames: an older one was lost, as heartbeats to the dead are.
        for message in reversed(self._under_way.get(f"{source}>{target}", ())):
            if message.frame == event.body and message.arrived_ns is None:
                message.arrived_ns, message.fate = event.time_ns, DELIVERED
                return

    def _drop(self, event: Event) -> None:
        waiting = self._under_way.get(event.subject)
        if waiting:
            waiting[-1].fate = DROPPED

    def _corrupt(self, event: Event) -> None:
        for message in self._under_way.get(event.subject, ()):
            if message.fate == UNHEARD:
                message.fate = CORRUPTED
                return

    def _crash(self, event: Event) -> None:
        self._touch(event.subject, event.time_ns)
