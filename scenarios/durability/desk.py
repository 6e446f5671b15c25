"""What ``nines durability`` does: from what was asked to a text, a picture and a file.

What does not belong here: the command line (commands/durability.py), and any figure.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from scenarios.durability.files import DEFAULT, FileError, Study, load, loads
from scenarios.durability.model import ModelError
from scenarios.durability.pictures import PICTURES, PlotError, draw
from scenarios.durability.rates import RATE_SETS
from scenarios.durability.reading import years_of
from scenarios.durability.report import sweep_text, to_csv, to_json, to_text
from scenarios.durability.study import Findings, study
from scenarios.durability.sweep import Axis, Point, SweepError, parse_axis, sweep
from sim.plan import PlanError

#: More axes than this are no table any more.
_AXES_MAX: Final = 3


class DeskError(ValueError):
    """Something that was asked for cannot be had; one line that says why."""


def studied(path: Path | None, ask: Mapping[str, Any], *, plot: Path | None, as_json: bool) -> str:
    """Return the report of a model, or of the default one under all sets of rates.

    Args:
      path: a model file; None: the default model.
      ask: ``mission`` and ``rates`` as texts or None; ``samples``, ``seed``, ``keys`` and
        ``copysets`` as numbers.
    Raises:
      DeskError: something given is wrong.
    """
    sets = tuple(RATE_SETS) if path is None and ask["rates"] is None else (ask["rates"] or "",)
    found: list[Findings] = []
    for name in sets:
        got, used = given(path, ask, name)
        try:
            found.append(study(got, used, samples=ask["samples"], seed=ask["seed"]))
        except ModelError as error:
            raise DeskError(str(error)) from error
    if plot is not None:
        _drawn(plot, "overview", found)
    keys, copysets = ask["keys"], ask["copysets"]
    if copysets > max(keys, 1):
        raise DeskError(f"{copysets} copysets for {keys} keys: expected at most as many as keys")
    return to_json(found, keys, copysets) + "\n" if as_json else to_text(found, keys, copysets)


def swept(
    path: Path | None,
    ask: Mapping[str, Any],
    texts: Sequence[str],
    *,
    jobs: int,
    plot: Path | None,
    csv_path: Path | None,
    as_json: bool,
) -> str:
    """Return a sweep of a model as a table, or as JSON.

    Raises:
      DeskError: something given is wrong.
    """
    if len(texts) > _AXES_MAX:
        raise DeskError(f"{len(texts)} sweeps: expected at most {_AXES_MAX}")
    got, _ = given(path, ask, ask["rates"] or "")
    try:
        axes = [parse_axis(text) for text in texts]
        names = [axis.name for axis in axes]
        for name in names:
            if names.count(name) > 1:
                raise DeskError(f"sweep {name!r} is given twice; expected different knobs")
        points = sweep(got.model, axes, jobs=jobs)
    except (SweepError, ModelError) as error:
        raise DeskError(str(error)) from error
    if csv_path is not None:
        try:
            csv_path.write_text(to_csv(axes, points), encoding="utf-8")
        except OSError as error:
            raise DeskError(
                f"file {str(csv_path)!r} cannot be written: {error.strerror}"
            ) from error
    if plot is not None:
        _drawn(plot, "sweep", got.model, axes, points)
    return _sweep_json(axes, points) if as_json else sweep_text(axes, points, got.model.name)


def given(path: Path | None, ask: Mapping[str, Any], rates: str) -> tuple[Study, str]:
    """Return the model with its rates, and the name of their set."""
    if rates and rates not in RATE_SETS:
        raise DeskError(f"no rates {rates!r}; there are: {', '.join(RATE_SETS)}")
    try:
        given = load(path, rates) if path else loads(DEFAULT, source="default.toml", rates=rates)
    except FileError as error:
        raise DeskError(str(error)) from error
    if ask["mission"] is not None:
        try:
            mission = years_of(ask["mission"])
            given = replace(given, model=replace(given.model, mission=mission))
        except (PlanError, ModelError) as error:
            raise DeskError(f"--mission {ask['mission']!r}: {error}") from error
    return given, rates or given.set_name


def _drawn(path: Path, name: str, *what: Any) -> None:
    try:
        draw(path, PICTURES[name], *what)
    except PlotError as error:
        raise DeskError(str(error)) from error


def _sweep_json(axes: Sequence[Axis], points: Sequence[Point]) -> str:
    values = {
        "axes": [{"name": axis.name, "kind": axis.knob.kind} for axis in axes],
        "points": [
            {
                "setting": list(point.setting),
                "probability": point.probability,
                "states": point.states,
            }
            for point in points
        ],
    }
    return json.dumps(values, indent=2) + "\n"
