"""``nines verify-determinism``: each seed twice, the second time in a process that differs.

What does not belong here: the comparison (scenarios/determinism.py).
"""

import json
import shlex
import sys
from collections.abc import Iterator
from typing import Any

import click

from scenarios.commands.shared import (
    DEFECT,
    PROMISE_BROKEN,
    PROMISES_HOLD,
    Count,
    Jobs,
    Load,
    Seed,
    complain,
    found_by,
    write,
)


@click.command("verify-determinism", short_help="Prove that the same seed is the same run.")
@click.option("--seeds", type=Count(), default=20, show_default=True, metavar="N",
              help="How many seeds to run, each twice.")
@click.option("--first", type=Seed(), default=1, show_default=True, metavar="N",
              help="The first of the seeds.")
@click.option("--jobs", type=Jobs(), default=1, show_default=True, metavar="J",
              help="How many fresh processes run beside this one.")
@click.option("--scenario", metavar="SCENARIO",
              help="Run this scenario or file with every seed instead of drawing worlds.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(
    load: Load, seeds: int, first: int, jobs: int, scenario: str | None, as_json: bool
) -> int:
    """Run each seed here and again in a fresh process, and compare their trace hashes.

    The fresh process has another PYTHONHASHSEED and another heap; every other one has imported
    Hypothesis, and every other two have run another seed first. On a mismatch both are run again
    to find the first event that differs, and both sides of it are printed. The exit status is 1
    when two runs of a seed differ, and 70 when a fresh process dies or hangs.
    """
    from scenarios import determinism, progress  # noqa: PLC0415 - see __main__.py

    text = "" if scenario is None else _text_of(load, scenario)
    tasks = list(_jobs(range(first, first + seeds), text))
    shown = not as_json and sys.stderr.isatty()
    differ, done = [], 0
    try:
        with progress.counter("verify-determinism", "seeds", shown=shown) as advance:
            for rerun in determinism.verify(tasks, workers=jobs):
                done += 1
                if advance is not None:
                    advance(done, seeds)
                if not rerun.same:
                    differ.append(rerun)
                    if not as_json:
                        write(determinism.to_text(rerun))
    except determinism.ChildFailed as error:
        words = ["nines", "verify-determinism"]
        words += [] if scenario is None else ["--scenario", scenario]
        words += ["--first", str(error.seed), "--seeds", "1"]
        complain(f"{error}; again: {shlex.join(words)}")
        return DEFECT
    except KeyboardInterrupt:
        _tell(done, differ, as_json=as_json)
        raise
    _tell(done, differ, as_json=as_json)
    return PROMISE_BROKEN if differ else PROMISES_HOLD


def _tell(done: int, differ: list[Any], *, as_json: bool) -> None:
    """Say what was proven, also of a proof that was stopped: that many seeds, each run twice."""
    if as_json:
        values = {"seeds": done, "runs": 2 * done, "mismatches": [r.seed for r in differ]}
        write(json.dumps(values, indent=2) + "\n")
    else:
        write(f"{2 * done} runs of {done} seeds: {len(differ)} mismatches\n")


def _jobs(seeds: range, text: str) -> Iterator[Any]:
    from scenarios.determinism import variant_of  # noqa: PLC0415 - see __main__.py
    from scenarios.determinism_child import Job  # noqa: PLC0415 - the same
    from scenarios.files import dumps  # noqa: PLC0415 - the same
    from scenarios.swarm_worker import Task, scenario_of  # noqa: PLC0415 - the same

    for seed in seeds:
        found = text or dumps(scenario_of(Task(seed=seed)))
        yield Job(scenario=found, seed=seed, **variant_of(seed))


def _text_of(load: Load, scenario: str) -> str:
    """Return the text of a scenario file, of a name of the catalogue, or of a kept run."""
    from scenarios.files import dumps  # noqa: PLC0415 - see __main__.py

    return dumps(found_by(load, scenario).scenario)
