"""Turns a result and its recording into the plain data that the page draws: lanes, bins, pins.

A lane has an id, a label, spans and marks, and lanes below it. Its id is the place or actor that
it shows, so that a fault's target finds every lane beneath it by its prefix. Times are whole
milliseconds since the start of the run.
What does not belong here: HTML, colours and the arithmetic of pixels (html_report.py, html/).
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from regions.latency import region_of
from scenarios import figures
from scenarios.recording import DOWN, OUT, PAUSED, Recording, Seen, Span, describe
from scenarios.result import OK, TIMEOUT, RunResult, Verdict
from scenarios.stats import Recorder
from sim.check.history import Call
from sim.units import NS_PER_MS, NS_PER_SECOND, NS_PER_US

#: How many bins the run is cut into; the page takes the finest that is wide enough; chosen.
LEVELS: Final = (60, 120, 240, 960)
#: More events or spans than this on one lane are left out in the middle; chosen, for page size.
EVENTS_MAX: Final = 160
SPANS_MAX: Final = 400
#: Clients have no lanes: what they saw stands with the calls of their region.
_PART_OF_CALLS: Final = "/clients/"

Lane = dict[str, Any]


def ms_of(time_ns: int) -> int:
    """Return whole milliseconds."""
    return time_ns // NS_PER_MS


def picture(result: RunResult, recording: Recording) -> dict[str, Any]:
    """Return everything that the page draws, as JSON values in a fixed order."""
    lanes = _lanes(result, recording)
    ids = [lane["id"] for lane in _flat(lanes)]
    return {
        "end": ms_of(recording.end_ns),
        "span": ms_of(result.span_ns),
        "levels": list(LEVELS),
        "faults": [
            {
                "number": hit.number + 1,
                "line": hit.line,
                "name": hit.name,
                "begin": ms_of(hit.begin_ns),
                "end": ms_of(hit.end_ns),
                "places": list(hit.places),
            }
            for hit in recording.hits(result)
        ],
        "promises": [
            _promise(verdict, ids)
            for verdict in sorted(result.promises, key=lambda v: v.word != "BROKEN")
        ],
        "lanes": lanes,
        "events": _events(recording, ids),
    }


def _flat(lanes: Iterable[Lane]) -> Iterable[Lane]:
    for lane in lanes:
        yield lane
        yield from _flat(lane["lanes"])


def _lane(lane_id: str, label: str, kind: str, **more: Any) -> Lane:
    return {"id": lane_id, "label": label, "kind": kind, "lanes": [], **more}


# Lanes.


def _lanes(result: RunResult, recording: Recording) -> list[Lane]:
    """Return the regions with their AZs and actors, then what belongs to no region alone."""
    power, rotation, led = recording.power(), recording.rotation(), _led(recording)
    calls: dict[str, list[Call]] = {}
    for call in recording.calls():
        calls.setdefault(call.place, []).append(call)

    def actor(name: str) -> Lane:
        spans = _spans((*power.get(name, ()), *rotation.get(name, ()), *led.get(name, ())))
        label, marks = name.rpartition("/")[2], _marks(recording, name)
        return _lane(name, label, "actor", spans=spans, marks=marks)

    lanes = []
    for region, azs in result.topology.items():
        lane = _lane(region, region, "region", note=_served(result, region))
        lane["lanes"] += _traffic(recording, region, calls.get(region, []))
        lane["lanes"][0]["outcomes"] = [list(o) for o in result.calls.get(region, {}).items()]
        own = [n for n in recording.actors() if region_of(n) == region]
        for az in azs:
            place = f"{region}/{az}"
            members = [actor(n) for n in own if n.startswith(f"{place}/")]
            lane["lanes"].append(_lane(place, az, "az", **_summary(members)) | {"lanes": members})
        rest = [n for n in own if n.split("/")[1] not in azs and _PART_OF_CALLS not in n]
        members = [actor(n) | {"label": _short(n, region)} for n in rest]
        plane = _lane(f"{region}/~plane", "whole region", "az", **_summary(members))
        lane["lanes"].append(plane | {"lanes": members})
        lanes.append(lane)
    lanes += [_audit(recording, trail) for trail in recording.arena.trails]
    lanes.append(_lane("network", "lost messages", "lost", bins=_lost(recording)))
    return lanes


def _short(name: str, region: str) -> str:
    return name.replace(f"{region}/", "").replace("/", " ")


def _served(result: RunResult, region: str) -> str:
    rows = [row for row in result.availability if row.region == region]
    total = sum(row.calls for row in rows)
    share = figures.share(sum(row.served for row in rows), total)
    return f"{figures.count(total)} calls, {share} served" if total else "no calls"


def _led(recording: Recording) -> dict[str, tuple[Span, ...]]:
    """Return when each node led its region's log.

    From its own announcement until that of another, or until it lost its power: who starts again
    has to be elected anew.
    """
    found: dict[str, list[Span]] = {}
    power = recording.power()
    for changes in recording.leaders().values():
        ends = [time_ns for time_ns, _, _ in changes[1:]] + [recording.end_ns]
        for (time_ns, leader, term), end_ns in zip(changes, ends, strict=True):
            cuts = [s.begin_ns for s in power.get(leader, ()) if s.what == DOWN]
            until_ns = min([end_ns, *(cut for cut in cuts if cut >= time_ns)])
            if until_ns > max(0, time_ns):
                span = Span(max(0, time_ns), until_ns, f"leads, term {term}")
                found.setdefault(leader, []).append(span)
    return {name: tuple(spans) for name, spans in found.items()}


#: What a stretch is -> how it is drawn, and said; what is missing here is leadership.
_LOOKS: Final = {
    DOWN: ("down", "without power"),
    PAUSED: ("paused", "stopped"),
    OUT: ("out", OUT),
}


def _spans(spans: Iterable[Span]) -> list[list[Any]]:
    """Return ``[begin, end, kind, text]`` of each span; of too many, the longest."""
    kept = sorted(spans, key=lambda span: span.begin_ns - span.end_ns)[:SPANS_MAX]
    return [
        [ms_of(s.begin_ns), ms_of(s.end_ns), *_LOOKS.get(s.what, ("leads", s.what))]
        for s in sorted(kept)
    ]


def _summary(members: list[Lane]) -> dict[str, list[list[Any]]]:
    """Return what a closed AZ shows of its members: their spans counted, who leads, all marks."""
    own = [(lane["label"], span) for lane in members for span in lane["spans"]]
    shared = Counter(tuple(span) for _, span in own if span[2] != "leads")
    leads = [[*span[:3], f"{label} {span[3]}"] for label, span in own if span[2] == "leads"]
    marks = sorted(mark for lane in members for mark in lane["marks"])
    total = len(members)
    spans = [
        [begin, end, kind, text if number == total else f"{number} of {total} {text}"]
        for (begin, end, kind, text), number in sorted(shared.items())
    ]
    return {"spans": sorted(spans + leads)[:SPANS_MAX], "marks": marks[:EVENTS_MAX]}


def _marks(recording: Recording, name: str) -> list[list[Any]]:
    """Return ``[time, kind, text]`` of what is drawn as a sign: new leaders, deaths, repairs."""
    region = region_of(name)
    marks = [
        [ms_of(time_ns), "leader", f"{name} leads {region} from here, term {term}"]
        for time_ns, leader, term in recording.leaders().get(region, ())
        if leader == name and time_ns >= 0
    ]
    for event in recording.seen:
        if event.subject == name and event.kind in {"abort", "disk", "ail", "clock"}:
            time_ns = event.time_ns - recording.start_ns
            if time_ns >= 0:
                marks.append([ms_of(time_ns), event.kind, describe(event)])
    return sorted(marks)[:EVENTS_MAX]


# Bins.


def _traffic(recording: Recording, region: str, calls: list[Call]) -> list[Lane]:
    """Return the two lanes of a region's calls: outcomes, and latency of those that succeeded."""
    bins = [_call_bins(recording, calls, level) for level in LEVELS]
    return [
        _lane(f"{region}/~calls", "calls", "calls", bins=bins),
        _lane(f"{region}/~latency", "latency", "latency", source=f"{region}/~calls"),
    ]


