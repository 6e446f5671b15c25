"""Keeps finished runs on disk, and finds them again: ``.nines/runs/<first digits of the hash>/``.

``report.json`` is the report of report.to_json. ``scenario.toml`` is a scenario file (files.py) of
exactly this run: topology, workloads, plan with the times written out, promises, seed, version,
and the log folder that was replayed. ``logs`` has the files that the trails delivered, if the run
was asked to keep them. ``.nines/last`` names the newest folder. Files appear whole or not at all,
but for log files; the same run is simply written again.
What does not belong here: deciding whether to keep a run, or the form of a scenario file.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from regions.faults import FAULTS
from scenarios import files, report
from scenarios.result import RunResult
from scenarios.scenario import Scenario
from sim.plan import Plan

#: Hexadecimal digits, chosen: short to type; two of some million runs would rarely share them.
PREFIX_DIGITS: Final = 12
#: The folder of a run's folder with the log files of its trails, if they were asked for.
LOGS: Final = "logs"
#: What stands for the newest run.
LAST: Final = "last"
_RUNS: Final = Path(".nines") / "runs"
_LAST: Final = Path(".nines") / "last"
_COMMENT: Final = "One run of Eleven Nines; `nines run` with the path of this folder repeats it."


class RunFolderError(ValueError):
    """A text that leads to no run folder; one line with what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    """A run that was kept."""

    folder: Path
    scenario: Scenario  #: its plan has the times that the run had
    seed: int
    result: Mapping[str, Any]  #: the JSON report
    version: str  #: that made the run
    replay: str = ""  #: the log folder that was replayed


def place_of(result: RunResult) -> Path:
    """Return where a run is kept, relative to the current folder."""
    return _RUNS / result.trace_hash[:PREFIX_DIGITS]


def save(result: RunResult, scenario: Scenario, under: Path) -> Path:
    """Write the run's folder and return its path, relative to ``under``.

    Raises:
      OSError: the folder or a file cannot be written; earlier files stay as they were.
    """
    place = place_of(result)
    folder = under / place
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "report.json", report.to_json(result) + "\n")
    write_whole(folder / "scenario.toml", describe(result, scenario))
    write_whole(under / _LAST, place.name + "\n")
    return place


def describe(result: RunResult, scenario: Scenario) -> str:
    """Return the scenario file of exactly this run."""
    plan = Plan.parse((fault.line for fault in result.faults), FAULTS)
    return files.dumps(
        replace(scenario, plan=plan),
        seed=result.seed,
        version=result.version,
        replay=result.replay.source if result.replay else "",
        comment=_COMMENT,
    )


def open_run(text: str, under: Path) -> KeptRun:
    """Return the run that a text means: a folder, the first digits of a hash, or ``last``.

    Args:
      under: the folder in which ``.nines`` lies; ``Path()`` is the current one.
    Raises:
      RunFolderError: there is no such run, or more than one.
      FileError: its scenario file is none.
    """
    folder = find(text, under)
    if folder is None:
        raise RunFolderError(
            f"no run {text!r}; expected a run folder, the first digits of its name, or {LAST!r}"
        )
    kept = files.load_file(under / folder / "scenario.toml")
    return KeptRun(
        folder=folder,
        scenario=kept.scenario,
        seed=0 if kept.seed is None else kept.seed,
        result=_report(under / folder / "report.json"),
        version=kept.version,
        replay=kept.replay,
    )


def find(text: str, under: Path) -> Path | None:
    """Return the folder of a run; None when the text leads to none.

    Raises:
      RunFolderError: digits that begin the names of several, or ``last`` before the first run.
    """
    if text == LAST:
        return _last(under)
    if (under / text / "scenario.toml").is_file():
        return Path(text)
    if not text or "/" in text or not set(text) <= set("0123456789abcdef"):
        return None
    kept = (path.parent.name for path in (under / _RUNS).glob("*/scenario.toml"))
    found = sorted(name for name in kept if name.startswith(text[:PREFIX_DIGITS]))
    if len(found) > 1:
        raise RunFolderError(f"run {text!r} is not clear; there are: {', '.join(found)}")
    return _RUNS / found[0] if found else None


def _last(under: Path) -> Path:
    try:
        name = (under / _LAST).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    if not name or not (under / _RUNS / name / "scenario.toml").is_file():
        raise RunFolderError(f"no run {LAST!r}; expected one kept in {_RUNS} by 'nines run'")
    return _RUNS / name


def _report(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"file {str(path)!r} cannot be read; expected the report of a run"
        ) from error
    if not isinstance(found, dict):
        raise RunFolderError(f"file {str(path)!r} is no JSON object; expected the report of a run")
    return found


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place, flush it, then move it there in one step.

    Raises:
      OSError: it cannot be written; an earlier file stays as it was.
    """
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
