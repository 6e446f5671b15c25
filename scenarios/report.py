"""A run's outcome as a text that a person reads in a minute, and as one JSON object.

The text is plain ASCII, but for names that come from outside, and fits in 80 columns; only the
command that replays the run is never broken, so that it can be copied.
What does not belong here: measuring (stats.py) and the format of numbers (figures.py).
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from scenarios import figures, layout
from scenarios.result import OK, PHASES, Availability, ReplaySummary, RunResult, Verdict

#: What stands in the JSON report, in this order. Times are integer nanoseconds of virtual time.
JSON_KEYS: Final[Mapping[str, str]] = {
    "scenario": "name of the scenario",
    "summary": "the scenario in one line",
    "seed": "seed of every draw of the run",
    "version": "version of Eleven Nines",
    "trace_hash": "hexadecimal hash of everything that happened; equal runs have equal hashes",
    "holds": "true when no promise is broken",
    "command": "shell line that runs exactly this again",
    "topology": "region -> list of its AZ ids",
    "span_ns": "virtual length of the run",
    "plan": "list of the faults, one plan line each",
    "faults": "list of the same with times: line, begin_ns, end_ns",
    "timeline": "list of what was done and when: time_ns, text",
    "calls": "region -> outcome (ok, timeout or an error code) -> count",
    "latency": (
        "list of region, phase, count and p50_ns p90_ns p99_ns p999_ns max_ns of the calls that"
        " succeeded"
    ),
    "availability": "list of region, phase, calls, served",
    "delivery": (
        "list of trail, count and median_ns p95_ns p99_ns max_ns from the call to the bucket"
    ),
    "promises": (
        "list of name, word (holds, BROKEN, allowed or unchecked), holds, checked, detail, time_ns"
        " of the first counterexample or null, violations (time_ns, text) and excused (reasons)"
    ),
    "replay": "null, or source, replayed, passed_through and skipped of the replayed log folder",
    "statistics": "counters of the simulator by subject",
}

#: Longest list of single events in the text; the JSON has them all. Chosen: half a screen.
_TIMELINE_ROWS: Final = 16
_EXAMPLES: Final = 3

_VERDICT_STYLE: Final = {
    "holds": "green",
    "BROKEN": "bold red",
    "allowed": "cyan",
    "unchecked": "yellow",
}


def to_json(result: RunResult) -> str:
    """Return the run as one JSON object, indented, with the keys of JSON_KEYS in that order."""
    return json.dumps(to_values(result), indent=2, ensure_ascii=False)


def to_values(result: RunResult) -> dict[str, Any]:
    """Return the run as what its JSON object holds."""
    values = dataclasses.asdict(result) | {"holds": result.holds}
    for promise, verdict in zip(values["promises"], result.promises, strict=True):
        promise["word"] = verdict.word
    return {key: values[key] for key in JSON_KEYS}


def to_text(result: RunResult, *, width: int = 80) -> str:
    """Return the report as plain text: no colours, and no blanks at the end of a line."""
    return layout.as_text(lambda console: show(result, console), width=width)


def show(result: RunResult, console: Console) -> None:
    """Print the report; colours only where the console has them."""
    layout.title(console, f"{result.scenario}: {result.summary}")
    facts = f"Eleven Nines {result.version}, seed {result.seed}"
    layout.line(console, f"{facts}, {figures.span(result.span_ns)} of virtual time")
    _show_topology(result, console)
    _show_timeline(result, console)
    if result.replay is not None:
        _show_replay(result.replay, console)
    _show_calls(result, console)
    _show_latency(result, console)
    _show_availability(result.availability, console)
    _show_delivery(result, console)
    _show_promises(result.promises, console)
    _show_footer(result, console)


def _show_topology(result: RunResult, console: Console) -> None:
    layout.heading(console, "Topology")
    table = layout.table(("region", "left"), ("availability zones", "left"))
    for region, zones in result.topology.items():
        table.add_row(layout.clean(region), layout.clean(" ".join(zones)))
    layout.indent(console, table)


def _show_timeline(result: RunResult, console: Console) -> None:
    layout.heading(console, "What was done to it, and when")
    if not result.timeline:
        layout.line(console, "nothing: no fault was injected")
        return
    table = layout.table(("at", "right"), ("event", "left"))
    head = _TIMELINE_ROWS // 2
    entries = result.timeline
    hidden = len(entries) - _TIMELINE_ROWS
    for index, entry in enumerate(entries):
        if hidden > 0 and head <= index < head + hidden:
            if index == head:
                table.add_row("", f"... {figures.count(hidden)} more; --json lists them all")
            continue
        table.add_row(figures.span(entry.time_ns), layout.clean(entry.text))
    layout.indent(console, table)


def _show_replay(replay: ReplaySummary, console: Console) -> None:
    layout.heading(console, "Replayed log files")
    table = layout.table(("", "left"), ("events", "right"), ("which", "left"))
    table.add_row("from", "", layout.clean(replay.source))
    table.add_row("replayed", layout.total(replay.replayed), layout.listed(replay.replayed))
    passed = replay.passed_through
    table.add_row("passed through", layout.total(passed), layout.listed(passed))
    for skipped in replay.skipped:
        names = ", ".join(skipped.examples[:_EXAMPLES])
        reason = f"{skipped.reason}: {names}" if names else skipped.reason
        table.add_row("could not replay", figures.count(skipped.count), layout.clean(reason))
    layout.indent(console, table)


def _show_calls(result: RunResult, console: Console) -> None:
    layout.heading(console, "Calls by outcome")
    table = layout.table(
        ("region", "left"), ("calls", "right"), ("ok", "right"), ("other outcomes", "left")
    )
    for region, outcomes in result.calls.items():
        others = {name: number for name, number in outcomes.items() if name != OK}
        good = figures.count(outcomes.get(OK, 0))
        table.add_row(layout.clean(region), layout.total(outcomes), good, layout.listed(others))
    layout.indent(console, table)


def _show_latency(result: RunResult, console: Console) -> None:
    layout.heading(console, "Latency of successful calls")
    names = ("p50", "p90", "p99", "p99.9", "max")
    table = layout.table(
        ("region", "left"),
        ("phase", "left"),
        ("calls", "right"),
        *((name, "right") for name in names),
    )
    for row in result.latency:
        times = (row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.max_ns)
        figures_ = [figures.latency(time_ns) for time_ns in times]
        table.add_row(layout.clean(row.region), row.phase, figures.count(row.count), *figures_)
    layout.indent(console, table)


def _show_availability(rows: Sequence[Availability], console: Console) -> None:
    layout.heading(console, "Availability: share of calls that the service did not fail")
    cells = {(row.region, row.phase): figures.share(row.served, row.calls) for row in rows}
    phases = [phase for phase in PHASES if any(row.phase == phase for row in rows)]
    table = layout.table(("region", "left"), *((phase, "right") for phase in phases))
    for region in dict.fromkeys(row.region for row in rows):
        table.add_row(layout.clean(region), *(cells.get((region, phase), "-") for phase in phases))
    layout.indent(console, table)


def _show_delivery(result: RunResult, console: Console) -> None:
    layout.heading(console, "Audit records: from the call to the trail's bucket")
    if not result.delivery:
        layout.line(console, "no trail")
        return
    table = layout.table(
        ("trail", "left"),
        ("records", "right"),
        *((name, "right") for name in ("median", "p95", "p99", "max")),
    )
    for row in result.delivery:
        times = (row.median_ns, row.p95_ns, row.p99_ns, row.max_ns)
        spans = [figures.span(time_ns) if row.count else "-" for time_ns in times]
        table.add_row(layout.clean(row.trail), figures.count(row.count), *spans)
    layout.indent(console, table)


def _show_promises(verdicts: Sequence[Verdict], console: Console) -> None:
    layout.heading(console, "Promises")
    table = layout.table(("verdict", "left"), ("promise", "left"))
    for verdict in verdicts:
        when = "" if verdict.time_ns is None else f"at {figures.span(verdict.time_ns)}: "
        checks = "1 check" if verdict.checked == 1 else f"{figures.count(verdict.checked)} checks"
        word = Text(verdict.word, style=_VERDICT_STYLE[verdict.word])
        table.add_row(word, layout.clean(f"{verdict.name} ({checks})"))
        if verdict.detail:
            table.add_row("", Text(layout.clean(when + verdict.detail), style="dim"))
        # Of a promise that is not broken, the detail is already the first excuse.
        excuses = [each for each in verdict.excused if not verdict.detail.startswith(each)]
        for reason in excuses[:_EXAMPLES]:
            table.add_row("", Text(layout.clean(f"allowed: {reason}"), style="dim"))
        if len(excuses) > _EXAMPLES:
            rest = figures.count(len(excuses) - _EXAMPLES)
            table.add_row("", Text(f"... and {rest} more, allowed too", style="dim"))
    layout.indent(console, table)


def _show_footer(result: RunResult, console: Console) -> None:
    console.print()
    broken = sum(not verdict.holds for verdict in result.promises)
    if broken:
        style, verdict = "bold red", f"{broken} of {len(result.promises)} promises BROKEN."
    else:
        style, verdict = "bold green", f"No promise of {len(result.promises)} is broken."
    console.print(Text(verdict, style=style))
    layout.line(console, f"version    {result.version}")
    layout.line(console, f"seed       {result.seed}")
    layout.line(console, f"trace hash {result.trace_hash}")
    layout.command(console, "run again", result.command)

