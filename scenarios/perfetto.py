"""Writes one run in the trace format of Chrome, which ui.perfetto.dev opens.

Places are processes and actors threads; faults, calls, stretches without power and asks are
spans; messages are slices of a microsecond at both ends, joined by a flow. Spans that overlap get
threads of their own, because slices of one thread must nest. Times are virtual microseconds since
the start of the run, with three decimals in runs of up to 104 days.
What does not belong here: gathering (recording.py, frames.py).
Source: "Trace Event Format" (Google, 2016), phases M, X, i, s and f; Perfetto's importer takes
slices of one thread only if they nest, and binds a flow to the slice that is open at its time
(its json_utils.cc cuts times to nanoseconds, its slice_tracker.cc drops slices that overlap).
Limit: messages are many, so only those around the beginnings and ends of faults are kept.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from scenarios.arena import Arena
from scenarios.frames import Asked, FrameLog, Sent
from scenarios.recording import DOWN, Recording
from scenarios.result import RunResult
from sim.check.history import Call
from sim.trace import Event
from sim.units import NS_PER_US

#: How many messages are kept in all, at most; chosen: some 10 MB of trace.
MESSAGES_MAX: Final = 20_000
#: How many are kept before and after each beginning and end of a fault; chosen.
BEFORE: Final = 200
AFTER: Final = 2_000
#: The length of the slice that stands for sending or taking a message; it takes no virtual time.
_SLICE_NS: Final = NS_PER_US
#: From here on a double does not hold every nanosecond; 104 days.
_EXACT_NS: Final = 2**53
#: What is left of a slice of one nanosecond, so that it is cut to nothing.
_LEAST_NS: Final = 0.5
#: Above every process number: thread 0 is an idle processor, and a process's number its main one.
_FIRST_THREAD: Final = 1_000

Json = dict[str, Any]


class PerfettoTrace:
    """An observer that writes a run as a Chrome trace.

    Args:
      messages: how many messages it may hold.
    """

    def __init__(self, messages: int = MESSAGES_MAX) -> None:
        self._most = messages
        self._recording = Recording()
        self._log = FrameLog(self._wants)
        self._last: deque[Sent] = deque(maxlen=BEFORE)
        self._wanted = AFTER  #: how many more of the coming messages are kept

    def attach(self, arena: Arena) -> None:
        """Watch what the trace shows."""
        self._start_ns = arena.start_ns
        self._recording.attach(arena)
        self._log.attach(arena)
        codec = arena.world.kernel.codec
        assert codec is not None
        self._name = codec.name
        arena.world.trace.watch("fault", self._fault)

    def _wants(self, message: Sent) -> bool:
        """Keep what follows the start of the run or a change of a fault; remember the last ones."""
        if message.sent_ns < self._start_ns or len(self._log.kept) >= self._most:
            return False
        if self._wanted > 0:
            self._wanted -= 1
            return True
        self._last.append(message)
        return False

    def _fault(self, _: Event) -> None:
        while self._last and len(self._log.kept) < self._most:
            self._log.keep(self._last.popleft())
        self._last.clear()
        self._wanted = AFTER

    def write(self, result: RunResult, path: Path) -> None:
        """Write the trace.

        Raises:
          OSError: the file cannot be written.
        """
        head = {
            "displayTimeUnit": "ms",
            "otherData": {
                "scenario": result.scenario,
                "seed": result.seed,
                "version": result.version,
                "trace_hash": result.trace_hash,
                "messages_kept": len(self._log.kept),
                "messages_sent": self._log.count,
            },
        }
        with path.open("w", encoding="utf-8") as file:
            file.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "traceEvents": [\n')
            events = self._events(result)
            file.writelines(_lines(json.dumps(event, ensure_ascii=False) for event in events))
            file.write("]}\n")

    def _events(self, result: RunResult) -> list[Json]:
        threads = _Threads()
        recording = self._recording
        events = [
            *_faults(threads, recording, result),
            *_broken(threads, result),
            *_power(threads, recording),
            *_leaders(threads, recording),
            *_calls(threads, recording),
            *self._asks(threads),
            *self._messages(threads),
        ]
        events.sort(key=lambda event: event["ts"])
        _to_microseconds(events)
        return [*threads.names(), *events]

    def _asks(self, threads: "_Threads") -> Iterator[Json]:
        spans = [
            (a.begin_ns - self._start_ns, a.end_ns - self._start_ns, a)
            for a in self._log.asked
            if a.end_ns is not None
        ]
        for begin_ns, end_ns, thread, asked in threads.spread(spans, _ask_lane):
            args = {"of": asked.message.target, "expired": asked.expired}
            name = self._name(asked.message.frame)
            yield _slice(thread, name, "ask", begin_ns, end_ns - begin_ns, args)

    def _messages(self, threads: "_Threads") -> Iterator[Json]:
        """Yield two slices for each message, and the flow between them."""
        kept = sorted(self._log.kept, key=lambda message: message.number)
        moments: dict[tuple[int, int], list[int]] = {}
        ends = []
        for message in kept:
            source = threads.of(message.source, message.source.rpartition("/")[2])
            target = threads.of(message.target, message.target.rpartition("/")[2])
            ends.append((message, source, target))
            moments.setdefault(source, []).append(message.sent_ns)
            if message.arrived_ns is not None:
                moments.setdefault(target, []).append(message.arrived_ns)
        room = {thread: _room(times) for thread, times in moments.items()}
        for message, source, target in ends:
            name, args = self._name(message.frame), {"bytes": len(message.frame)}
            at_ns = message.sent_ns - self._start_ns
            sent = {"to": message.target, "fate": message.fate, **args}
            yield _slice(source, name, "send", at_ns, room[source][message.sent_ns], sent)
            if message.arrived_ns is None:
                continue
            flow = {"cat": "message", "name": name, "id": message.number}
            yield _event("s", source, at_ns) | flow
            came_ns = message.arrived_ns - self._start_ns
            got = {"from": message.source, **args}
            yield _slice(target, name, "take", came_ns, room[target][message.arrived_ns], got)
            yield _event("f", target, came_ns) | flow | {"bp": "e"}


def _lines(texts: Iterable[str]) -> Iterator[str]:
    comma = ""
    for text in texts:
        yield comma + text
        comma = ",\n"
    yield "\n"


def _room(times: list[int]) -> dict[int, int]:
    """Return how long the slice at each moment may be without reaching into the next one."""
    ordered = sorted(set(times))
    nexts = [*ordered[1:], ordered[-1] + _SLICE_NS]
    return {t: min(_SLICE_NS, after - t) for t, after in zip(ordered, nexts, strict=True)}


def _to_microseconds(events: list[Json]) -> None:
    """Turn times in nanoseconds, in order, into what the format wants, so that no slice crosses.

    An importer multiplies by 1,000 and cuts, which may come out a nanosecond early: a slice that
    ends where the next one begins gives its last nanosecond up. Where a double no longer tells
    nanoseconds apart, times are whole microseconds, and a slice may be as short as nothing.
    """
    whole = bool(events) and events[-1]["ts"] >= _EXACT_NS
    for event in events:
        begin_ns = event["ts"]
        event["ts"] = begin_ns // NS_PER_US if whole else begin_ns / NS_PER_US
        if "dur" in event:
            end_ns = begin_ns + event["dur"]
            short_ns = max(event["dur"] - 1, _LEAST_NS)
            event["dur"] = end_ns // NS_PER_US - event["ts"] if whole else short_ns / NS_PER_US


def _event(phase: str, thread: tuple[int, int], time_ns: int) -> Json:
    return {"ph": phase, "pid": thread[0], "tid": thread[1], "ts": time_ns}


def _slice(
    thread: tuple[int, int], name: str, category: str, begin_ns: int, length_ns: int, args: Json
) -> Json:
    event = _event("X", thread, begin_ns)
    return event | {"dur": length_ns, "name": name, "cat": category, "args": args}


def _instant(thread: tuple[int, int], name: str, time_ns: int, scope: str, args: Json) -> Json:
    """Return a mark; its scope is ``t``hread, ``p``rocess or ``g``lobal."""
    return _event("i", thread, time_ns) | {"s": scope, "name": name, "cat": "mark", "args": args}


def _ask_lane(asked: Asked) -> tuple[str, str]:
    return asked.asker, f"{asked.asker.rpartition('/')[2]} asks"


def _call_lane(call: Call) -> tuple[str, str]:
    return call.caller, f"{call.caller.rpartition('/')[2]} calls"


class _Threads:
    """Numbers places as processes and lanes as threads, in the order in which they are met."""

    FAULTS: Final = "faults"

    def __init__(self) -> None:
        self._processes: dict[str, int] = {self.FAULTS: 1}
        self._threads: dict[tuple[int, str], int] = {}

    def of(self, actor: str, lane: str) -> tuple[int, int]:
        """Return process and thread of a lane in the place where an actor stands."""
        place = actor.rpartition("/")[0] or actor
        process = self._processes.setdefault(place, len(self._processes) + 1)
        # Unique in the whole trace, as an operating system's, and no process's own number.
        number = _FIRST_THREAD + len(self._threads)
        return process, self._threads.setdefault((process, lane), number)

    def spread(
        self, spans: Iterable[tuple[int, int, Any]], lane_of: Any
    ) -> Iterator[tuple[int, int, tuple[int, int], Any]]:
        """Yield spans with a thread each; those that overlap get different ones."""
        free: dict[tuple[str, str], list[int]] = {}  #: until when each thread of a lane is taken
        for begin_ns, end_ns, what in sorted(spans, key=lambda span: span[:2]):
            actor, lane = lane_of(what)
            taken = free.setdefault((actor, lane), [])
            row = next((i for i, until in enumerate(taken) if until <= begin_ns), len(taken))
            taken[row : row + 1] = [end_ns]
            yield begin_ns, end_ns, self.of(actor, lane if not row else f"{lane} {row + 1}"), what

    def names(self) -> list[Json]:
        """Return the metadata events that name every process and thread."""
        named: list[Json] = []
        _, *places = self._processes
        for order, place in enumerate((self.FAULTS, *sorted(places))):
            process = self._processes[place]
            about = {"ph": "M", "pid": process, "tid": process}
            named.append(about | {"name": "process_name", "args": {"name": place}})
            sort = {"name": "process_sort_index", "args": {"sort_index": order}}
            named.append(about | sort)
        for (process, lane), thread in self._threads.items():
            about = {"ph": "M", "pid": process, "tid": thread}
            named.append(about | {"name": "thread_name", "args": {"name": lane}})
        return named


def _faults(threads: _Threads, recording: Recording, result: RunResult) -> Iterator[Json]:
    for hit in recording.hits(result):
        thread = threads.of(_Threads.FAULTS, f"{hit.number + 1}. {hit.name}")
        args = {"line": hit.line, "places": list(hit.places)}
        length_ns = hit.end_ns - hit.begin_ns
        yield _slice(thread, hit.line, "fault", hit.begin_ns, length_ns, args)


def _broken(threads: _Threads, result: RunResult) -> Iterator[Json]:
    """Yield a mark over the whole picture for each counterexample that is kept."""
    for verdict in result.promises:
        for time_ns, text in verdict.violations:
            thread = threads.of(_Threads.FAULTS, "promises")
            yield _instant(thread, f"BROKEN {verdict.name}", time_ns, "g", {"text": text})


def _power(threads: _Threads, recording: Recording) -> Iterator[Json]:
    for name, spans in recording.power().items():
        thread = threads.of(name, f"{name.rpartition('/')[2]} power")
        for begin_ns, end_ns, what in spans:
            said = "without power" if what == DOWN else "stopped"
            yield _slice(thread, said, "power", begin_ns, end_ns - begin_ns, {"actor": name})


def _leaders(threads: _Threads, recording: Recording) -> Iterator[Json]:
    for region, changes in recording.leaders().items():
        for time_ns, leader, term in changes:
            if time_ns >= 0:
                thread = threads.of(leader, leader.rpartition("/")[2])
                name = f"leads {region}, term {term}"
                yield _instant(thread, name, time_ns, "p", {"leader": leader})


def _calls(threads: _Threads, recording: Recording) -> Iterator[Json]:
    start_ns = recording.start_ns
    spans = [
        (call.begin_ns - start_ns, call.end_ns - start_ns, call)
        for call in recording.arena.history
        if call.outcome and call.begin_ns >= start_ns
    ]
    for begin_ns, end_ns, thread, call in threads.spread(spans, _call_lane):
        args = {"outcome": call.outcome, "region": call.place, "request": call.request_id}
        yield _slice(thread, call.action, "call", begin_ns, end_ns - begin_ns, args)
