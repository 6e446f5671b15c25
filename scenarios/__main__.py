"""The ``nines`` command: its group, its exit status and its one-line errors.

What does not belong here: the subcommands, one file each in commands/.
"""

import contextlib
import os
import shlex
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

import click

from scenarios.commands import COMMANDS
from scenarios.commands.shared import BAD_INPUT, DEFECT, complain
from scenarios.parts import Parts, installed_parts
from scenarios.version import VERSION

#: 128 and the signal's number, as shells count: Ctrl-C and a reader that went away.
INTERRUPTED = 130
READER_GONE = 141


class LazyGroup(click.Group):
    """Subcommands of the table COMMANDS; a module is imported when its command is needed."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one subcommand; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(COMMANDS[cmd_name]).command
        assert isinstance(found, click.Command), f"{COMMANDS[cmd_name]}.command is no command"
        return found


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="nines", message="%(prog)s %(version)s")
def nines() -> None:
    """Break a multi-region key service on purpose, and see what it keeps.

    Exit status: 0 when all promises hold, 1 when one is broken, 2 for wrong usage or bad input,
    70 for a defect of this program, 130 after Ctrl-C, 141 when the reader of the output went away.
    """


def main(
    arguments: Sequence[str] | None = None, *, load: Callable[[], Parts] = installed_parts
) -> int:
    """Run the command line and return its exit status; never raises.

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
        complain(error.format_message().rstrip(".") + hint)
    except click.ClickException as error:
        complain(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        complain("interrupted")
        status = INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes standard output once more at exit: give it a place to go.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = READER_GONE
    except Exception as error:  # noqa: BLE001 - shown, whoever is to blame
        status = _blame(error, words)
    return status


def _blame(error: Exception, words: Sequence[str]) -> int:
    """Show an error and return the exit status: another package's part, or a defect of ours."""
    from sim.registry import PluginError  # noqa: PLC0415 - `nines --help` need not wait for it

    if isinstance(error, PluginError):
        complain(str(error))
        return BAD_INPUT
    # Shown whole, and how to see it again.
    traceback.print_exception(error)
    complain(f"a defect of Eleven Nines; again: {shlex.join(['nines', *words])}")
    return DEFECT


if __name__ == "__main__":
    sys.exit(main())
