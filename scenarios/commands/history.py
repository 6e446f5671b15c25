"""``nines history``: what the callers of a run asked and were told, for other checkers.

What does not belong here: the lines (scenarios/history_file.py).
"""

import sys
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import (
    DEFAULT_SEED,
    PROMISES_HOLD,
    InputError,
    Load,
    Seed,
    check_writable,
    write,
    write_file,
)


class _Keeper:
    """An observer that keeps the arena of a run, which knows every call."""

    arena: Any

    def attach(self, arena: Any) -> None:
        """Take hold of it; its history fills as the run goes on."""
        self.arena = arena


@click.command("history", short_help="Write the calls of a run as JSON lines.")
@click.argument("scenario", metavar="RUN_OR_SCENARIO")
@click.option("--seed", type=Seed(), metavar="N",
              help=f"By default the seed of the kept run, or {DEFAULT_SEED}.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Where to write; by default standard output.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.pass_obj
def command(
    load: Load, scenario: str, seed: int | None, out: Path | None, quiet: bool
) -> int:
    """Run once more and write every call as JSON lines with Jepsen's fields.

    RUN_OR_SCENARIO is a name that `nines list` shows, a scenario file, or a kept run: its folder,
    the first digits of its name, or `last`. Two lines per call: `invoke`, then `ok`, `fail`
    (surely nothing happened) or `info` (nobody knows). A caller goes on as another process after
    `info`. The same seed writes the same lines.
    """
    from regions.topology import TopologyError  # noqa: PLC0415 - `nines --help` need not wait
    from scenarios import history_file, progress, sources  # noqa: PLC0415
    from scenarios.options import OptionError  # noqa: PLC0415
    from scenarios.workloads.replay_reader import ReplayError, read_folder  # noqa: PLC0415
    from sim.plan import PlanError  # noqa: PLC0415

    parts, keeper = load(), _Keeper()
    check_writable(out)
    try:
        found = sources.find(scenario, parts.scenarios, Path.cwd())
        if seed is None:
            seed = DEFAULT_SEED if found.seed is None else found.seed
        log = read_folder(Path(found.replay)) if found.replay else None
        shown = not quiet and sys.stderr.isatty()
        with progress.bar(found.scenario.name, shown=shown) as advance:
            parts.run(
                found.scenario, seed=seed, replay=log, progress=advance, observers=(keeper,)
            )
    except (sources.SourceError, ReplayError, PlanError, TopologyError, OptionError) as error:
        raise InputError(str(error)) from error
    text = "".join(f"{line}\n" for line in history_file.lines(keeper.arena.calls()))
    if out is None:
        write(text)
    else:
        write_file(out, text)
    return PROMISES_HOLD
