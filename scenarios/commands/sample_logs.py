"""``nines sample-logs``: CloudTrail files for those who have none.

What does not belong here: simulating the day (scenarios/sample_logs.py).
"""

import shlex
import sys
from pathlib import Path

import click

from scenarios.commands.shared import DEFAULT_SEED, Hours, InputError, Load, Seed, write


@click.command("sample-logs", short_help="Write CloudTrail files of a simulated day.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--seed", type=Seed(), default=DEFAULT_SEED, show_default=True, metavar="N",
              help="Seed of every draw; the same seed gives the same files.")
@click.option("--hours", "length_hours", type=Hours(), default=24, show_default=True, metavar="H",
              help="How many hours to simulate, 1-168.")
@click.option("--force", is_flag=True, help="Write into DIR even when it is not empty.")
@click.option("--quiet", is_flag=True, help="No progress bar and no closing line.")
@click.pass_obj
def command(
    load: Load,
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
    # Late import: `nines --help` need not wait for it.
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
        write(f"{logs.records} records in {len(logs.files)} files; next: {again}\n")
    return 0
