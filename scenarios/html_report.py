"""Writes one run as a page that opens anywhere: one file, no network, drawn by its own script.

The script and the styles lie in html/ and are put into the page, with the data of picture.py as
JSON; the tables stand in the HTML itself, so that they are there without the script. The same
result gives the same bytes.
What does not belong here: what is drawn (picture.py) and how (html/draw.js, html/page.js).
Source: Okabe and Ito, "Color Universal Design" (2008), for the colours; W3C, "Accessible Rich
Internet Applications 1.2", role ``button``.
"""

import json
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any, Final

from scenarios import figures
from scenarios.arena import Arena
from scenarios.picture import picture
from scenarios.recording import Recording
from scenarios.result import OK, PHASES, RunResult, Verdict

#: How many events of the run's own timeline the table shows; chosen: the lanes have them all.
_TIMELINE_ROWS: Final = 60
_FAULT_LOOKS: Final = 4  #: as in html/draw.js

_LEGEND: Final = (
    ('<rect class="c0" width="22" height="12"/>', "call answered"),
    ('<rect class="c1" width="22" height="12"/>', "refused, by the caller's own fault"),
    ('<rect class="c2" width="22" height="12"/>', "failed by the service"),
    ('<rect class="c3" width="22" height="12"/>', "timed out"),
    ('<rect class="downs" x="1" y="1" width="20" height="10"/>', "without power"),
    ('<rect class="pauseds" x="1" y="1" width="20" height="10"/>', "stopped"),
    ('<rect class="outs" x="1" y="1" width="20" height="10"/>', "out of rotation"),
    ('<rect class="leadss" y="4" width="22" height="5"/>', "leads the key log"),
    ('<path class="sign" d="M11,0 L13,4 L18,4 L14,7 L16,12 L11,9 L6,12 L8,7 L4,4 L9,4 Z"/>',
     "new leader"),
    (('<path class="range" d="M11,1 V11"/><path class="tail" d="M7,1.5 H15"/>'
      '<circle class="middle" cx="11" cy="10" r="2"/>'), "latency: median, 99th percentile"),
    (('<rect class="delay" width="22" height="12"/><rect class="delay median" y="5" width="22" '
      'height="7"/>'), "audit: half of the records within, all within"),
    ('<rect class="lostbar" y="4" width="22" height="8"/>', "lost on the way"),
    ('<path class="sign other" d="M6,6 L11,1 L16,6 L11,11 Z"/>', "died, repaired, ill"),
)  # fmt: skip


class HtmlReport:
    """An observer that writes the page of a run."""

    def __init__(self) -> None:
        self._recording = Recording()

    def attach(self, arena: Arena) -> None:
        """Watch what the page shows."""
        self._recording.attach(arena)

    def write(self, result: RunResult, path: Path) -> None:
        """Write the page.

        Raises:
          OSError: the file cannot be written.
        """
        path.write_text(page(result, self._recording), encoding="utf-8")


def page(result: RunResult, recording: Recording) -> str:
    """Return the whole page."""
    drawn = picture(result, recording)
    parts = [
        _head(result),
        _plan(result, drawn),
        _promises(result.promises),
        _stage(),
        '<div class="tables">',
        *_tables(result),
        "</div>",
        _footer(result),
    ]
    title = escape(f"{result.scenario}, seed {result.seed} - Eleven Nines")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>\n{_part('page.css')}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(parts)
        + f'\n</main>\n<script type="application/json" id="run">{_json(drawn)}</script>\n'
        f"<script>\n{_part('draw.js')}{_part('page.js')}</script>\n</body>\n</html>\n"
    )


def _part(name: str) -> str:
    return resources.files("scenarios").joinpath("html", name).read_text(encoding="utf-8")


