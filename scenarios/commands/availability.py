"""``nines availability``: one scenario over many seeds, how well and how soon each region serves.

What does not belong here: the figures (scenarios/availability.py).
"""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    Count,
    InputError,
    Jobs,
    Load,
    Seed,
    check_writable,
    found_by,
    write,
)

#: Columns of the table; those of a terminal.
_WIDTH = 80


@click.command("availability", short_help="Availability, RTO and RPO of a scenario over seeds.")
@click.argument("scenario")
@click.option("--seeds", type=Count(), default=20, show_default=True, metavar="N",
              help="How many seeds to run.")
@click.option("--first", type=Seed(), default=1, show_default=True, metavar="N",
              help="The first of the seeds.")
@click.option("--jobs", type=Jobs(), default=1, show_default=True, metavar="J",
              help="How many processes work side by side.")
@click.option("--small", is_flag=True, help="Run the scenario's small form.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Draw availability over time and times to recover (PNG, SVG or PDF).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(
    load: Load,
    scenario: str,
    seeds: int,
    first: int,
    jobs: int,
    small: bool,
    plot: Path | None,
    as_json: bool,
) -> int:
    """Run SCENARIO with N seeds and estimate per region what its callers can count on.

    Availability is the share of attempts that the service did not fail; RTO the longest outage of
    a run, from its first failed attempt until calls are served again for good; RPO how much work
    from before the trouble is gone. Means come with 95 % bootstrap intervals, shares of runs with
    Wilson's, as does an availability when no two runs differ.
    """
    from scenarios import availability, progress  # noqa: PLC0415 - see __main__.py

    check_writable(plot)
    found = found_by(load, scenario).scenario
    if small:
        found = found.small()
    shown = not as_json and sys.stderr.isatty()
    with progress.counter("availability", "seeds", shown=shown) as advance:
        runs, faults = _run_all(found, range(first, first + seeds), jobs, advance)
    figures = [availability.figures(region, each) for region, each in runs.items()]
    if plot is not None:
        from scenarios.availability_plot import PlotError, draw  # noqa: PLC0415 - the same

        number = f"{seeds} seed{'' if seeds == 1 else 's'}"
        title = f"{found.name}: {number} (grey: faults; band: 95 % interval of the mean)"
        try:
            draw(plot, title, figures, runs, found.length_ns, faults)
        except PlotError as error:
            raise InputError(str(error)) from error
    if as_json:
        write(json.dumps(availability.to_json(figures), indent=2) + "\n")
    else:
        write(_text(found, figures))
    return 0


def _run_all(
    scenario: Any, seeds: range, jobs: int, advance: Any
) -> tuple[dict[str, list[Any]], Sequence[tuple[int, int, str]]]:
    """Return the runs of every seed by region, and when the faults were."""
    from scenarios.files import dumps  # noqa: PLC0415 - see __main__.py

    runs: dict[str, list[Any]] = {region: [] for region in scenario.topology.regions}
    faults: Sequence[tuple[int, int, str]] = ()
    text = dumps(scenario)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        tasks = pool.map(one_seed, [text] * len(seeds), seeds)
        for done, (by_region, spans) in enumerate(tasks, start=1):
            for region, found in by_region.items():
                runs[region].append(found)
            faults = spans
            if advance is not None:
                advance(done, len(seeds))
    return runs, faults


def one_seed(text: str, seed: int) -> tuple[dict[str, Any], list[tuple[int, int, str]]]:
    """Run one seed; a process of a pool does this."""
    from scenarios.availability import Ledger  # noqa: PLC0415 - see __main__.py
    from scenarios.files import loads  # noqa: PLC0415 - the same
    from scenarios.run import run  # noqa: PLC0415 - the same

    ledger = Ledger()
    # Only what is lost matters here; the other promises would cost time.
    scenario = replace(loads(text), promises=("recoverability",))
    result = run(scenario, seed=seed, observers=[ledger])
    spans = [(fault.begin_ns, fault.end_ns, fault.line) for fault in result.faults]
    return ledger.read(result), spans


def _text(scenario: Any, found: Sequence[Any]) -> str:
    import io  # noqa: PLC0415 - see __main__.py

    from rich.console import Console  # noqa: PLC0415 - the same
    from rich.table import Table  # noqa: PLC0415 - the same

    from scenarios.availability import wilson  # noqa: PLC0415 - the same
    from scenarios.figures import count, span  # noqa: PLC0415 - the same

    def percent(share: float) -> str:
        # Only all of them are 100 %: 99.9996 % must not look like it.
        return "100 %" if share == 1 else f"{min(100 * share, 99.999):.3f} %"

    def between(interval: Any, said: Any) -> str:
        low, high = said(interval.low), said(interval.high)
        return f"{low.removesuffix(' %')} to {high}"

    def tenths(share: float) -> str:
        return f"{100 * share:.3g} %"

    def time(time_ns: float) -> str:
        return span(int(time_ns))

    def times(name: str, mean: Any, worst: str, runs: int) -> tuple[str, ...]:
        share = wilson(runs, seeds)
        counted = f"{count(runs)} of {count(seeds)}"
        return f"  {name}", time(mean.value), between(mean, time), worst, counted, between(
            share, tenths
        )

    page, seeds = io.StringIO(), found[0].seeds
    console = Console(file=page, width=_WIDTH, force_terminal=False, color_system=None)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for name in ("mean", "interval", "worst", "runs with", "interval"):
        table.add_column(name, justify="right")
    for one in found:
        table.add_row(one.region, "", f"of {count(one.attempts)} attempts")
        if one.availability is not None:
            mean = one.availability
            table.add_row(
                "  availability", percent(mean.value), between(mean, percent), percent(one.worst)
            )
        worst = time(one.rto_worst_ns) + ("*" if one.not_recovered else "")
        table.add_row(*times("RTO", one.rto_ns, worst, one.runs_with_outage))
        table.add_row(*times("RPO", one.rpo_ns, time(one.rpo_worst_ns), one.runs_with_loss))
    heading = f"{scenario.name}: {count(seeds)} seed{'' if seeds == 1 else 's'}"
    console.print(f"{heading}, means with 95 % intervals\n")
    console.print(table)
    stuck = [f"{one.region} in {one.not_recovered}" for one in found if one.not_recovered]
    if stuck:
        console.print(f"\n* runs that ended in an outage: {', '.join(stuck)}")
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())
