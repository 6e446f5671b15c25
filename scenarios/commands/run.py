"""``nines run``: one scenario, one seed, one report; or two runs and what made the difference.

What does not belong here: running (scenarios/run.py), layout (scenarios/report.py).
"""

import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    DEFAULT_SEED,
    PROMISE_BROKEN,
    PROMISES_HOLD,
    FaultNumber,
    InputError,
    Load,
    Seed,
    check_writable,
    complain,
    read_log,
    write,
)
from scenarios.version import VERSION

_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run to be made, as the command line asks for it."""

    scenario: Any
    seed: int
    command: str  #: the line that makes this run again
    log: Any = None  #: a replayed log
    quiet: bool = False  #: no bar and no report
    save: bool = True
    html: Path | None = None
    trace: Path | None = None
    logs: bool = False  #: keep the files that trails delivered in the run folder


@click.command("run", short_help="Run one scenario and print its report.")
@click.argument("scenario")
@click.option("--seed", type=Seed(), metavar="N",
              help=f"Seed of every draw; the same seed gives the same run. By default the seed of"
                   f" the kept run, or {DEFAULT_SEED}.")
@click.option("--plan", "plan_file", type=_FILE, metavar="FILE",
              help="Faults instead of the scenario's own: [[fault]] tables or plain plan lines.")
@click.option("--fault", "added", multiple=True, metavar="LINE",
              help="One more fault, such as 'at 5m crash us-east-1/@leader'; may be repeated.")
@click.option("--without", "left_out", type=FaultNumber(), multiple=True, metavar="N",
              help="Run again without the N-th fault of the plan and print what was different;"
                   " may be repeated.")
@click.option("--promise", "promises", multiple=True, metavar="NAME",
              help="Hold the run to this promise too, such as one of your own; may be repeated.")
@click.option("--small", is_flag=True,
              help="Run a form of at most two seconds with the same faults.")
@click.option("--schedule", metavar="SCHEDULE",
              help="Decide races by shuffle, pct:DEPTH or hold:ACTOR, each with :WINDOW if wanted,"
                   " as in pct:3:2ms; drawn from the seed.")
@click.option("--replay", type=click.Path(path_type=Path), metavar="DIR",
              help="Issue the KMS calls of a folder of CloudTrail files as the workload.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, not the report.")
@click.option("--html", type=_FILE, metavar="FILE",
              help="Write one self-contained page that shows the run.")
@click.option("--trace", type=_FILE, metavar="FILE",
              help="Write the run in the Chrome/Perfetto trace format.")
@click.option("--quiet", is_flag=True,
              help="No progress bar and no report: only promises that are broken.")
@click.option("--save/--no-save", default=True, show_default=True,
              help="Keep the run under .nines/runs in the current folder.")
@click.option("--keep-logs", is_flag=True,
              help="Keep the CloudTrail files of the run as well, for `nines audit`.")
@click.pass_obj
def command(
    load: Load,
    scenario: str,
    seed: int | None,
    plan_file: Path | None,
    added: tuple[str, ...],
    left_out: tuple[int, ...],
    promises: tuple[str, ...],
    small: bool,
    schedule: str | None,
    replay: Path | None,
    as_json: bool,
    html: Path | None,
    trace: Path | None,
    quiet: bool,
    save: bool,
    keep_logs: bool,
) -> int:
    """Run SCENARIO and report what was done to it, what callers saw and which promises hold.

    SCENARIO is a name that `nines list` shows, a scenario file, or a kept run: its folder, the
    first digits of its name, or `last`. The report's last line is the command that runs exactly
    the same again. The exit status is 1 when a promise is broken; with --without it is that of
    the second run, and so are --html and --trace.
    """
    # Late imports, here and below: `nines --help` need not wait for them.
    from scenarios import sources  # noqa: PLC0415

    parts = load()
    check_writable(html, trace)
    _check_kept(save=save, logs=keep_logs)
    try:
        found = sources.find(scenario, parts.scenarios, Path(), replayed=replay is not None)
        replay = replay or (Path(found.replay) if found.replay else None)
        base = found.scenario.small() if small else found.scenario
        whole = sources.with_plan(base, plan_file, added, replayed=replay is not None)
        whole = sources.with_promises(sources.with_schedule(whole, schedule), promises)
        rest = sources.without(whole, left_out)
    except sources.SourceError as error:
        raise InputError(str(error)) from error
    _warn_of(found.version)
    seed = next(one for one in (seed, found.seed, DEFAULT_SEED) if one is not None)
    words = ["nines", "run", found.word, "--seed", str(seed)]
    words += _option("--plan", plan_file)
    words += _option("--fault", *added)
    words += _option("--promise", *promises)
    words += ["--small"] if small else []
    words += _option("--schedule", schedule)
    words += _option("--replay", replay)
    job = Job(
        scenario=whole,
        seed=seed,
        command=shlex.join(words),
        log=None if replay is None else read_log(replay),
        quiet=quiet or as_json,
        save=save,
        logs=keep_logs,
    )
    if not left_out:
        result = _run(parts, dataclasses.replace(job, html=html, trace=trace))
        _show(result, as_json=as_json, quiet=quiet, saved=save)
        return PROMISES_HOLD if result.holds else PROMISE_BROKEN
    words += _option("--without", *left_out)
    second = dataclasses.replace(
        job, scenario=rest, command=shlex.join(words), html=html, trace=trace
    )
    results = (_run(parts, job), _run(parts, second))
    lines = [str(whole.plan.lines[number - 1]) for number in sorted(set(left_out))]
    _show_difference(results, lines, as_json=as_json, quiet=quiet, saved=save)
    return PROMISES_HOLD if results[1].holds else PROMISE_BROKEN


def _check_kept(*, save: bool, logs: bool) -> None:
    if logs and not save:
        raise InputError("--keep-logs keeps files in the run folder; expected no --no-save")


def _warn_of(version: str) -> None:
    if version not in {"", VERSION}:
        complain(f"warning: kept by version {version}, and this is {VERSION}: the run may be"
                 " another one")


def _option(name: str, *values: object) -> list[str]:
    """Return the words of an option, once for each value that was given."""
    return [word for value in values if value is not None for word in (name, str(value))]


def _run(parts: Any, job: Job) -> Any:
    """Make one run, write what was asked for, and keep it."""
    from regions.topology import TopologyError  # noqa: PLC0415
    from scenarios import progress  # noqa: PLC0415
    from scenarios.options import OptionError  # noqa: PLC0415
    from sim.plan import PlanError  # noqa: PLC0415

    observers, keeper = _observers(job), _log_keeper(job)
    shown = not job.quiet and sys.stderr.isatty()
    try:
        with progress.bar(job.scenario.name, shown=shown) as advance:
            result = parts.run(
                job.scenario,
                seed=job.seed,
                replay=job.log,
                progress=advance,
                observers=(*(observer for observer, _ in observers), *keeper),
            )
    except (PlanError, TopologyError, OptionError) as error:
        raise InputError(str(error)) from error
    result = _keep(dataclasses.replace(result, command=job.command), job, keeper)
    for observer, path in observers:
        try:
            observer.write(result, path)
        except OSError as error:
            raise InputError(
                f"file {str(path)!r} cannot be written ({error.strerror});"
                " expected a file to write to"
            ) from error
    return result


def _observers(job: Job) -> list[tuple[Any, Path]]:
    found: list[tuple[Any, Path]] = []
    if job.html is not None:
        from scenarios.html_report import HtmlReport  # noqa: PLC0415

        found.append((HtmlReport(), job.html))
    if job.trace is not None:
        from scenarios.perfetto import PerfettoTrace  # noqa: PLC0415

        found.append((PerfettoTrace(), job.trace))
    return found


def _log_keeper(job: Job) -> tuple[Any, ...]:
    """Return what keeps the log files of a run in memory, if they are asked for."""
    if not job.logs:
        return ()
    from scenarios.run_logs import LogKeeper  # noqa: PLC0415

    return (LogKeeper(),)


def _keep(result: Any, job: Job, keeper: Sequence[Any]) -> Any:
    """Keep a run; a broken one that was kept is run again from its folder."""
    from scenarios import run_folder  # noqa: PLC0415

    if not job.save:
        return result
    kept = result
    if not result.holds:
        folder = str(run_folder.place_of(result))
        kept = dataclasses.replace(result, command=shlex.join(["nines", "run", folder]))
    try:
        place = run_folder.save(kept, job.scenario, Path())
        for one in keeper:
            one.write(kept, place / run_folder.LOGS)
    except OSError as error:
        complain(f"warning: run folder not written: {error}")
        return result
    return kept


def _show(result: Any, *, as_json: bool, quiet: bool, saved: bool) -> None:
    from scenarios import report  # noqa: PLC0415

    if as_json:
        write(report.to_json(result) + "\n")
    elif quiet:
        write(_broken(result))
    else:
        _print(lambda console: report.show(result, console))
        if saved:
            write(_kept_in(result))


def _show_difference(
    results: Sequence[Any], lines: Sequence[str], *, as_json: bool, quiet: bool, saved: bool
) -> None:
    import json  # noqa: PLC0415

    from scenarios import difference, report  # noqa: PLC0415

    whole, without = results
    found = difference.compare(whole, without, lines)
    if as_json:
        values = {
            "with": report.to_values(whole),
            "without": report.to_values(without),
            "difference": difference.to_values(found),
        }
        write(json.dumps(values, indent=2, ensure_ascii=False) + "\n")
    elif quiet:
        write(_broken(without))
    else:
        _print(lambda console: report.show(without, console))
        _print(lambda console: difference.show(found, console))
        if saved:
            write(_kept_in(without))
        if not whole.holds:
            write(f"  with all faults, run again  {whole.command}\n")


def _broken(result: Any) -> str:
    """Return a line for each broken promise, and the one that runs it again."""
    lines = [f"BROKEN {v.name}: {v.detail}\n" for v in result.promises if not v.holds]
    return "".join([*lines, f"run again: {result.command}\n"] if lines else [])


def _kept_in(result: Any) -> str:
    from scenarios import run_folder  # noqa: PLC0415

    place = run_folder.place_of(result)
    return f"  kept in    {place}\n" if place.is_dir() else ""


def _print(show: Any) -> None:
    from rich.console import Console  # noqa: PLC0415

    from scenarios import layout  # noqa: PLC0415

    if sys.stdout.isatty():
        show(Console(**layout.CONSOLE_OPTIONS))
    else:
        write(layout.as_text(show))
