"""``nines swarm``: thousands of drawn worlds, what broke in them, and what they have met.

What does not belong here: running them (scenarios/swarm.py).
"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    PROMISE_BROKEN,
    PROMISES_HOLD,
    Count,
    InputError,
    Jobs,
    Load,
    Seed,
    check_writable,
    complain,
    found_by,
    terminal_columns,
    write,
    write_file,
)


@click.command("swarm", short_help="Run many drawn worlds and say what broke.")
@click.option("--seeds", type=Count(), default=100, show_default=True, metavar="N",
              help="How many seeds to run.")
@click.option("--first", type=Seed(), default=1, show_default=True, metavar="N",
              help="The first of the seeds.")
@click.option("--jobs", type=Jobs(), default=1, show_default=True, metavar="J",
              help="How many processes work side by side; the outcomes do not depend on it.")
@click.option("--beyond", is_flag=True,
              help="Draw more faults at once than must be survivable.")
@click.option("--scenario", metavar="SCENARIO",
              help="Run this scenario or file with every seed instead of drawing worlds.")
@click.option("--promise", "promises", multiple=True, metavar="NAME",
              help="Hold every run to this promise too, such as one of your own; may be repeated.")
@click.option("--workload", "workloads", multiple=True, metavar="KIND",
              help="Have such callers in drawn worlds too; may be repeated.")
@click.option("--fault", "faults", multiple=True, metavar="NAME",
              help="Draw this fault often, such as one of your own; may be repeated.")
@click.option("--resume", is_flag=True, help="Go on with a campaign that was broken off.")
@click.option("--retry/--no-retry", default=True, show_default=True,
              help="Begin with the seeds that failed last time.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the outcomes as JUnit XML.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, not the summary.")
@click.option("--quiet", is_flag=True, help="No progress bar: only what failed.")
@click.pass_obj
def command(
    load: Load,
    seeds: int,
    first: int,
    jobs: int,
    beyond: bool,
    scenario: str | None,
    promises: tuple[str, ...],
    workloads: tuple[str, ...],
    faults: tuple[str, ...],
    resume: bool,
    retry: bool,
    junit: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run N seeds, each a small world with its own callers, faults and schedule.

    A third of the seeds aims at pairs of fault and place that were met least, and one in twelve is
    a given world that leads where drawn ones hardly get. Failing seeds are kept in
    .nines/swarm/failing.json and come first next time; each has a run folder that `nines run`,
    `nines explain` and `nines shrink` take. The exit status is 1 when a seed failed, or when a
    campaign of 200 worlds or more never reached a place that it must reach.
    """
    from scenarios import progress, swarm, swarm_report  # noqa: PLC0415 - see __main__.py
    from scenarios.junit import to_xml  # noqa: PLC0415 - the same

    check_writable(junit)
    campaign = swarm.Campaign(
        seeds=seeds,
        first=first,
        jobs=jobs,
        beyond=beyond,
        scenario="" if scenario is None else _text_of(load, scenario),
        retry=retry,
        **_extras(scenario, promises, workloads, faults),
    )
    shown = not (quiet or as_json) and sys.stderr.isatty()
    with progress.counter("swarm", "seeds", shown=shown) as advance:
        summary = _run(campaign, advance, resume=resume, tell=not as_json)
    drawn = scenario is None
    if junit is not None:
        enough = drawn and summary.runs >= swarm.PROBES_FROM
        write_file(junit, to_xml(summary.outcomes, missed=summary.missed() if enough else ()))
    if as_json:
        write(json.dumps(swarm_report.to_json(summary, drawn=drawn), indent=2) + "\n")
    elif not quiet:
        width = min(terminal_columns() or swarm_report.WIDTH_MAX, swarm_report.WIDTH_MAX)
        write(swarm_report.to_text(summary, drawn=drawn, width=width))
    return PROMISES_HOLD if summary.passed(drawn=drawn) else PROMISE_BROKEN


def _run(campaign: Any, advance: Any, *, resume: bool, tell: bool) -> Any:
    """Run a campaign, and say of each seed that fails so at once."""
    from scenarios import swarm, swarm_report  # noqa: PLC0415 - see __main__.py

    reached = [0, campaign.seeds]

    def seen(outcome: Any, done: int, total: int) -> None:
        reached[:] = done, total
        if advance is not None:
            advance(done, total)
        if tell and not outcome.holds:
            write(swarm_report.failure(outcome))

    try:
        return swarm.run_campaign(campaign, Path.cwd(), resume=resume, seen=seen)
    except KeyboardInterrupt:
        done, total = reached
        complain(f"{done} of {total} seeds are done; the same command with --resume goes on")
        raise
    except swarm.StateError as error:
        raise InputError(str(error)) from error


def _extras(
    scenario: str | None,
    promises: tuple[str, ...],
    workloads: tuple[str, ...],
    faults: tuple[str, ...],
) -> dict[str, tuple[str, ...]]:
    """Return what is asked for by name, once it is known to be there.

    Raises:
      InputError: something is not, or is wanted where nothing is drawn.
    """
    from scenarios import extras  # noqa: PLC0415 - see __main__.py
    from scenarios.judges import PromiseError  # noqa: PLC0415 - the same

    for option, names in (("--workload", workloads), ("--fault", faults)):
        if scenario is not None and names:
            raise InputError(
                f"{option} {names[0]!r} is for drawn worlds; expected it without --scenario"
            )
    try:
        extras.check(promises, workloads, faults)
    except (extras.ExtraError, PromiseError) as error:
        raise InputError(str(error)) from error
    return {"promises": promises, "workloads": workloads, "faults": faults}


def _text_of(load: Load, scenario: str) -> str:
    """Return the text of a scenario file, of a name of the catalogue, or of a kept run."""
    from scenarios.files import dumps  # noqa: PLC0415 - see __main__.py

    return dumps(found_by(load, scenario).scenario)
