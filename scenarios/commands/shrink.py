"""``nines shrink``: the smallest plan and workload that still break the same promise.

What does not belong here: the steps (scenarios/shrink.py).
"""

import json
import sys
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    PROMISES_HOLD,
    InputError,
    Integer,
    Load,
    Seed,
    complain,
    found_by,
    write,
)


class Tries(Integer):
    """How many runs shrinking may make."""

    name, lowest, highest = "tries", 1, 1_000_000


@click.command("shrink", short_help="Find the smallest run that breaks the same promise.")
@click.argument("run", metavar="RUN")
@click.option("--promise", metavar="NAME", help="By default the first that RUN breaks.")
@click.option("--seed", type=Seed(), metavar="N", help="By default the seed of the kept run.")
@click.option("--tries", type=Tries(), default=400, show_default=True, metavar="N",
              help="How many runs may be made.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.pass_obj
def command(
    load: Load,
    run: str,
    promise: str | None,
    seed: int | None,
    tries: int,
    as_json: bool,
    quiet: bool,
) -> int:
    """Make RUN as small as it can be while it breaks the same promise, and keep that run.

    Fewest faults, fewest calls, shortest times, rounded figures. RUN is a kept run: its folder,
    the first digits of its name, or `last`; or a scenario file. A run that ends with an error of
    the program is shrunk to the smallest one that ends with the same error.
    """
    from scenarios import progress, shrink, shrink_report  # noqa: PLC0415 - see __main__.py

    parts = load()
    found = found_by(lambda: parts, run)
    chosen = seed if seed is not None else found.seed if found.seed is not None else 1
    whole = shrink.fixed(found.scenario)
    name, breaks, calls_before = _what_breaks(parts, whole, chosen, promise)
    shown = not (quiet or as_json) and sys.stderr.isatty()
    with progress.counter(f"shrink: {name}", "tries", shown=shown) as advance:

        def seen(_: Any, made: int) -> None:
            if advance is not None:
                advance(made, tries)

        small = shrink.Shrinker(whole, breaks, tries=tries, seen=seen).shrink()
    kept = replace(small, scenario=replace(small.scenario, name=f"{whole.name}-shrunk"[:60]))
    folder, calls = _keep(parts, kept.scenario, chosen)
    told = shrink_report.Told(
        what=name,
        whole=whole,
        small=kept,
        calls_before=calls_before,
        calls=calls,
        again=f"nines run {folder}" if folder else "",
    )
    if as_json:
        write(json.dumps(shrink_report.to_json(told), indent=2) + "\n")
    else:
        write(shrink_report.to_text(told))
    return PROMISES_HOLD


def _what_breaks(parts: Any, whole: Any, seed: int, promise: str | None) -> tuple[str, Any, int]:
    """Make the run once; return what breaks in it, a test for that, and how many calls it made.

    Raises:
      InputError: nothing breaks, or not that promise.
    """
    from scenarios import shrink  # noqa: PLC0415 - see __main__.py

    if promise is not None and promise not in parts.promises:
        near = get_close_matches(promise, parts.promises, n=1)
        known = f"expected one of {', '.join(parts.promises)}"
        hint = f"did you mean {near[0]!r}?" if near else known
        raise InputError(f"unknown promise {promise!r}; {hint}")
    calls = shrink.Calls()
    try:
        result = parts.run(whole, seed=seed, replay=None, progress=None, observers=(calls,))
    except Exception as error:  # noqa: BLE001 - an error of the program is what is shrunk
        found = shrink.fails_like(error, seed, parts.run)
        return type(error).__name__, found, calls.count
    broken = [verdict.name for verdict in result.promises if not verdict.holds]
    if not broken:
        raise InputError(f"{whole.name!r} with seed {seed} breaks no promise: nothing to shrink")
    name = promise or broken[0]
    if name not in broken:
        raise InputError(f"promise {name!r} is not broken; broken are: {', '.join(broken)}")
    return name, shrink.breaks_promise(name, seed, parts.run), calls.count


def _keep(parts: Any, scenario: Any, seed: int) -> tuple[str, int]:
    """Make the smallest run once more and keep it; "" if it cannot be kept."""
    from scenarios import run_folder  # noqa: PLC0415 - see __main__.py
    from scenarios.files import dumps  # noqa: PLC0415 - the same
    from scenarios.shrink import Calls  # noqa: PLC0415 - the same

    result, calls = None, Calls()
    with suppress(Exception):  # It is the error that was shrunk.
        result = parts.run(scenario, seed=seed, replay=None, progress=None, observers=(calls,))
    try:
        if result is not None:
            return str(run_folder.save(result, scenario, Path())), calls.count
        path = Path(".nines") / f"{scenario.name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dumps(scenario, seed=seed), encoding="utf-8")
    except OSError as error:
        complain(f"warning: the smallest run is not kept: {error}")
        return "", calls.count
    return str(path), calls.count
