"""A run's outcome as a text that a person reads in a minute, and as one JSON object.

The text is plain ASCII, but for names that come from outside, and fits in 80 columns; only the
command that replays the run is never broken, so that it can be copied.
What does not belong here: measuring (stats.py) and the format of numbers (figures.py).
"""

import dataclasses
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scenarios import figures
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
    "promises": "list of name, holds, checked, detail, time_ns of the first counterexample or null",
    "replay": "null, or source, replayed, passed_through and skipped of the replayed log folder",
    "statistics": "counters of the simulator by subject",
}

#: Longest list of single events in the text; the JSON has them all. Chosen: half a screen.
_TIMELINE_ROWS: Final = 16
_EXAMPLES: Final = 3

_VERDICT_STYLE: Final = {"holds": "green", "BROKEN": "bold red", "unchecked": "yellow"}


def to_json(result: RunResult) -> str:
    """Return the run as one JSON object, indented, with the keys of JSON_KEYS in that order."""
    values = dataclasses.asdict(result) | {"holds": result.holds}
    ordered = {key: values[key] for key in JSON_KEYS}
    return json.dumps(ordered, indent=2, ensure_ascii=False)


def to_text(result: RunResult, *, width: int = 80) -> str:
    """Return the report as plain text: no colours, and no blanks at the end of a line."""
    page = io.StringIO()
    options = {"force_terminal": False, "color_system": None, **CONSOLE_OPTIONS}
    show(result, Console(file=page, width=width, **options))
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


#: Text from outside is shown as it is: never read as markup, emoji or something to highlight.
CONSOLE_OPTIONS: Final[dict[str, Any]] = {"markup": False, "emoji": False, "highlight": False}


def show(result: RunResult, console: Console) -> None:
    """Print the report; colours only where the console has them."""
    _title(console, f"{result.scenario}: {result.summary}")
    facts = f"Eleven Nines {result.version}, seed {result.seed}"
    _line(console, f"{facts}, {figures.span(result.span_ns)} of virtual time")
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
    _heading(console, "Topology")
    table = _table(("region", "left"), ("availability zones", "left"))
    for region, zones in result.topology.items():
        table.add_row(_clean(region), _clean(" ".join(zones)))
    _indent(console, table)


def _show_timeline(result: RunResult, console: Console) -> None:
    _heading(console, "What was done to it, and when")
    if not result.timeline:
        _line(console, "nothing: no fault was injected")
        return
    table = _table(("at", "right"), ("event", "left"))
    head = _TIMELINE_ROWS // 2
    entries = result.timeline
    hidden = len(entries) - _TIMELINE_ROWS
    for index, entry in enumerate(entries):
        if hidden > 0 and head <= index < head + hidden:
            if index == head:
                table.add_row("", f"... {figures.count(hidden)} more; --json lists them all")
            continue
        table.add_row(figures.span(entry.time_ns), _clean(entry.text))
    _indent(console, table)


def _show_replay(replay: ReplaySummary, console: Console) -> None:
    _heading(console, "Replayed log files")
    table = _table(("", "left"), ("events", "right"), ("which", "left"))
    table.add_row("from", "", _clean(replay.source))
    table.add_row("replayed", _total(replay.replayed), _counts(replay.replayed))
    table.add_row("passed through", _total(replay.passed_through), _counts(replay.passed_through))
    for skipped in replay.skipped:
        names = ", ".join(skipped.examples[:_EXAMPLES])
        reason = f"{skipped.reason}: {names}" if names else skipped.reason
        table.add_row("could not replay", figures.count(skipped.count), _clean(reason))
    _indent(console, table)


def _show_calls(result: RunResult, console: Console) -> None:
    _heading(console, "Calls by outcome")
    table = _table(
        ("region", "left"), ("calls", "right"), ("ok", "right"), ("other outcomes", "left")
    )
    for region, outcomes in result.calls.items():
        others = {name: number for name, number in outcomes.items() if name != OK}
        good = figures.count(outcomes.get(OK, 0))
        table.add_row(_clean(region), _total(outcomes), good, _counts(others))
    _indent(console, table)


