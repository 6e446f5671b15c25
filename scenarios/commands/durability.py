"""``nines durability``: how likely a key is lost in a year, exactly, and why.

What does not belong here: models, solving and pictures (scenarios/durability/).
"""

import sys
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    model: Path | None,
    mission: str | None,
    rates: str | None,
    sweeps: tuple[str, ...],
    samples: int,
    seed: int,
    jobs: int,
    keys: int,
    copysets: int,
    fleet: int,
    fleet_plot: Path | None,
    paths: int,
    plot: Path | None,
    csv_path: Path | None,
    as_json: bool,
) -> int:
    """Say how likely one key is lost within a year, with everything that makes it so.

    MODEL is a TOML file; without it, it is the region that Eleven Nines builds, with the rates
    that a designer would choose beside those that were counted. The figure is exact for the
    model; its interval is from not knowing the rates. Where a law has no phases, as deterministic
    and Weibull's, phase-type laws stand in for it, and an estimate follows that needs none.
    """
    try:
        from scenarios.durability import desk, further  # noqa: PLC0415 - an extra, slow to import
    except ImportError as error:
        missing = (error.name or "numpy").partition(".")[0]
        raise InputError(
            f"nines durability needs {missing}: pip install 'elevennines[lab]'"
        ) from error
    check_writable(plot, csv_path, fleet_plot)
    if fleet_plot is not None and not fleet:
        raise InputError("--fleet-plot draws a fleet; expected --fleet with it")
    if sweeps and (fleet or paths):
        raise InputError("--fleet and --paths are of one model; expected no --sweep")
    if csv_path is not None and not sweeps:
        raise InputError("--csv writes the points of a sweep; expected --sweep with it")
    ask: Any = {"mission": mission, "rates": rates, "samples": samples, "seed": seed}
    ask |= {"keys": keys, "copysets": max(1, copysets)}
    ask |= {"paths": paths, "fleet": fleet, "fleet_plot": fleet_plot, "workers": jobs}
    ask["progress"] = not as_json and sys.stderr.isatty()
    try:
        if sweeps:
            text = desk.swept(
                model, ask, sweeps, jobs=jobs, plot=plot, csv_path=csv_path, as_json=as_json
            )
        else:
            text = desk.studied(model, ask, plot=plot, as_json=as_json)
            text = further.further(model, ask, text, as_json=as_json)
    except desk.DeskError as error:
        raise InputError(str(error)) from error
    write(text)
    return 0
