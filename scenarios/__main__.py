"""The ``nines`` command: its arguments, its exit status and its one-line errors.

What does not belong here: running (run.py), layout (report.py), reading log files
(workloads/replay_reader.py). Those are imported late, so that ``nines --help`` stays quick.
"""

import contextlib
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import click

from scenarios.parts import Parts, installed_parts
from scenarios.version import VERSION

#: Exit status; see the help text of the command itself.
PROMISES_HOLD: Final = 0
PROMISE_BROKEN: Final = 1
BAD_INPUT: Final = 2
#: 128 and the signal's number, as shells count: Ctrl-C and a reader that went away.
INTERRUPTED: Final = 130
READER_GONE: Final = 141

DEFAULT_SEED: Final = 1
LARGEST_SEED: Final = 2**63 - 1


class InputError(click.ClickException):
    """Something the user gave is wrong; the message names it and what was expected."""


class Integer(click.ParamType[int]):
    """A decimal integer in a range; the error names the text that is none."""

    lowest: ClassVar[int]
    highest: ClassVar[int]

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> int:
        """Return the integer of a text."""
        text = str(value)
        # int() itself would take "1_000", " 7" and digits of every script.
        if text.isascii() and text.isdecimal() and len(text) <= len(str(self.highest)):
            number = int(text)
            if self.lowest <= number <= self.highest:
                return number
        span = f"{self.lowest} to {self.highest}"
        raise InputError(f"{self.name} {text!r} is not an integer from {span}")


class Seed(Integer):
    """A seed: any integer of 63 bits."""

    name, lowest, highest = "seed", 0, LARGEST_SEED


class Hours(Integer):
    """A length of simulated time: an hour to a week."""

    name, lowest, highest = "hours", 1, 168


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="nines", message="%(prog)s %(version)s")
def nines() -> None:
    """Break a multi-region key service on purpose, and see what it keeps.

    Exit status: 0 when all promises hold, 1 when one is broken, 2 for wrong usage or bad input,
    130 after Ctrl-C, 141 when the reader of the output went away.
    """


@nines.command(short_help="Run one scenario and print its report.")
@click.argument("scenario")
@click.option("--seed", type=Seed(), default=DEFAULT_SEED, show_default=True, metavar="N",
              help="Seed of every draw; the same seed gives the same run.")
@click.option("--replay", type=click.Path(path_type=Path), metavar="DIR",
              help="Issue the KMS calls of a folder of CloudTrail files as the workload.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, not the report.")
@click.option("--quiet", is_flag=True,
              help="No progress bar and no report: only promises that are broken.")
@click.option("--save/--no-save", default=True, show_default=True,
              help="Keep the report under .nines/runs in the current folder.")
@click.pass_obj
def run(
    load: Callable[[], Parts],
    scenario: str,
    seed: int,
    replay: Path | None,
    as_json: bool,
    quiet: bool,
    save: bool,
) -> int:
    """Run SCENARIO and report what was done to it, what callers saw and which promises hold.

    `nines list` names the scenarios. The report's last line is the command that runs exactly the
    same again. The exit status is 1 when a promise is broken.
    """
    # Late imports, here and below: `nines --help` need not wait for them.
    from scenarios import progress, report  # noqa: PLC0415

    parts = load()
    if scenario not in parts.scenarios:
        known = ", ".join(sorted(parts.scenarios))
        raise InputError(f"unknown scenario {scenario!r}; expected one of {known}")
    log = None if replay is None else _read_log(replay)
    shown = not (quiet or as_json) and sys.stderr.isatty()
    with progress.bar(scenario, shown=shown) as advance:
        result = parts.run(parts.scenarios[scenario], seed=seed, replay=log, progress=advance)
    if as_json:
        _write(report.to_json(result) + "\n")
    elif quiet:
        broken = [verdict for verdict in result.promises if not verdict.holds]
        _write("".join(f"BROKEN {verdict.name}: {verdict.detail}\n" for verdict in broken))
    else:
        _print_report(result)
    if save:
        _keep(result, announce=not (quiet or as_json))
    return PROMISES_HOLD if result.holds else PROMISE_BROKEN


