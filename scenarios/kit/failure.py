"""What a failed test says of its cloud: seed, plan, promises, how to have it again, a picture.

What does not belong here: pytest's hooks (plugin.py), and how the picture is drawn
(scenarios/html_report.py).
"""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from scenarios.html_report import page
from scenarios.kit.cloud import Cloud
from scenarios.kit.faults import shown
from scenarios.kit.outcome import result_of
from scenarios.kit.settings import Settings
from sim.world import SimWorld

_FOLDER: Final = Path(".nines") / "reports"
#: Of a test's name, what stays in the name of a file.
_KEPT: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME_MAX: Final = 120


def describe(item: pytest.Item, made: Cloud | SimWorld, settings: Settings) -> str:
    """Return the lines that follow a failed test; the report is written before they say where."""
    command = replay_command(item, made.seed, settings)
    lines = [f"seed: {made.seed}"]
    if isinstance(made, SimWorld):
        return "\n".join([*lines, f"trace hash: {made.trace.hash}", f"replay: {command}"])
    lines += [f"plan: {line}" for line in settings.plan]
    planned = len(settings.plan)
    lines += [f"fault of the test: {shown(fault.line)}" for fault in made.faults.all[planned:]]
    lines += [f"virtual time: {made.now:%Y-%m-%d %H:%M:%S} UTC", f"trace hash: {made.trace_hash}"]
    lines += _verdicts(made)
    lines.append(_picture(item, made, command))
    return "\n".join([*lines, f"replay: {command}"])


def _verdicts(made: Cloud) -> list[str]:
    """Judge the promises, for a broken one may be the cause, and say which are not kept."""
    try:
        verdicts = made.check()
    except Exception as error:  # noqa: BLE001 - the test has failed, and that is what matters
        return [f"promises: not judged: {type(error).__name__}: {str(error).partition(chr(10))[0]}"]
    told = [f"promise {v.name}: {v.word}: {v.detail}" for v in verdicts if v.word == "BROKEN"]
    return told or [f"promises: none of {len(verdicts)} is broken"]


def replay_command(item: pytest.Item, seed: int, settings: Settings) -> str:
    """Return the shell line that runs this test again with the same seed and plan."""
    node = item.nodeid
    for mark, kept in ((f"[seed{seed}]", ""), (f"[seed{seed}-", "["), (f"-seed{seed}]", "]")):
        node = node.replace(mark, kept)
    words = ["pytest", node, "--nines-seed", str(seed)]
    for line in settings.plan:
        words += ["--nines-plan", line]
    return shlex.join(words)


def _picture(item: pytest.Item, made: Cloud, command: str) -> str:
    """Draw what happened as a page of HTML, and say where it is."""
    config = item.config
    chosen = config.getoption("nines_report")
    folder = Path(chosen) if chosen else config.rootpath / _FOLDER
    name = _KEPT.sub("-", item.nodeid)[-_NAME_MAX:].strip("-")
    path = folder / f"{name}-seed{made.seed}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        result = result_of(made, item.nodeid, command)
        path.write_text(page(result, made.recording), encoding="utf-8")
    except OSError as error:
        return f"report: {path} cannot be written: {error.strerror or error}"
    return f"report: {path}"
