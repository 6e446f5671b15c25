"""Gathers from a run what its pictures need: power, faults, leaders, health, lost messages.

A recording is an observer: it watches kinds of trace events that are rare, so it costs next to
nothing, and a run that nobody wants to see does without it. Calls and audit records are taken
from the arena afterwards, which keeps them anyway.
What does not belong here: drawing (html_report.py, perfetto.py), and reading frames (frames.py).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from scenarios.arena import Arena
from scenarios.result import RunResult
from sim.check.history import Call
from sim.trace import Event

#: Kinds of trace events that a picture shows on the lane of their subject.
SEEN_KINDS: Final = (
    "start",
    "crash",
    "pause",
    "resume",
    "abort",
    "fault",
    "leader",
    "role",
    "health",
    "hsm",
    "operator",
    "job",
    "disk",
    "ail",
    "clock",
    "rule",
    "wire",
    "azs",
    "members",
    "time",
    "quarantine",
    "rollout",
    "errand",
    "audit-lost",
    "delivery-given-up",
)
UP: Final = "up"
DOWN: Final = "down"
PAUSED: Final = "paused"
OUT: Final = "out of rotation"
#: What an actor is after each of these.
_STATE_AFTER: Final = {"start": UP, "crash": DOWN, "pause": PAUSED, "resume": UP}
#: ``name=value`` pairs of a note; a value may hold blanks.
_FIELD: Final = re.compile(r"([\w-]+)=(.*?)(?= [\w-]+=|$)", re.DOTALL)


class Seen(NamedTuple):
    """One thing that happened."""

    time_ns: int  #: world time
    kind: str  #: one of SEEN_KINDS
    subject: str  #: an actor, a fault's target, or ``network``
    fields: Mapping[str, str]


class Span(NamedTuple):
    """A stretch of time in which something was so."""

    begin_ns: int
    end_ns: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One fault as it happened: its line, its time, and the places that it hit."""

    number: int  #: which of the result's faults, from 0
    line: str
    name: str  #: of the fault, such as ``power-off``
    begin_ns: int  #: virtual time since the start of the run
    end_ns: int
    places: tuple[str, ...]  #: a role is replaced by the actor that played it when it began


def fields_of(body: bytes) -> dict[str, str]:
    """Return the pairs of a note's body; nothing when it holds none."""
    return dict(_FIELD.findall(body.decode(errors="replace")))


def places_of(target: str) -> tuple[str, ...]:
    """Return the places of a fault's target."""
    return tuple(re.split("<->|->|,", target))


