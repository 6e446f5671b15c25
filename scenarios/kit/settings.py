"""What pytest's options and a test's marker say of its cloud.

What does not belong here: pytest's hooks (plugin.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from regions.faults import FAULTS
from regions.topology import Topology, TopologyError, default_azs
from scenarios.documents import FileError
from scenarios.judges import PromiseError, Wanted, judges
from scenarios.kit.cloud import DEFAULT_REGIONS, Cloud
from scenarios.kit.judgement import PROMISES, known
from scenarios.places import impossible
from scenarios.plans import load_plan
from sim.plan import FaultLine, PlanError
from sim.registry import PluginError

_KEYS: Final = ("seed", "plan", "regions", "topology", "home", "promises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a test's cloud is made."""

    seed: int
    plan: tuple[str, ...]
    regions: tuple[str, ...]
    topology: Topology | None
    home: str
    promises: tuple[Wanted, ...]

    def new_cloud(self, seed: int) -> Cloud:
        """Return a cloud, opened.

        Raises:
          PlanError: a line of the plan strikes nothing that is there.
        """
        return Cloud(
            seed=seed,
            regions=self.regions,
            topology=self.topology,
            plan=self.plan,
            home=self.home,
            promises=self.promises,
        )


def check_options(config: pytest.Config) -> None:
    """Refuse options that cannot be.

    Raises:
      pytest.UsageError: one line that names the option, and what was expected.
    """
    try:
        for text in config.getoption("nines_plan") or ():
            for line in _lines(text):
                FaultLine.parse(line, FAULTS)
    except (FileError, PlanError) as error:
        raise pytest.UsageError(f"--nines-plan: {error}") from error
    try:
        _promises(config.getoption("nines_promises") or "none")
    except (PluginError, PromiseError) as error:
        raise pytest.UsageError(f"--nines-promises: {error}") from error


def settings_of(item: pytest.Item) -> Settings:
    """Return what is said of a test's cloud: an option goes before the marker.

    Raises:
      pytest.UsageError: one line that names the test, and what is wrong with its marker.
    """
    said: dict[str, Any] = {}
    for mark in reversed(tuple(item.iter_markers("nines"))):
        if mark.args:
            _refuse(item, f"takes names only; expected some of {', '.join(_KEYS)}")
        for key in mark.kwargs:
            if key not in _KEYS:
                _refuse(item, f"has no {key!r}; expected some of {', '.join(_KEYS)}")
        said |= mark.kwargs
    config = item.config
    option = config.getoption
    try:
        lines = option("nines_plan") or said.get("plan", ())
        plan = tuple(line for text in _several(lines) for line in _lines(text))
        regions = tuple(_several(said.get("regions", DEFAULT_REGIONS)))
        topology = said.get("topology")
        _check(plan, topology or Topology(regions={r: default_azs(r) for r in regions}))
        return Settings(
            seed=_first(option("nines_seed"), said.get("seed"), 1),
            plan=plan,
            regions=regions,
            topology=topology,
            home=said.get("home", ""),
            promises=_promises(_first(option("nines_promises"), said.get("promises"), True)),
        )
    except (FileError, PlanError, PluginError, PromiseError, TopologyError) as error:
        _refuse(item, str(error))
        raise AssertionError("refused") from error


def opener(config: pytest.Config) -> Callable[..., Cloud]:
    """Return what opens clouds as the options say, and else as its arguments do."""
    options: dict[str, Any] = {}
    if config.getoption("nines_seed") is not None:
        options["seed"] = config.getoption("nines_seed")
    if config.getoption("nines_plan"):
        options["plan"] = [line for text in config.getoption("nines_plan") for line in _lines(text)]
    if config.getoption("nines_promises"):
        options["promises"] = _promises(config.getoption("nines_promises"))

    def new_cloud(**arguments: Any) -> Cloud:
        return Cloud(**(arguments | options))

    return new_cloud


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _several(text: str | Iterable[str]) -> Iterable[str]:
    return (text,) if isinstance(text, str) else text


def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a plan: one that is given, or those of a file."""
    if "\n" not in text and Path(text).is_file():
        regions = {name: default_azs(name) for name in DEFAULT_REGIONS}
        return tuple(str(line) for line in load_plan(Path(text), Topology(regions=regions)).lines)
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    for line in lines:
        FaultLine.parse(line, FAULTS)
    return lines


def _check(plan: tuple[str, ...], topology: Topology) -> None:
    for text in plan:
        problem = impossible(FaultLine.parse(text, FAULTS), topology)
        if problem:
            raise PlanError(f"fault line {text!r}: {problem}")


def _promises(wanted: bool | str | Iterable[Wanted]) -> tuple[Wanted, ...]:
    if isinstance(wanted, bool):
        return PROMISES if wanted else ()
    if isinstance(wanted, str):
        wanted = () if wanted == "none" else wanted.split(",")
    found = known(wanted)
    judges(found)  # Other packages' promises are tried here, before any test runs.
    return found


def _refuse(item: pytest.Item, problem: str) -> None:
    raise pytest.UsageError(f"{item.nodeid}: mark nines: {problem}")
