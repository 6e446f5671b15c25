"""The history of a run: append-only, hashed as it grows, kept as long as asked.

Two runs are the same run if and only if their hashes are equal; when they are not, the first
event that differs is found in the kept events. What does not belong here: what an event means,
or judging it (check/).
Source: the hash is BLAKE2b (RFC 7693) with a 16-byte digest over every event in order.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from sim.veil import Veil

DIGEST_BYTES: Final = 16


class Event(NamedTuple):
    """One thing that happened: when, what kind, to whom, and its bytes."""

    time_ns: int
    kind: str  #: deliver, drop, start, crash, pause, resume, fault, note, ...
    subject: str  #: ``source>target`` of a message, or the name of an actor
    body: bytes  #: a frame, or ``key=value`` pairs

    def __str__(self) -> str:
        return f"{self.time_ns:>20} {self.kind:<8} {self.subject} {self.body[:120]!r}"


class Trace:
    """A rolling hash over all events, and the last of the events themselves.

    Args:
      keep: ``all``, ``none``, or how many of the last events are kept.
      hashes: False: for a world that nobody will ever compare with another run of it.
    """

    def __init__(self, keep: int | Literal["all", "none"] = 1_000, *, hashes: bool = True) -> None:
        self._hash = hashlib.blake2b(digest_size=DIGEST_BYTES)
        self._update = self._hash.update
        limit = {"all": None, "none": 0}[keep] if isinstance(keep, str) else keep
        self._events: deque[tuple[int, str, str, bytes]] = deque(maxlen=limit)
        self._keeps, self._hashes = limit != 0, hashes
        self.count = 0
        #: Called with every event as it happens; checkers and reports subscribe here.
        self.observers: list[Callable[[Event], None]] = []
        self._watchers: dict[str, list[Callable[[Event], None]]] = {}
        self._veil: Veil | None = None  # most worlds never need one

    def veil(self, value: bytes) -> None:
        """Show and hash zeros for these random bytes (16 or more) from now on."""
        if self._hashes:
            self._veil = self._veil or Veil()
            self._veil.add(value)

    def add(self, time_ns: int, kind: str, subject: str, body: bytes) -> None:
        """Append one event."""
        self.count += 1
        if self._veil is not None:
            body = self._veil.covered(body)
        # Lengths stand before the parts, so that no two histories share their bytes.
        if self._hashes:
            self._update(f"{time_ns} {kind} {subject} {len(body)}\n".encode())
            self._update(body)
        if self._keeps:
            # An Event costs nearly as much as the hash: it is made when somebody looks.
            self._events.append((time_ns, kind, subject, body))
        if self.observers:
            event = Event(time_ns, kind, subject, body)
            for observer in self.observers:
                observer(event)
        if kind in self._watchers:
            event = Event(time_ns, kind, subject, body)
            for watcher in self._watchers[kind]:
                watcher(event)

    def watch(self, kind: str, watcher: Callable[[Event], None]) -> None:
        """Call ``watcher`` with every event of one kind; cheaper than observing all."""
        self._watchers.setdefault(kind, []).append(watcher)

    @property
    def hash(self) -> str:
        """The hash of everything so far, 32 hex digits."""
        return self._hash.hexdigest()

    def events(self) -> Iterator[Event]:
        """Yield the kept events, oldest first."""
        return map(Event._make, self._events)


def first_difference(one: Trace, other: Trace) -> tuple[int, Event | None, Event | None] | None:
    """Return where two traces kept in full part ways: index and both events, or None."""
    mine, theirs = list(one.events()), list(other.events())
    for index in range(max(len(mine), len(theirs))):
        left = mine[index] if index < len(mine) else None
        right = theirs[index] if index < len(theirs) else None
        if left != right:
            return index, left, right
    return None
