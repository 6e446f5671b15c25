"""What ``nines durability --simulate`` does: from what was asked to a text.

What does not belong here: the command line (commands/durability.py), and any figure.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenarios import progress
from scenarios.durability.crosscheck import shown
from scenarios.durability.crosscheck.acceleration import accelerated, factors_of
from scenarios.durability.crosscheck.compare import compared, predicted
from scenarios.durability.crosscheck.lives import live_all
from scenarios.durability.crosscheck.mapping import check
from scenarios.durability.desk import DeskError, given
from scenarios.durability.model import ModelError
from scenarios.durability.rates import RATE_SETS
from scenarios.durability.reading import years_of
from sim.plan import PlanError


def simulated(path: Path | None, ask: Mapping[str, Any], *, as_json: bool) -> str:
    """Return a model beside the real actors.

    Args:
      ask: as for desk.studied; and ``accelerate`` (texts), ``for`` (a text), ``losses``,
        ``workers`` and ``progress``.
    Raises:
      DeskError: something given is wrong, or the actors do not play it.
    """
    study, _ = given(path, ask, ask["rates"] or ("" if path is not None else next(iter(RATE_SETS))))
    try:
        years = years_of(ask["for"])
    except (PlanError, ValueError) as error:
        raise DeskError(f"--for {ask['for']!r}: {error}") from error
    try:
        factors = factors_of(ask["accelerate"], study.model)
        model = accelerated(study.model, factors)
        check(model)
        prediction = predicted(model)
    except ModelError as error:
        raise DeskError(str(error)) from error
    with progress.counter("simulate", "losses", shown=ask["progress"]) as advance:
        lived = live_all(
            model,
            losses=ask["losses"],
            years=years,
            seed=ask["seed"],
            jobs=ask["workers"],
            advance=advance,
        )
    found = compared(prediction, lived)
    if as_json:
        return json.dumps(shown.to_values(model, factors, found, ask["seed"]), indent=2) + "\n"
    return shown.to_text(model, factors, found, ask["seed"])


def mapped(*, as_json: bool) -> str:
    """Return the table of rates and faults."""
    return json.dumps(shown.map_values(), indent=2) + "\n" if as_json else shown.map_text()
