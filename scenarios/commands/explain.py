"""``nines explain``: what led to a broken promise of a kept run, and which fault it takes.

What does not belong here: the story itself (scenarios/explain.py).
"""

import sys
from pathlib import Path
from typing import Any

import click

from scenarios.commands.shared import InputError, Load, complain, read_log, terminal_columns, write
from scenarios.version import VERSION


@click.command("explain", short_help="Tell what led to a broken promise of a kept run.")
@click.argument("run", metavar="RUN")
@click.option("--promise", metavar="NAME", default="",
              help="Which promise, when several are broken; by default the one broken first.")
@click.option("--all", "everything", is_flag=True, help="Print every step, not only a page.")
@click.option("--quick", is_flag=True, help="Do not run again without each fault.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
@click.pass_obj
def command(
    load: Load, run: str, promise: str, everything: bool, quick: bool, quiet: bool
) -> int:
    """Tell what led to a broken promise, message by message, with virtual times.

    RUN is a run folder, the first digits of its name, or `last`. The run is made again, which
    gives the same run, and then once without each fault of its plan, to say which of them,
    removed alone, keeps the promise whole. Bytes that are secret are never printed.
    """
    from scenarios import explain, run_folder  # noqa: PLC0415 - see shared.py
    from scenarios.files import FileError  # noqa: PLC0415

    try:
        kept = run_folder.open_run(run, Path.cwd())
    except (run_folder.RunFolderError, FileError) as error:
        raise InputError(str(error)) from error
    broken = explain.counterexamples(kept.result)
    if not broken:
        write(f"No promise of {kept.folder} is broken: there is nothing to explain.\n")
        return 0
    names = [one.promise for one in broken]
    if promise and promise not in names:
        raise InputError(f"promise {promise!r} is not broken in {kept.folder}; expected one of"
                         f" {', '.join(names)}")
    what = broken[names.index(promise)] if promise else broken[0]
    runs = _Runs(load(), kept, shown=not quiet and sys.stderr.isatty())
    _tell(runs, what, everything=everything, quick=quick)
    others = [name for name in names if name != what.promise]
    if others:
        write(f"Broken as well: {', '.join(others)}; see --promise.\n")
    return 0


class _Runs:
    """Makes the runs that an explanation needs."""

    def __init__(self, parts: Any, kept: Any, *, shown: bool) -> None:
        self.kept = kept
        self._parts = parts
        self._shown = shown
        self._log = read_log(Path(kept.replay)) if kept.replay else None

    def make(self, scenario: Any, label: str, observers: tuple[Any, ...] = ()) -> Any:
        """Run a scenario with the seed of the kept run."""
        from scenarios import progress  # noqa: PLC0415

        with progress.bar(label, shown=self._shown) as advance:
            return self._parts.run(
                scenario,
                seed=self.kept.seed,
                replay=self._log,
                progress=advance,
                observers=observers,
            )


def _tell(runs: _Runs, what: Any, *, everything: bool, quick: bool) -> None:
    from scenarios import explain  # noqa: PLC0415
    from scenarios.chain import Suspects  # noqa: PLC0415

    kept, scenario = runs.kept, runs.kept.scenario
    suspects = Suspects(what)
    result = runs.make(scenario, "the run again", (suspects,))
    if result.trace_hash != kept.result["trace_hash"]:
        complain(f"warning: version {VERSION} makes another run of it than version {kept.version}"
                 " did; what follows is the new one")
    # Whoever reads along gets lines that fit; a file or a pipe gets one line for each step.
    columns = terminal_columns()
    found = explain.steps(suspects)
    write(explain.story(what, found, everything=everything, columns=columns))
    if quick:
        return
    count = len(scenario.plan.lines)
    trials = []
    for number in range(1, count + 1):
        label = f"without fault {number} of {count}"
        other = runs.make(explain.without(scenario, number), label)
        trials.append(explain.trial(scenario, number, what.promise, other))
    if count and all(one.word == "BROKEN" for one in trials):
        other = runs.make(explain.without(scenario, 0), "without any fault")
        trials.append(explain.trial(scenario, 0, what.promise, other))
    write("\n" + explain.blame(what.promise, trials))
