"""What ``nines durability`` adds to its report: an estimate, and a fleet's placements.

What does not belong here: the command line, the exact report (desk.py), and any figure.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios import progress
from scenarios.durability import fleet_text
from scenarios.durability.desk import DeskError, given
from scenarios.durability.estimate import shown
from scenarios.durability.estimate.clock import ClockError
from scenarios.durability.estimate.model_estimate import PATHS, Estimated, estimated
from scenarios.durability.files import Study
from scenarios.durability.fleet import Placement, placements
from scenarios.durability.fleet_plot import fleet
from scenarios.durability.model import ModelError
from scenarios.durability.pictures import PlotError, draw
from scenarios.durability.rates import RATE_SETS


def further(path: Path | None, ask: Mapping[str, Any], text: str, *, as_json: bool) -> str:
    """Return a report with what was asked for beyond it.

    A model with laws that no chain has is always estimated.

    Args:
      ask: as for desk.studied; and ``paths`` and ``fleet``, 0 if not asked for, ``workers``,
        ``fleet_plot`` (a path or None) and ``progress`` (whether to show it).
    Raises:
      DeskError: something given is wrong.
    """
    study, _ = given(path, ask, ask["rates"] or (next(iter(RATE_SETS)) if path is None else ""))
    values = json.loads(text) if as_json else {}
    parts = [] if as_json else [text]
    found = _estimated(study, ask)
    if isinstance(found, str):
        parts.append(f"\n{found}\n")
        values["estimate"] = None
    elif found is not None:
        parts.append("\n" + shown.to_text(study.model, found))
        values["estimate"] = shown.to_values(study.model, found)
    if ask["fleet"]:
        placed = _placed(study, ask)
        parts.append("\n" + fleet_text.to_text(placed, study.model.mission))
        values["fleet"] = fleet_text.to_values(placed)
    return json.dumps(values, indent=2) + "\n" if as_json else "".join(parts)


def _estimated(study: Study, ask: Mapping[str, Any]) -> Estimated | str | None:
    """Return the estimate, or why there is none though a law would need it."""
    if not ask["paths"] and not study.model.not_markov:
        return None
    try:
        with progress.counter("estimate", "paths", shown=ask["progress"]) as advance:
            return estimated(
                study.model,
                paths=ask["paths"] or PATHS,
                seed=ask["seed"],
                workers=ask["workers"],
                known=study.rates,
                advance=advance,
            )
    except (ClockError, ModelError) as error:
        if ask["paths"]:
            raise DeskError(str(error)) from error
        return f"no estimate: {error}; the figures above have fitted laws"


def _placed(study: Study, ask: Mapping[str, Any]) -> tuple[Placement, ...]:
    try:
        placed = placements(study.model, keys=ask["fleet"])
        if ask["fleet_plot"] is not None:
            draw(ask["fleet_plot"], fleet, placed)
    except (ModelError, PlotError) as error:
        raise DeskError(str(error)) from error
    return placed
