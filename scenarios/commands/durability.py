"""``nines durability``: how likely a key is lost in a year, exactly, and why.

What does not belong here: models, solving and pictures (scenarios/durability/).
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    Count,
    InputError,
    Jobs,
    Seed,
    check_writable,
    write,
)


class Samples(Count):
    """How many draws of the uncertain rates."""

    name, lowest, highest = "samples", 0, 100_000


class Keys(Count):
    """How many keys, or sets of disks, there are."""

    name, lowest, highest = "number", 0, 10**15


class Losses(Count):
    """How many keys are to be lost."""

    name, lowest, highest = "losses", 1, 1_000_000


@click.command("durability", short_help="How likely a key is lost in a year, and why.")
@click.argument("model", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--mission", metavar="TIME", help="Time over which a loss is counted, as 1y.")
@click.option("--rates", metavar="NAME", help="The set of rates: design or observed.")
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="NAME=LOW..HIGH[,log|lin][,POINTS]",
    help="Turn a knob; up to three times. Units as in fault plans.",
)
@click.option(
    "--samples",
    type=Samples(),
    default=200,
    show_default=True,
    metavar="N",
    help="Draws of the rates that were counted, for the intervals.",
)
@click.option(
    "--seed",
    type=Seed(),
    default=1,
    show_default=True,
    metavar="N",
    help="The seed of these draws.",
)
@click.option(
    "--jobs",
    type=Jobs(),
    default=1,
    show_default=True,
    metavar="J",
    help="How many workers solve a sweep, or walk paths, side by side.",
)
@click.option(
    "--keys",
    type=Keys(),
    default=0,
    metavar="N",
    help="Say also what is lost of so many keys.",
)
@click.option(
    "--copysets",
    type=Keys(),
    default=1,
    show_default=True,
    metavar="N",
    help="Different sets of disks that hold them.",
)
@click.option(
    "--fleet",
    type=Keys(),
    default=0,
    metavar="N",
    help="Show what placements make of a fleet of so many keys; --fleet-plot draws it.",
)
@click.option(
    "--fleet-plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the placements (PNG, SVG or PDF).",
)
@click.option(
    "--paths",
    type=Keys(),
    default=0,
    metavar="N",
    help="Walk so many paths; by default 200,000 where a law has no phases, else none.",
)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw it (PNG, SVG or PDF).",
)
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the points of a sweep.",
)
@click.option(
    "--simulate",
    is_flag=True,
    help="Let the real actors live under these rates, and compare: accelerate, or it takes ages.",
)
@click.option(
    "--accelerate",
    multiple=True,
    metavar="[NAME=]FACTOR",
    help="With --simulate: multiply the rates of all failures, or of one.",
)
@click.option(
    "--for",
    "span",
    default="200y",
    show_default=True,
    metavar="TIME",
    help="With --simulate: years to live in all, at most.",
)
@click.option(
    "--losses",
    type=Losses(),
    default=400,
    show_default=True,
    metavar="N",
    help="With --simulate: stop after so many losses.",
)
@click.option("--map", "as_map", is_flag=True, help="Print which faults each rate stands for.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(model: Path | None, as_json: bool, as_map: bool, **given: Any) -> int:
    """Say how likely one key is lost within a year, with everything that makes it so.

    MODEL is a TOML file; without it, it is the region that Eleven Nines builds, with the rates
    that a designer would choose beside those that were counted. The figure is exact for the
    model; its interval is from not knowing the rates. Where a law has no phases, as deterministic
    and Weibull's, phase-type laws stand in for it, and an estimate follows that needs none.

    With --simulate the actors of the simulation themselves live under the model's laws, key after
    key, and what they come to stands beside what the model predicts for the same rates.
    """
    try:
        from scenarios.durability import desk, further  # noqa: PLC0415 - an extra, slow to import
        from scenarios.durability.crosscheck import ask as actors  # noqa: PLC0415 - the same
    except ImportError as error:
        missing = (error.name or "numpy").partition(".")[0]
        raise InputError(
            f"nines durability needs {missing}: pip install 'elevennines[lab]'"
        ) from error
    _check(given)
    plot, csv_path, sweeps = given["plot"], given["csv_path"], given["sweeps"]
    ask = {name: given[name] for name in ("mission", "rates", "samples", "seed", "keys", "paths")}
    ask |= {"fleet": given["fleet"], "fleet_plot": given["fleet_plot"], "workers": given["jobs"]}
    ask |= {"copysets": max(1, given["copysets"]), "losses": given["losses"], "for": given["span"]}
    ask |= {"accelerate": given["accelerate"]}
    ask["progress"] = not as_json and sys.stderr.isatty()
    try:
        if as_map:
            text = actors.mapped(as_json=as_json)
        elif given["simulate"]:
            text = actors.simulated(model, ask, as_json=as_json)
        elif sweeps:
            text = desk.swept(
                model, ask, sweeps, jobs=given["jobs"], plot=plot, csv_path=csv_path,
                as_json=as_json,
            )  # fmt: skip
        else:
            text = desk.studied(model, ask, plot=plot, as_json=as_json)
            text = further.further(model, ask, text, as_json=as_json)
    except desk.DeskError as error:
        raise InputError(str(error)) from error
    write(text)
    return 0


def _check(given: Mapping[str, Any]) -> None:
    """Make sure that what was asked for fits together.

    Raises:
      InputError: it does not.
    """
    check_writable(given["plot"], given["csv_path"], given["fleet_plot"])
    if given["fleet_plot"] is not None and not given["fleet"]:
        raise InputError("--fleet-plot draws a fleet; expected --fleet with it")
    if given["sweeps"] and (given["fleet"] or given["paths"]):
        raise InputError("--fleet and --paths are of one model; expected no --sweep")
    if given["csv_path"] is not None and not given["sweeps"]:
        raise InputError("--csv writes the points of a sweep; expected --sweep with it")
    if given["accelerate"] and not given["simulate"]:
        raise InputError("--accelerate is for the actors; expected --simulate with it")
    others = ("sweeps", "fleet", "paths", "plot", "keys")
    if given["simulate"] and any(given[name] for name in others):
        raise InputError(
            "--simulate stands alone; expected no --sweep, --fleet, --paths, --plot or --keys"
        )