def outcome_class(call: Call) -> int:
    """Return 0 for success, 1 for a refusal the caller earned, 2 for a failure, 3 for silence."""
    if call.outcome == OK:
        return 0
    if call.outcome == TIMEOUT:
        return 3
    return 1 if call.served else 2


def _call_bins(recording: Recording, calls: list[Call], level: int) -> list[list[int]]:
    """Return ``[bin, ok, refused, failed, timeout, p50 us, p99 us]`` of each bin with calls."""
    counts: dict[int, list[int]] = {}
    times: dict[int, Recorder] = {}
    width_ns = max(1, -(-recording.end_ns // level))
    for call in calls:
        index = (call.begin_ns - recording.start_ns) // width_ns
        kind = outcome_class(call)
        counts.setdefault(index, [0, 0, 0, 0])[kind] += 1
        if kind == 0:
            times.setdefault(index, Recorder()).add(call.end_ns - call.begin_ns)
    rows = []
    for index, row in sorted(counts.items()):
        found = times.get(index)
        middle, tail = (found.percentile(500), found.percentile(990)) if found else (0, 0)
        rows.append([index, *row, middle // NS_PER_US, tail // NS_PER_US])
    return rows


def _audit(recording: Recording, trail_id: str) -> Lane:
    """Return a trail's lane: ``[bin, records, median s, longest s]`` by the time of the call."""
    trail = recording.arena.trails[trail_id]
    epoch_ns = recording.arena.world.calendar_ns - recording.arena.world.now_ns
    delays = [
        (event.time_ns - epoch_ns - recording.start_ns, max(0, event.stored_ns - event.time_ns))
        for event in recording.arena.delivered(trail)
    ]
    bins = []
    for level in LEVELS:
        width_ns = max(1, -(-recording.end_ns // level))
        found: dict[int, Recorder] = {}
        for time_ns, delay_ns in delays:
            if time_ns >= 0:
                found.setdefault(time_ns // width_ns, Recorder()).add(delay_ns)
        bins.append(
            [
                [i, len(r), r.percentile(500) // NS_PER_SECOND, r.max // NS_PER_SECOND]
                for i, r in sorted(found.items())
            ]
        )
    label = f"audit: {trail.name}"
    return _lane(f"trail/{trail_id}", label, "audit", bins=bins, note=f"to {trail.home}")


def _lost(recording: Recording) -> list[list[list[int]]]:
    """Return ``[bin, messages]`` that the network lost."""
    bins = []
    for level in LEVELS:
        width_ns = max(1, -(-recording.end_ns // level))
        since = (time_ns - recording.start_ns for time_ns, _ in recording.lost)
        counts = Counter(time_ns // width_ns for time_ns in since if time_ns >= 0)
        bins.append([[i, n] for i, n in sorted(counts.items())])
    return bins


# Promises and events.


def _promise(verdict: Verdict, ids: list[str]) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "word": verdict.word,
        "checked": verdict.checked,
        "detail": verdict.detail,
        "pins": [
            [ms_of(time_ns), text, lanes_in(text, ids)] for time_ns, text in verdict.violations
        ],
        "excused": list(verdict.excused),
    }


def lanes_in(text: str, ids: list[str]) -> list[str]:
    """Return the lanes that a counterexample speaks of, the most exact ones only."""
    named = [i for i in ids if re.search(rf"(?<![\w/-]){re.escape(i)}(?![\w-])", text)]
    exact = [i for i in named if not any(other.startswith(f"{i}/") for other in named)]
    for lane in ids:
        region, _, rest = lane.partition("/")
        if rest == "~calls" and (f"{region}{_PART_OF_CALLS}" in text or region in exact):
            exact.append(lane)
    return exact


def _events(recording: Recording, ids: list[str]) -> list[list[Any]]:
    """Return ``[time, lane, text]`` of what is listed when a lane is chosen, in order of time."""
    known = set(ids)
    by_lane: dict[str, list[Seen]] = {}
    for event in recording.seen:
        if event.time_ns < recording.start_ns or _PART_OF_CALLS in event.subject:
            continue
        lane = event.subject if event.subject in known else _place_of(event.subject, known)
        if event.kind not in {"fault", "rule"} and lane:
            by_lane.setdefault(lane, []).append(event)
    found = [
        [ms_of(event.time_ns - recording.start_ns), lane, _said(event, lane)]
        for lane, events in by_lane.items()
        for event in _ends(events)
    ]
    left_out = {lane: len(e) - EVENTS_MAX for lane, e in by_lane.items() if len(e) > EVENTS_MAX}
    for lane, number in left_out.items():
        middle = by_lane[lane][EVENTS_MAX // 2].time_ns - recording.start_ns
        found.append([ms_of(middle), lane, f"... {number} more are left out here"])
    return sorted(found, key=lambda row: row[0])


def _place_of(subject: str, known: set[str]) -> str:
    place = subject.rpartition("/")[0]
    while place and place not in known:
        place = place.rpartition("/")[0]
    return place


def _said(event: Seen, lane: str) -> str:
    text = describe(event)
    return text if event.subject == lane else f"{event.subject} {text}"


def _ends(events: list[Seen]) -> list[Seen]:
    half = EVENTS_MAX // 2
    return events if len(events) <= EVENTS_MAX else events[:half] + events[-half:]