def _json(values: Any) -> str:
    """Return JSON that may stand inside a script element, whatever names it holds."""
    text = json.dumps(values, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def _head(result: RunResult) -> str:
    broken = sum(verdict.word == "BROKEN" for verdict in result.promises)
    total = len(result.promises)
    words = {name: sum(v.word == name for v in result.promises) for name in _WORDS}
    words = {"hold" if word == "holds" and n > 1 else word: n for word, n in words.items()}
    counts = ", ".join(f"{number} {word}" for word, number in words.items() if number)
    said = f"{broken} of {total} promises BROKEN" if broken else "No promise is broken"
    facts = (
        ("seed", str(result.seed)),
        ("virtual time", figures.span(result.span_ns)),
        ("regions", str(len(result.topology))),
        ("version", result.version),
        ("trace hash", result.trace_hash),
    )
    rows = "".join(
        f"<div><dt>{name}</dt><dd><code>{escape(value)}</code></dd></div>" for name, value in facts
    )
    return (
        f'<header class="top"><div class="what"><h1>{escape(result.scenario)}</h1>'
        f'<p class="summary">{escape(result.summary)}</p></div>'
        f'<p class="verdict{" broken" if broken else ""}">{said}<small>{counts}</small></p>'
        f'</header>\n<dl class="facts">{rows}</dl>'
    )


_WORDS: Final = ("holds", "BROKEN", "allowed", "unchecked")


def _plan(result: RunResult, drawn: dict[str, Any]) -> str:
    heading = '<section id="plan"><h2>What was done to it</h2>'
    if not result.faults:
        return f'{heading}<p class="soft">Nothing: no fault was injected.</p></section>'
    indices = {fault["number"]: index for index, fault in enumerate(drawn["faults"])}
    cards = []
    for number, fault in enumerate(result.faults, start=1):
        index = indices.get(number)
        look = "" if index is None else _swatch(index)
        when = f"{figures.span(fault.begin_ns)} – {figures.span(fault.end_ns)}"
        body = (
            f"{look}<span><code>{number}. {escape(fault.line)}</code>"
            f'<span class="soft">{when}</span></span>'
        )
        tag = "div" if index is None else "button"
        go = ' class="card still"' if index is None else f' class="card" data-go="fault/{index}"'
        cards.append(f"<li><{tag}{go}>{body}</{tag}></li>")
    return f'{heading}<ul class="cards plan">{"".join(cards)}</ul></section>'


def _swatch(index: int) -> str:
    look = index % _FAULT_LOOKS
    style = f"fill:url(#p-fault-{look});stroke:var(--fault-{look});stroke-width:2"
    return (
        '<svg class="swatch" viewBox="0 0 30 22" aria-hidden="true">'
        f'<rect x="1" y="1" width="28" height="20" rx="3" style="{style}"/></svg>'
    )


def _promises(verdicts: Sequence[Verdict]) -> str:
    cards = "".join(
        f'<li><button class="card" data-pin="{escape(v.name)}" data-index="0"><span>'
        f'<span class="word {v.word}">{v.word}</span> {escape(v.name)}'
        f'<span class="soft">{escape(_when(v) + v.detail)}</span></span></button></li>'
        for v in sorted(verdicts, key=lambda v: v.word != "BROKEN")
    )
    return (
        f'<section id="promises"><h2>Promises</h2><ul class="cards verdicts">{cards}</ul></section>'
    )


def _when(verdict: Verdict) -> str:
    return "" if verdict.time_ns is None else f"at {figures.span(verdict.time_ns)}: "


def _stage() -> str:
    buttons = (
        ("left", "←", "earlier"),
        ("right", "→", "later"),
        ("in", "+", "zoom in"),
        ("out", "−", "zoom out"),
        ("fit", "all", "the whole run"),
    )
    zoom = "".join(
        f'<button data-act="{act}" aria-label="{name}" title="{name}">{sign}</button>'
        for act, sign, name in buttons
    )
    legend = "".join(
        f'<li><svg viewBox="0 0 22 12" aria-hidden="true">{sign}</svg>{text}</li>'
        for sign, text in _LEGEND
    )
    return (
        '<section id="timeline"><div class="bar"><h2>What happened</h2>'
        f'<div class="zoom" role="group" aria-label="time">{zoom}</div>'
        '<span class="hint">drag or shift + wheel to move, ctrl + wheel to zoom; '
        "keys: arrows, + and −, 0, Enter</span></div>"
        '<noscript><p class="soft">The picture is drawn by a script of this page; the tables '
        "below are not.</p></noscript>"
        '<div class="stage"><div class="plot"><svg class="axis" aria-hidden="true"></svg>'
        '<svg class="chart" role="group" aria-label="lanes of the run"></svg></div>'
        '<aside class="panel" aria-live="polite" hidden></aside></div>'
        f'<ul class="legend">{legend}</ul></section>'
    )


# Tables.


def _tables(result: RunResult) -> list[str]:
    sections = [_calls(result), _availability(result), _latency(result), _delivery(result)]
    if result.replay is not None:
        sections.append(_replay(result))
    return [*sections, _timeline(result)]


def _table(heading: str, columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> str:
    """Return a section; a column is (name, whether it holds numbers)."""
    kinds = ['<{0} class="n">' if numbers else "<{0}>" for _, numbers in columns]

    def line(cell: str, values: Iterable[str]) -> str:
        cells = zip(kinds, values, strict=True)
        joined = "".join(f"{kind.format(cell)}{escape(v)}</{cell}>" for kind, v in cells)
        return f"<tr>{joined}</tr>"

    body = "".join(line("td", row) for row in rows)
    head = line("th", [name for name, _ in columns])
    if not body:
        return f'<section><h2>{heading}</h2><p class="soft">none</p></section>'
    return (
        f'<section><h2>{heading}</h2><div class="wide"><table><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _calls(result: RunResult) -> str:
    rows = []
    for region, outcomes in result.calls.items():
        others = sorted(
            ((name, n) for name, n in outcomes.items() if name != OK), key=lambda i: (-i[1], i[0])
        )
        rest = ", ".join(f"{figures.count(n)} {name}" for name, n in others)
        total = figures.count(sum(outcomes.values()))
        rows.append((region, total, figures.count(outcomes.get(OK, 0)), rest))
    columns = (("region", False), ("calls", True), ("ok", True), ("other outcomes", False))
    return _table("Calls by outcome", columns, rows)


def _availability(result: RunResult) -> str:
    phases = [phase for phase in PHASES if any(r.phase == phase for r in result.availability)]
    cells = {
        (row.region, row.phase): figures.share(row.served, row.calls) for row in result.availability
    }
    regions = dict.fromkeys(row.region for row in result.availability)
    rows = [(region, *(cells.get((region, phase), "-") for phase in phases)) for region in regions]
    columns = (("region", False), *((phase, True) for phase in phases))
    return _table("Availability: calls that the service did not fail", columns, rows)


def _latency(result: RunResult) -> str:
    columns = (
        ("region", False),
        ("phase", False),
        ("calls", True),
        *((name, True) for name in ("p50", "p90", "p99", "p99.9", "max")),
    )
    rows = [
        (
            row.region,
            row.phase,
            figures.count(row.count),
            *map(figures.latency, (row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.max_ns)),
        )
        for row in result.latency
    ]
    return _table("Latency of successful calls", columns, rows)


def _delivery(result: RunResult) -> str:
    columns = (
        ("trail", False),
        ("records", True),
        *((name, True) for name in ("median", "p95", "p99", "max")),
    )
    rows = []
    for row in result.delivery:
        times = (row.median_ns, row.p95_ns, row.p99_ns, row.max_ns)
        spans = [figures.span(time_ns) if row.count else "-" for time_ns in times]
        rows.append((row.trail, figures.count(row.count), *spans))
    return _table("Audit records: from the call to the trail's bucket", columns, rows)


def _replay(result: RunResult) -> str:
    assert result.replay is not None
    replay = result.replay
    groups = (("replayed", replay.replayed), ("passed through", replay.passed_through))
    rows = [
        (what, name, figures.count(number))
        for what, counts in groups
        for name, number in counts.items()
    ]
    for skipped in replay.skipped:
        names = ", ".join(skipped.examples)
        reason = f"{skipped.reason}: {names}" if names else skipped.reason
        rows.append(("left out", reason, figures.count(skipped.count)))
    columns = (("events", False), ("of", False), ("count", True))
    return _table(f"Replayed from {escape(replay.source)}", columns, rows)


def _timeline(result: RunResult) -> str:
    shown = result.timeline[:_TIMELINE_ROWS]
    rows = [(figures.span(entry.time_ns), entry.text) for entry in shown]
    if len(result.timeline) > len(shown):
        rows.append(("", f"... and {len(result.timeline) - len(shown)} more"))
    return _table("Events", (("at", True), ("event", False)), rows)


def _footer(result: RunResult) -> str:
    return (
        f"<footer><p>Run again: <code>{escape(result.command)}</code></p>"
        f"<p>Eleven Nines {escape(result.version)}. Times are virtual, from the start of the run. "
        "Equal trace hashes mean equal runs.</p></footer>"
    )