@nines.command("list", short_help="Name the scenarios, workloads, faults and promises.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: kind, name, summary.")
@click.pass_obj
def list_parts(load: Callable[[], Parts], as_json: bool) -> int:
    """Name everything a run can be made of, one line each.

    Scenarios can be run, workloads call the service, faults break it, promises are checked.
    """
    from scenarios import listing  # noqa: PLC0415

    catalogue = listing.catalogue(load())
    _write(listing.to_json(catalogue) if as_json else listing.to_text(catalogue))
    return 0


@nines.command("sample-logs", short_help="Write CloudTrail files of a simulated day.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--seed", type=Seed(), default=DEFAULT_SEED, show_default=True, metavar="N",
              help="Seed of every draw; the same seed gives the same files.")
@click.option("--hours", "length_hours", type=Hours(), default=24, show_default=True, metavar="H",
              help="How many hours to simulate, 1-168.")
@click.option("--force", is_flag=True, help="Write into DIR even when it is not empty.")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing line.")
@click.pass_obj
def sample_logs(
    load: Callable[[], Parts],
    folder: Path,
    seed: int,
    length_hours: int,
    force: bool,
    quiet: bool,
) -> int:
    """Write a folder of CloudTrail files from a simulated multi-region day.

    Users, roles, services and applications of three regions, with calls that are refused. The
    files lie under the key layout of a real trail's bucket; `nines run --replay DIR` reads them.
    """
    from scenarios import progress  # noqa: PLC0415

    make = load().sample_logs
    try:
        make.check_folder(folder, force=force)
        with progress.bar("sample-logs", shown=not quiet and sys.stderr.isatty()) as advance:
            logs = make.simulate(seed=seed, length_hours=length_hours, progress=advance)
        make.write(logs, folder)
    except make.FolderError as error:
        raise InputError(str(error)) from error
    if not quiet:
        again = shlex.join(["nines", "run", "az-outage", "--replay", str(folder)])
        _write(f"{logs.records} records in {len(logs.files)} files; next: {again}\n")
    return 0


def _read_log(folder: Path) -> Any:
    from scenarios.workloads.replay_reader import ReplayError, read_folder  # noqa: PLC0415

    try:
        return read_folder(folder)
    except ReplayError as error:
        raise InputError(str(error)) from error


def _print_report(result: Any) -> None:
    from rich.console import Console  # noqa: PLC0415

    from scenarios import report  # noqa: PLC0415

    if sys.stdout.isatty():
        report.show(result, Console(**report.CONSOLE_OPTIONS))
    else:
        _write(report.to_text(result))


def _keep(result: Any, *, announce: bool) -> None:
    from scenarios import run_folder  # noqa: PLC0415

    try:
        folder = run_folder.save(result, Path.cwd())
    except OSError as error:
        _complain(f"warning: run folder not written: {error}")
        return
    if announce:
        _write(f"  kept in    {folder}\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"standard output cannot be written: {error.strerror}") from error


def _complain(message: str) -> None:
    one_line = " ".join(message.split())
    with contextlib.suppress(OSError):  # nobody is left to tell
        sys.stderr.write(f"nines: {one_line}\n")
        sys.stderr.flush()


def main(
    arguments: Sequence[str] | None = None, *, load: Callable[[], Parts] = installed_parts
) -> int:
    """Run the command line and return its exit status; never raises for what a user can cause.

    Args:
      arguments: without the program's name; by default those of this process.
      load: finds the parts a run is made of; tests pass their own.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # not when a test captures it
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    status = BAD_INPUT
    try:
        with nines.make_context("nines", words, obj=load) as context:
            status = int(nines.invoke(context))
    except click.exceptions.Exit as end:  # --help and --version
        status = end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
    except click.UsageError as error:
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        _complain(error.format_message().rstrip(".") + hint)
    except click.ClickException as error:
        _complain(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        status = INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes standard output once more at exit: give it a place to go.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = READER_GONE
    return status


if __name__ == "__main__":
    sys.exit(main())
