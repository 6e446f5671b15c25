"""What the commands have in common: kinds of arguments, output that may fail, one-line errors.

What does not belong here: any particular command, and the exit status of errors (__main__.py).
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Final

import click

from scenarios.parts import Parts

#: Exit status; see the help text of the command itself.
PROMISES_HOLD: Final = 0
PROMISE_BROKEN: Final = 1
BAD_INPUT: Final = 2
#: An error of the program itself, as sysexits.h counts: EX_SOFTWARE.
DEFECT: Final = 70

DEFAULT_SEED: Final = 1
LARGEST_SEED: Final = 2**63 - 1

#: What a command gets as its ``click`` object: finds the parts that runs are made of.
Load = Callable[[], Parts]


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


class Count(Integer):
    """How many seeds are run."""

    name, lowest, highest = "seeds", 1, 10_000_000


class Jobs(Integer):
    """How many processes work."""

    name, lowest, highest = "jobs", 1, 1_024


class FaultNumber(Integer):
    """The place of a fault in its plan, counted from one."""

    name, lowest, highest = "fault number", 1, 10_000


def found_by(load: Load, text: str) -> Any:
    """Return what an argument means (a ``sources.Found``), for commands that replay no log.

    Raises:
      InputError: it leads to nothing, to a run of a log, or to a plan that cannot happen.
    """
    from scenarios import sources  # noqa: PLC0415 - see __main__.py
    from scenarios.places import check_plan  # noqa: PLC0415 - the same
    from sim.plan import PlanError  # noqa: PLC0415 - the same

    try:
        found = sources.find(text, load().scenarios, Path())
        scenario = found.scenario
        check_plan(scenario.plan, scenario.topology, scenario.length_ns)
    except (sources.SourceError, PlanError) as error:
        raise InputError(str(error)) from error
    if found.replay:
        raise InputError(
            f"run {text!r} replays the log {found.replay!r}; expected a run of its own callers"
        )
    return found


def check_writable(*paths: Path | None) -> None:
    """Refuse a file that cannot be written before the work, not after it.

    Raises:
      InputError: its folder does not exist, or nobody may write there.
    """
    for path in paths:
        if path is None:
            continue
        problem = ""
        if not path.parent.is_dir():
            problem = ": its folder does not exist"
        elif not os.access(path if path.exists() else path.parent, os.W_OK):
            problem = " (Permission denied)"
        if problem:
            raise InputError(
                f"file {str(path)!r} cannot be written{problem}; expected a file to write to"
            )


def write(text: str) -> None:
    """Write to standard output at once.

    Raises:
      InputError: it cannot be written, and not because its reader went away.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"standard output cannot be written: {error.strerror}") from error


def read_log(folder: Path) -> Any:
    """Return the log of a folder of CloudTrail files, to be replayed.

    Raises:
      InputError: there is none.
    """
    from scenarios.workloads.replay_reader import ReplayError, read_folder  # noqa: PLC0415

    try:
        return read_folder(folder)
    except ReplayError as error:
        raise InputError(str(error)) from error


def terminal_columns() -> int:
    """Return how wide the terminal is that reads along; 0 for a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def write_file(path: Path, text: str) -> None:
    """Write a file that the user named.

    Raises:
      InputError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise InputError(
            f"file {str(path)!r} cannot be written ({error.strerror}); expected a file to write to"
        ) from error


def complain(message: str) -> None:
    """Say one line on standard error, if anybody is left to hear it."""
    one_line = " ".join(message.split())
    with contextlib.suppress(OSError):
        sys.stderr.write(f"nines: {one_line}\n")
        sys.stderr.flush()
