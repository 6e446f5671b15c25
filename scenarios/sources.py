"""Finds the scenario that a command's argument means, and changes its plan as options say.

An argument is a name of the catalogue, a scenario file, or a kept run: its folder, the first
digits of its hash, or ``last``.
What does not belong here: the form of files (files.py) and of run folders (run_folder.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from scenarios import files, plans, run_folder
from scenarios.judges import PromiseError, with_more
from scenarios.places import unheld
from scenarios.scenario import Scenario
from sim.plan import Plan, PlanError
from sim.registry import Registry
from sim.schedule import parse_schedule


class SourceError(ValueError):
    """An argument that leads to no scenario, or a plan that cannot be; one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an argument means."""

    scenario: Scenario
    word: str  #: leads to the same again: a name or a path, never ``last``
    seed: int | None = None  #: what the file or run says
    replay: str = ""  #: the log folder of a kept run
    version: str = ""  #: that wrote the file, where it says so


def find(
    text: str, scenarios: Mapping[str, Scenario], under: Path, *, replayed: bool = False
) -> Found:
    """Return the scenario that a text means.

    Args:
      scenarios: the catalogue.
      under: the current folder, such as ``Path()``.
      replayed: a log will say how long the run lasts, so times of the plan are not checked.
    Raises:
      SourceError: it leads to nothing; the text says what was expected.
    """
    if text in scenarios:
        return Found(scenario=scenarios[text], word=text)
    try:
        folder = run_folder.find(text, under)
        if folder is not None:
            kept = files.load_file(under / folder / "scenario.toml", replayed=replayed)
            return _found(kept, str(folder))
        path = Path(text)
        if path.suffix == ".toml" or path.is_file():
            return _found(files.load_file(path, replayed=replayed), text)
    except (files.FileError, run_folder.RunFolderError) as error:
        raise SourceError(str(error)) from error
    near = get_close_matches(text, scenarios, n=1)
    if near:
        raise SourceError(f"unknown scenario {text!r}; did you mean {near[0]!r}?")
    if isinstance(scenarios, Registry) and scenarios.broken():
        raise SourceError(f"unknown scenario {text!r}; {scenarios.broken()[0]}")
    known = ", ".join(sorted(scenarios))
    raise SourceError(
        f"unknown scenario {text!r}; expected a scenario file, a kept run or one of {known}"
    )


def _found(kept: files.ScenarioFile, word: str) -> Found:
    return Found(
        scenario=kept.scenario,
        word=word,
        seed=kept.seed,
        replay=kept.replay,
        version=kept.version,
    )


def with_plan(
    scenario: Scenario, plan: Path | None, more: Sequence[str], *, replayed: bool = False
) -> Scenario:
    """Return a scenario with the plan of a file instead of its own, and with further lines.

    Args:
      replayed: a log will say how long the run lasts, so times of the file are not checked.
    Raises:
      SourceError: a file or line is no plan, names a place that the topology lacks, or comes when
        all is over.
    """
    lines = scenario.plan.lines
    span_ns = None if replayed else scenario.length_ns
    try:
        if plan is not None:
            lines = plans.load_plan(plan, scenario.topology, span_ns).lines
        launched = (*plans.regions_of(map(str, lines)), *plans.regions_of(more))
        added = tuple(plans.plan_line(line, scenario.topology, launched) for line in more)
    except (files.FileError, PlanError) as error:
        raise SourceError(str(error)) from error
    return replace(scenario, plan=Plan(lines + added))


def with_promises(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """Return a scenario that is held to further promises, too.

    Raises:
      SourceError: one does not exist.
    """
    try:
        return replace(scenario, promises=with_more(scenario.promises, names))
    except PromiseError as error:
        raise SourceError(str(error)) from error


def with_schedule(scenario: Scenario, schedule: str | None) -> Scenario:
    """Return a scenario with another schedule; None leaves it as it is.

    Raises:
      SourceError: the text names none, or holds back who is not there.
    """
    if schedule is None:
        return scenario
    try:
        parse_schedule(schedule)
    except ValueError as error:
        raise SourceError(str(error)) from error
    problem = unheld(schedule, scenario.topology)
    if problem:
        raise SourceError(problem)
    return replace(scenario, schedule=schedule)


def without(scenario: Scenario, numbers: Sequence[int]) -> Scenario:
    """Return a scenario without some faults of its plan, counted from one.

    Raises:
      SourceError: the plan has no such fault.
    """
    lines = scenario.plan.lines
    for number in numbers:
        if not 1 <= number <= len(lines):
            raise SourceError(f"no fault {number} in the plan, which has {len(lines)}")
    kept = (line for number, line in enumerate(lines, start=1) if number not in numbers)
    return replace(scenario, plan=Plan(tuple(kept)))