def _show_latency(result: RunResult, console: Console) -> None:
    _heading(console, "Latency of successful calls")
    names = ("p50", "p90", "p99", "p99.9", "max")
    table = _table(
        ("region", "left"),
        ("phase", "left"),
        ("calls", "right"),
        *((name, "right") for name in names),
    )
    for row in result.latency:
        times = (row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.max_ns)
        figures_ = [figures.latency(time_ns) for time_ns in times]
        table.add_row(_clean(row.region), row.phase, figures.count(row.count), *figures_)
    _indent(console, table)


def _show_availability(rows: Sequence[Availability], console: Console) -> None:
    _heading(console, "Availability: share of calls that the service did not fail")
    cells = {(row.region, row.phase): figures.share(row.served, row.calls) for row in rows}
    phases = [phase for phase in PHASES if any(row.phase == phase for row in rows)]
    table = _table(("region", "left"), *((phase, "right") for phase in phases))
    for region in dict.fromkeys(row.region for row in rows):
        table.add_row(_clean(region), *(cells.get((region, phase), "-") for phase in phases))
    _indent(console, table)


def _show_delivery(result: RunResult, console: Console) -> None:
    _heading(console, "Audit records: from the call to the trail's bucket")
    if not result.delivery:
        _line(console, "no trail")
        return
    table = _table(
        ("trail", "left"),
        ("records", "right"),
        *((name, "right") for name in ("median", "p95", "p99", "max")),
    )
    for row in result.delivery:
        times = (row.median_ns, row.p95_ns, row.p99_ns, row.max_ns)
        spans = [figures.span(time_ns) if row.count else "-" for time_ns in times]
        table.add_row(_clean(row.trail), figures.count(row.count), *spans)
    _indent(console, table)


def _show_promises(verdicts: Sequence[Verdict], console: Console) -> None:
    _heading(console, "Promises")
    table = _table(("verdict", "left"), ("promise", "left"))
    for verdict in verdicts:
        when = "" if verdict.time_ns is None else f"at {figures.span(verdict.time_ns)}: "
        checks = "1 check" if verdict.checked == 1 else f"{figures.count(verdict.checked)} checks"
        word = Text(verdict.word, style=_VERDICT_STYLE[verdict.word])
        table.add_row(word, _clean(f"{verdict.name} ({checks})"))
        if verdict.detail:
            table.add_row("", Text(_clean(when + verdict.detail), style="dim"))
    _indent(console, table)


def _show_footer(result: RunResult, console: Console) -> None:
    console.print()
    broken = sum(not verdict.holds for verdict in result.promises)
    if broken:
        style, verdict = "bold red", f"{broken} of {len(result.promises)} promises BROKEN."
    else:
        style, verdict = "bold green", f"No promise of {len(result.promises)} is broken."
    console.print(Text(verdict, style=style))
    _line(console, f"version    {result.version}")
    _line(console, f"seed       {result.seed}")
    _line(console, f"trace hash {result.trace_hash}")
    # Soft wrapping leaves the line whole, so that it can be copied out of any terminal.
    console.print(Text(f"  run again  {_clean(result.command)}"), soft_wrap=True)


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, justify in columns:
        right = justify == "right"
        table.add_column(
            name, justify="right" if right else "left", no_wrap=right, overflow="fold"
        )
    return table


def _heading(console: Console, text: str) -> None:
    console.print()
    _title(console, text)


def _title(console: Console, text: str) -> None:
    console.print(Text(_clean(text), style="bold"))


def _line(console: Console, text: str) -> None:
    _indent(console, Text(_clean(text), overflow="fold"))


def _indent(console: Console, body: Table | Text) -> None:
    # Without expand=False, padding would fill every line with blanks up to the border.
    console.print(Padding(body, (0, 0, 0, 2), expand=False))


def _total(counts: Mapping[str, int]) -> str:
    return figures.count(sum(counts.values()))


def _counts(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return _clean(", ".join(f"{figures.count(number)} {name}" for name, number in ordered))


def _clean(text: str) -> str:
    """Return the text without control characters: log files may hold any bytes."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