class Recording:
    """The rare events of one run, kept in order."""

    arena: Arena

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.lost: list[tuple[int, str]] = []  #: (world time, ``source>target``) of lost messages
        #: Of each fault that began: name, target as written, and the places that it meant then.
        self._begun: list[tuple[str, str, tuple[str, ...]]] = []

    def attach(self, arena: Arena) -> None:
        """Watch the trace of an arena's world."""
        self.arena = arena
        trace = arena.world.trace
        for kind in SEEN_KINDS:
            trace.watch(kind, self._see)
        for kind in ("drop", "corrupt"):
            trace.watch(kind, self._lose)

    def _see(self, event: Event) -> None:
        fields = fields_of(event.body)
        self.seen.append(Seen(event.time_ns, event.kind, event.subject, fields))
        if event.kind == "fault" and "inject" in fields:
            places = tuple(self._resolved(place) for place in places_of(event.subject))
            self._begun.append((fields["inject"], event.subject, places))

    def _lose(self, event: Event) -> None:
        self.lost.append((event.time_ns, event.subject))

    def _resolved(self, place: str) -> str:
        """Return a place with its role replaced by who plays it now."""
        try:
            return self.arena.world.resolve(place)
        except ValueError:
            return place

    @property
    def start_ns(self) -> int:
        """The world time from which a result counts."""
        return self.arena.start_ns

    @property
    def end_ns(self) -> int:
        """How long the run lasted since its start, with recovery and the last quiet stretch."""
        return self.arena.world.now_ns - self.start_ns

    def actors(self) -> tuple[str, ...]:
        """Return every actor of the world, in the order of their first start."""
        return self.arena.world.names()

    def calls(self) -> Iterator[Call]:
        """Yield the finished calls of the workload; those of the host are no traffic."""
        return (c for c in self.arena.history if c.caller != "host" and c.outcome)

    def power(self) -> dict[str, tuple[Span, ...]]:
        """Return when each actor was not up, since the start; without those that always were."""
        found: dict[str, list[Span]] = {}
        since: dict[str, tuple[int, str]] = {}
        for event in self.seen:
            state = _STATE_AFTER.get(event.kind)
            if state is None:
                continue
            begin_ns, before = since.get(event.subject, (0, UP))
            if before == state:
                continue
            self._close(found, event.subject, Span(begin_ns, event.time_ns, before))
            since[event.subject] = (event.time_ns, state)
        for name, (begin_ns, state) in since.items():
            self._close(found, name, Span(begin_ns, self.start_ns + self.end_ns, state))
        return {name: tuple(spans) for name, spans in found.items()}

    def rotation(self) -> dict[str, tuple[Span, ...]]:
        """Return when the endpoint of its region kept each AZ out of rotation."""
        found: dict[str, list[Span]] = {}
        out: dict[str, int] = {}
        for event in self.seen:
            if event.kind != "health" or "healthy" not in event.fields:
                continue
            az = event.fields["az"]
            if event.fields["healthy"] == "False":
                out.setdefault(az, event.time_ns)
            elif az in out:
                self._close(found, az, Span(out.pop(az), event.time_ns, OUT))
        for az, begin_ns in out.items():
            self._close(found, az, Span(begin_ns, self.start_ns + self.end_ns, OUT))
        return {name: tuple(spans) for name, spans in found.items()}

    def leaders(self) -> dict[str, tuple[tuple[int, str, str], ...]]:
        """Return per region the changes of leader: (time since the start, leader, term).

        The first one may lie before the start. A new term of the same leader is a change.
        """
        found: dict[str, list[tuple[int, str, str]]] = {}
        for event in self.seen:
            leader = event.fields.get("leader", "") if event.kind == "leader" else ""
            if not leader:
                continue
            changes = found.setdefault(event.subject.partition("/")[0], [])
            term = event.fields.get("term", "")
            if not changes or int(term) > int(changes[-1][2]):
                changes.append((event.time_ns - self.start_ns, leader, term))
        return {region: tuple(changes) for region, changes in found.items()}

    def hits(self, result: RunResult) -> tuple[Hit, ...]:
        """Return the faults of a result with the places that they hit."""
        waiting, found = list(self._begun), []
        for number in sorted(range(len(result.faults)), key=lambda n: result.faults[n].begin_ns):
            span = result.faults[number]
            words = span.line.split()
            begun = next((b for b in waiting if b[0] in words and b[1] in words), None)
            if begun is None:
                continue  # The run ended before it began.
            waiting.remove(begun)
            name, _, places = begun
            found.append(
                Hit(
                    number=number,
                    line=span.line,
                    name=name,
                    begin_ns=span.begin_ns,
                    end_ns=span.end_ns,
                    places=places,
                )
            )
        return tuple(sorted(found, key=lambda hit: hit.number))

    def _close(self, found: dict[str, list[Span]], name: str, span: Span) -> None:
        """Keep what a span has since the start, unless the actor was simply up."""
        begin_ns, end_ns = max(0, span.begin_ns - self.start_ns), span.end_ns - self.start_ns
        if span.what != UP and end_ns > begin_ns:
            found.setdefault(name, []).append(Span(begin_ns, end_ns, span.what))


def describe(event: Seen) -> str:
    """Return what a recorded event says, in words."""
    fields = event.fields
    if event.kind == "fault":
        begun = fields.get("inject")
        return f"fault begins: {begun}" if begun else f"fault ends: {fields.get('heal', '')}"
    if event.kind == "health" and "healthy" in fields:
        state = "in rotation" if fields.get("healthy") == "True" else "out of rotation"
        return f"{fields.get('az', '')} is {state}"
    if event.kind == "health" and "restarts" in fields:
        return f"finds that {fields.get('az', '')} has restarted"
    if event.kind == "leader":
        leader, term = fields.get("leader", ""), fields.get("term", "")
        if leader == event.subject:
            return f"leads in term {term}"
        return f"sees {leader} lead in term {term}" if leader else f"knows no leader, term {term}"
    said = " ".join(f"{name} {value}" for name, value in fields.items())
    words: dict[str, Any] = {
        "start": "starts",
        "crash": "loses power",
        "pause": "is stopped",
        "resume": "goes on",
        "abort": f"dies by its own hand: {fields.get('reason', '')}",
    }
    return str(words.get(event.kind, f"{event.kind}: {said}"))
