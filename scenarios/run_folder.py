"""Keeps a finished run on disk: ``.nines/runs/<first digits of the trace hash>/``.

``report.json`` is the report of report.to_json; ``scenario.toml`` names what was run and carries
the fault plan, one ``[[fault]]`` a line. Files appear whole or not at all; the same run is simply
written again.
What does not belong here: reading them back (later commands), or deciding whether to keep a run.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Final

from scenarios import report
from scenarios.result import RunResult

#: Hexadecimal digits, chosen: short to type; two of some million runs would rarely share them.
PREFIX_DIGITS: Final = 12


def save(result: RunResult, under: Path) -> Path:
    """Write the run's folder and return its path, relative to ``under``.

    Raises:
      OSError: the folder or a file cannot be written; earlier files stay as they were.
    """
    place = Path(".nines") / "runs" / result.trace_hash[:PREFIX_DIGITS]
    folder = under / place
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / "report.json", report.to_json(result) + "\n")
    _replace(folder / "scenario.toml", describe(result))
    return place


def describe(result: RunResult) -> str:
    """Return the TOML description of what was run."""
    lines = [
        "# One run of Eleven Nines. `command` runs exactly this again.",
        f"scenario = {_quote(result.scenario)}",
        f"summary = {_quote(result.summary)}",
        f"seed = {result.seed}",
        f"version = {_quote(result.version)}",
        f"trace_hash = {_quote(result.trace_hash)}",
        f"span_ns = {result.span_ns}",
        f"command = {_quote(result.command)}",
        "",
        "[topology]",
    ]
    for region, zones in result.topology.items():
        lines.append(f"{_quote(region)} = [{', '.join(map(_quote, zones))}]")
    for plan_line in result.plan:
        lines += ["", "[[fault]]", f"plan = {_quote(plan_line)}"]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    # A JSON string is a TOML basic string, once DEL is escaped and no surrogate pairs are written.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(path: Path, text: str) -> None:
    """Write a file beside its place, flush it, then move it there in one step."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner reads; a report is an ordinary file.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
