"""Finds in a run what led to a counterexample: a backward slice, cut down to what matters.

A message matters if it carries an id that the counterexample names, if one that matters was sent
because of it, or if it touches a named actor right after that one started, went on, or saw its
leader change. What an actor sends, it sends because of what was delivered to it before: at the
same instant, or else the last delivery that shares an id, or else the last one a moment ago.
Faults, crashes and lost messages of the actors on the way belong to the chain.
What does not belong here: wording and pages (wording.py, explain.py).
Source: Lamport, "Time, Clocks, and the Ordering of Events" (1978): happened-before, cut by hand;
the slice may miss a cause that shares no id, or take a neighbour for one.
"""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from scenarios.arena import Arena
from scenarios.frames import DELIVERED, FrameLog, Sent
from scenarios.recording import Recording, Seen, places_of
from scenarios.wording import UUID, ids_in
from sim.check.history import Call
from sim.trace import Event
from sim.units import ms
from sim.world import HOST

#: How many of the last messages are remembered for causes; chosen: seconds of a busy region.
REMEMBERED: Final = 4_000
#: How many messages of a named actor are kept after it changed; chosen.
AFTER_CHANGE: Final = 12
#: How far a chain of causes is followed back; chosen: three times the hops of one call.
DEPTH: Final = 30
#: A delivery so long before may be the cause of a message: a host works that long on a call.
MOMENT_NS: Final = ms(2)
_NEVER_NS: Final = 2**63
#: Events of the trace after which an actor's next messages matter.
_CHANGES: Final = ("start", "resume", "leader")
_ACTOR: Final = re.compile(r"[\w-]+(?:/[\w-]+)+")
_UUID: Final = re.compile(UUID.encode())
#: Promises whose counterexamples are calls: what befell their records may have come later.
_OF_RECORDS: Final = frozenset({"audit-complete"})
#: What is said all the time and tells nothing, and what checkers ask when all is over.
_CHATTER: Final = frozenset(
    {
        "Probe",
        "ProbeAnswer",
        "Release",
        "GetObject",
        "ListObjects",
        "ObjectBody",
        "ObjectList",
        "ReadHistory",
        "HistoryPage",
    }
)
_CLIENTS: Final = "/clients/"
#: Kinds of events that are no part of a story.
_UNTOLD: Final = frozenset({"rule", "role", "job"})

Happening = Sent | Seen


