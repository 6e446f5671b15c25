"""Runs one drawn world and says what came of it, as plain values that another process can take.

What does not belong here: which seeds are run, and what is made of the answers (swarm.py).
"""

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

#: A drawn world that runs longer than this hangs; chosen, sixty times what it takes.
PATIENCE_S: Final = 120

HOLDS, BROKEN, ERROR, HANG = "holds", "broken", "error", "hang"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One seed of a campaign."""

    seed: int
    focus: str = ""  #: FAULT@PLACE that the plan begins with
    beyond: bool = False  #: more faults at once than must be survivable
    scenario: str = ""  #: a scenario file's text to run as it is; "" draws a world
    promises: tuple[str, ...] = ()  #: what is judged beside the usual
    workloads: tuple[str, ...] = ()  #: who calls beside the usual callers
    faults: tuple[str, ...] = ()  #: what comes up often in drawn plans

    @property
    def key(self) -> str:
        """What tells this task from others of a campaign."""
        return f"{self.seed}{'+' if self.beyond else ''}{' ' + self.focus if self.focus else ''}"

    @classmethod
    def from_json(cls, values: Any) -> "Task":
        """Read what ``asdict`` and JSON made of a task, whoever wrote it.

        Raises:
          TypeError, ValueError: it is none.
        """
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in dict(values).items()
        }
        task = cls(**plain)
        for each in fields(cls):
            value = getattr(task, each.name)
            if type(value) is not (each.type if isinstance(each.type, type) else tuple):
                wanted = getattr(each.type, "__name__", each.type)
                raise ValueError(f"{each.name} is {value!r}, expected {wanted}")
        return task


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one seed came to."""

    task: Task
    verdict: str  #: HOLDS, BROKEN, ERROR or HANG
    broken: tuple[str, ...] = ()  #: promises that are broken
    detail: str = ""  #: the first counterexample, or the error
    trace_hash: str = ""
    met: tuple[tuple[str, str, str], ...] = ()  #: (fault, role, phase) that came up
    probes: tuple[str, ...] = ()
    folder: str = ""  #: what `nines run` takes to see it again; "" when nothing is wrong
    wall_s: float = 0.0
    calls: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.verdict == HOLDS

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Outcome":
        """Read what to_json gave."""
        rest = {name: value for name, value in values.items() if name != "task"}
        for name in ("broken", "probes"):
            rest[name] = tuple(rest[name])
        rest["met"] = tuple((met[0], met[1], met[2]) for met in rest["met"])
        return cls(task=Task.from_json(values["task"]), **rest)


class Hang(BaseException):
    """A world took far too long; no handler of ours may swallow it."""


@contextmanager
def watchdog(patience_s: int) -> Iterator[None]:
    """Raise Hang when the block takes longer than so many seconds of wall time."""

    def bark(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, bark)
    signal.alarm(patience_s)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@dataclass
class _Found:
    """What is known when a run ends early."""

    scenario: Any = None
    result: Any = None
    error: str = ""
    verdict: str = ERROR
    calls: int = field(default=0)


def run_task(task: Task, under: str, *, patience_s: int | None = None) -> Outcome:
    """Run one seed; what is wrong is kept in a folder under ``under``.

    Args:
      patience_s: a run that takes longer counts as one that hangs; by default PATIENCE_S.
    """
    from scenarios.coverage import Coverage  # noqa: PLC0415 - a worker imports when it works

    coverage, found, since = Coverage(), _Found(), time.perf_counter()
    patience_s = patience_s or PATIENCE_S
    try:
        with watchdog(patience_s):
            _run(task, coverage, found)
    except Hang:
        found.verdict, found.error = HANG, f"no end after {patience_s} s of wall time"
    except Exception as error:  # noqa: BLE001 - any error of a drawn world is a finding
        found.error = _one_line(error)
    broken, detail, trace_hash = (), found.error, ""
    if found.result is not None:
        bad = [verdict for verdict in found.result.promises if not verdict.holds]
        broken = tuple(verdict.name for verdict in bad)
        detail = bad[0].detail if bad else ""
        trace_hash = found.result.trace_hash
        found.verdict = BROKEN if bad else HOLDS
    folder = "" if found.verdict == HOLDS else _keep(task, found, Path(under))
    return Outcome(
        task=task,
        verdict=found.verdict,
        broken=broken,
        detail=detail,
        trace_hash=trace_hash,
        met=tuple(coverage.met),
        probes=tuple(coverage.probes),
        folder=folder,
        wall_s=round(time.perf_counter() - since, 3),
        calls=found.calls,
    )


def scenario_of(task: Task) -> Any:
    """Return the scenario that a task stands for: drawn from its seed, or as given."""
    from dataclasses import replace  # noqa: PLC0415 - the same

    from scenarios import extras  # noqa: PLC0415 - the same
    from scenarios.drawer import Focus, draw_scenario, draw_schedule  # noqa: PLC0415 - the same
    from scenarios.files import loads  # noqa: PLC0415 - the same
    from sim.choices import drawn  # noqa: PLC0415 - the same
    from sim.rng import stream  # noqa: PLC0415 - the same

    if task.scenario:
        return extras.with_extras(loads(task.scenario, "swarm"), task.promises, task.workloads)
    choices = drawn(stream(task.seed, "drawer"), keep=False)
    portfolio = extras.portfolio_with(task.faults)
    scenario = draw_scenario(
        choices,
        beyond=task.beyond,
        focus=Focus.parse(task.focus, portfolio) if task.focus else None,
        name=f"drawn-{task.seed}",
        portfolio=portfolio,
    )
    scenario = replace(scenario, schedule=draw_schedule(choices, scenario.topology))
    return extras.with_extras(scenario, task.promises, task.workloads)


def _run(task: Task, coverage: Any, found: _Found) -> None:
    from scenarios.run import run  # noqa: PLC0415 - the same

    found.scenario = scenario_of(task)
    found.result = run(found.scenario, seed=task.seed, observers=[coverage])
    found.calls = sum(sum(counts.values()) for counts in found.result.calls.values())


def _keep(task: Task, found: _Found, under: Path) -> str:
    """Keep what shows the trouble again; return what `nines run` takes."""
    from scenarios import run_folder  # noqa: PLC0415 - the same
    from scenarios.files import dumps  # noqa: PLC0415 - the same

    if found.result is not None:
        return str(run_folder.save(found.result, found.scenario, under))
    if found.scenario is None:
        return ""
    place = Path(".nines") / "swarm" / "errors"
    (under / place).mkdir(parents=True, exist_ok=True)
    name = task.key.replace(" ", "-").replace("@", "-").replace("+", "-beyond")
    path = place / f"{name}.toml"
    (under / path).write_text(dumps(found.scenario, seed=task.seed), encoding="utf-8")
    return str(path)


def _one_line(error: Exception) -> str:
    """Return an error as one line: what it says, its notes, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    notes = "; ".join(getattr(error, "__notes__", ()))
    text = f"{type(error).__name__}: {error}{where}" + (f"; {notes}" if notes else "")
    return " ".join(text.split())[:600]