class Counterexample(NamedTuple):
    """What is to be explained."""

    promise: str
    time_ns: int  #: virtual time since the start of the run
    text: str

    @property
    def judged_later(self) -> bool:
        """Whether its time is that of a call whose record was missed when all was over."""
        return self.promise in _OF_RECORDS and any("-" in one for one in self.ids)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids that its text names."""
        return ids_in(self.text)

    @property
    def actors(self) -> tuple[str, ...]:
        """The actors that its text names."""
        return tuple(dict.fromkeys(_ACTOR.findall(self.text)))


class Suspects:
    """An observer that keeps what may have led to one counterexample."""

    def __init__(self, counterexample: Counterexample) -> None:
        self.what = counterexample
        self._marks = tuple(mark.encode() for mark in counterexample.ids)
        self._marks += tuple(bytes.fromhex(m) for m in counterexample.ids if "-" not in m)
        self._actors = frozenset(counterexample.actors)
        self.log = FrameLog(self._wants)
        self.recording = Recording()
        self._last: deque[Sent] = deque(maxlen=REMEMBERED)
        self._first: tuple[Sent, ...] = ()  #: what came before the first message that was kept
        self._coming = dict.fromkeys(self._actors, 0)  #: actor -> how many more are kept

    def attach(self, arena: Arena) -> None:
        """Watch frames and power."""
        self.recording.attach(arena)
        self.log.attach(arena)
        self._moment_ns = arena.start_ns + self.what.time_ns
        self._until_ns = _NEVER_NS if self.what.judged_later else self._moment_ns
        codec = arena.world.kernel.codec
        assert codec is not None
        self.codec = codec
        for kind in _CHANGES:
            arena.world.trace.watch(kind, self._changed)

    def _changed(self, event: Event) -> None:
        if event.time_ns < self.recording.start_ns or _CLIENTS in event.subject:
            return  # All that boots changes.
        for actor in self._actors:
            # A node's affairs are those of the AZ beside it.
            if event.subject.rpartition("/")[0] == actor.rpartition("/")[0]:
                self._coming[actor] = AFTER_CHANGE

    def _wants(self, message: Sent) -> bool:
        # At the moment itself the host has judged already, and asks for something else.
        if message.sent_ns > self._until_ns - (message.source == HOST):
            return False
        wanted = self.carries(message) and not self._is_chatter(message)
        for actor in (message.source, message.target):
            if self._coming.get(actor, 0) and not self._is_chatter(message):
                self._coming[actor] -= 1
                wanted = True
        if wanted and not self._first:
            self._first = tuple(self._last)
        if message.sent_ns <= self._moment_ns:  # Later ones are no causes of a call's.
            self._last.append(message)
        return wanted

    def _is_chatter(self, message: Sent) -> bool:
        return self.codec.name(message.frame) in _CHATTER

    def carries(self, message: Sent) -> bool:
        """Say whether a message carries an id of the counterexample."""
        return any(mark in message.frame for mark in self._marks)

    def calls(self) -> dict[str, Call]:
        """Return the calls of the run by their request ids."""
        return {call.request_id: call for call in self.recording.arena.history}

    def told(self) -> frozenset[str]:
        """Return the request ids of the calls whose every message belongs to the chain.

        They are those that the counterexample names, the first one that carries an id of it, and
        the last one; or those under way at its moment.
        """
        calls = self.calls()
        told = [m for m in self.log.kept if self.carries(m)] or self._followed()
        carried = [call.request_id for m in told if (call := call_of(m, calls))]
        named = [one for one in self.what.ids if one in calls]
        return frozenset((*named, *carried[:1], *carried[-1:]))

    def messages(self) -> list[Sent]:
        """Return the messages that matter, in the order of sending."""
        told = {one.encode() for one in self.told()}
        remembered = (*self._first, *self._last)
        related = [m for m in remembered if told.intersection(_ids_of(m))]
        related += self._followed()
        found = {message.number: message for message in self.log.kept}
        found |= {m.number: m for m in related if not self._is_chatter(m)}
        return [found[number] for number in sorted(found)]

    def _followed(self) -> list[Sent]:
        """Return the messages at the end of the chain, each followed by its causes."""
        causes = _Causes((*self._first, *self._last, *self.log.kept))
        return [m for end in self._ends() for m in (end, *causes.of(end))]

    def _ends(self) -> list[Sent]:
        """Return what is followed back: the first and last carrier, or what met the moment."""
        carriers = [m for m in self.log.kept if self.carries(m)]
        if carriers:
            return list(dict.fromkeys((carriers[0], carriers[-1])))
        until_ns, actors = self._until_ns, self._actors
        met = [
            m
            for m in self._last
            if (m.sent_ns == until_ns and m.source in actors)
            or (m.arrived_ns == until_ns and m.target in actors)
        ]
        return met or [m for m in self._last if m.source in actors][-1:]

    def events(self, messages: Iterable[Sent]) -> list[Seen]:
        """Return what befell the actors on the way, up to the counterexample.

        Faults count from the start of the run; the rest from the first message that matters.
        """
        kept = list(messages)
        names = {name for m in kept for name in (m.source, m.target)} | self._actors
        first_ns = min((m.sent_ns for m in kept), default=0)
        return [
            event
            for event in self.recording.seen
            if self.recording.start_ns <= event.time_ns <= self._until_ns
            and (event.kind == "fault" or event.time_ns >= first_ns)
            and event.kind not in _UNTOLD
            and self._touches(event, names)
        ]

    def _touches(self, event: Seen, names: set[str]) -> bool:
        """Say whether an event befell one of these actors, or a place where one of them stands."""
        if event.kind == "fault":
            places = (p.partition("/@")[0] for p in places_of(event.subject))
            return any(n == p or n.startswith(f"{p}/") for p in places for n in names)
        if event.kind == "leader":
            return event.fields.get("leader") == event.subject and self._near(event.subject, names)
        if _CLIENTS in event.subject and event.subject not in self._actors:
            return False  # Applications start with the run.
        return event.fields.get("az", event.subject) in names

    def _near(self, actor: str, names: set[str]) -> bool:
        region = actor.partition("/")[0]
        return any(name.startswith(f"{region}/") for name in names)


class _Causes:
    """Deliveries by target, to find why something was sent."""

    def __init__(self, messages: Iterable[Sent]) -> None:
        self._arrived: dict[str, list[tuple[int, int, Sent]]] = {}
        seen = {m.number: m for m in messages if m.fate == DELIVERED}
        for number, message in seen.items():
            assert message.arrived_ns is not None
            row = (message.arrived_ns, number, message)
            self._arrived.setdefault(message.target, []).append(row)
        for rows in self._arrived.values():
            rows.sort(key=lambda row: row[:2])

    def of(self, message: Sent) -> list[Sent]:
        """Return the causes of a message, nearest first, as far as they are known."""
        found: list[Sent] = []
        last: Sent | None = message
        while last is not None and len(found) < DEPTH:
            last = self._cause(last)
            if last is not None:
                found.append(last)
        return found

    def _cause(self, message: Sent) -> Sent | None:
        if message.source == HOST or _CLIENTS in message.source:
            return None  # They act by the scenario, not because of what they heard.
        rows = self._arrived.get(message.source, [])
        times = [row[0] for row in rows]
        index = bisect_right(times, message.sent_ns)
        if not index:
            return None
        time_ns, _, nearest = rows[index - 1]
        if time_ns == message.sent_ns:
            return nearest
        ids = set(_ids_of(message))
        for _, _, earlier in reversed(rows[:index]):
            if ids.intersection(_ids_of(earlier)):
                return earlier
        return nearest if message.sent_ns - time_ns <= MOMENT_NS else None


def call_of(message: Sent, calls: Mapping[str, Call]) -> Call | None:
    """Return the call that a message belongs to, by the request id that it carries."""
    found = (calls.get(one.decode()) for one in _ids_of(message))
    return next((call for call in found if call is not None), None)


def _ids_of(message: Sent) -> list[bytes]:
    return _UUID.findall(message.frame)


def happenings(suspects: Suspects) -> list[Happening]:
    """Return messages and events of the chain in order of time; a message counts when sent."""
    messages = suspects.messages()

    def when(what: Any) -> int:
        return int(what.sent_ns if isinstance(what, Sent) else what.time_ns)

    return sorted([*suspects.events(messages), *messages], key=when)
