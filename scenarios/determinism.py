"""Proof that a seed is a run: each seed again in a fresh process that differs in all that may.

A rerun has another PYTHONHASHSEED, another heap, perhaps Hypothesis imported (which changes how
Trio schedules, process-wide) and perhaps another run before it. Equal trace hashes mean that the
same things happened to the last byte; otherwise both sides are run again to find the first event
in which they part. What does not belong here: the rerun itself (determinism_child.py).
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from scenarios.determinism_child import Job, perform

#: Runs a job in a process of its own: arguments of the interpreter before its own code.
LAUNCHER: Final = (sys.executable, "-m", "scenarios.determinism_child")
#: Events between two hashes that are compared to find where two runs part; chosen.
CHECKPOINT_EVERY: Final = 500
#: A rerun that takes longer than this has hung; chosen, a hundred times what it takes.
PATIENCE_S: Final = 600
#: Looks at two sides that part elsewhere each time before that is said of them; chosen.
_LOOKS_MAX: Final = 4
_HASH_SEEDS: Final = 4_294_967_295
#: Stands for an event of a side that has ended: its number, and what is said of it.
_NOTHING_MORE: Final[list[Any]] = [0, "nothing more"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parting:
    """The first event in which two runs of one seed differ."""

    #: Of the event, counted from 1; 0: run again they were the same, or parted elsewhere each time.
    index: int
    before: tuple[str, ...]  #: the last events that both have
    here: str  #: what happened in this process
    there: str  #: what happened in the fresh one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """One seed, run twice."""

    seed: int
    variant: str  #: how the fresh process differed, for people
    here: str  #: trace hash in this process
    there: str  #: trace hash in the fresh one
    parting: Parting | None = None

    @property
    def same(self) -> bool:
        """Whether both were the same run."""
        return self.here == self.there


class ChildFailed(RuntimeError):
    """A fresh process ended without a result; the text says how.

    Args:
      seed: of the job that it was to run.
    """

    def __init__(self, seed: int, how: str) -> None:
        super().__init__(f"the fresh process of seed {seed} {how}")
        self.seed = seed


def variant_of(seed: int) -> dict[str, Any]:
    """Return how the fresh process of a seed differs: every combination comes up."""
    return {
        "hash_seed": (seed * 2_654_435_761 + 1) % _HASH_SEEDS,
        "clutter": 1 + seed * 7_919 % 1_000,
        "hypothesis": seed % 2 == 1,
        "after_seed": seed + 1 if seed // 2 % 2 == 1 else None,
    }


def describe(job: Job) -> str:
    """Say how a fresh process differs from this one."""
    parts = [f"PYTHONHASHSEED={job.hash_seed}", f"{job.clutter} stray objects"]
    parts += ["Hypothesis imported"] if job.hypothesis else []
    parts += [f"after seed {job.after_seed}"] if job.after_seed is not None else []
    return ", ".join(parts)


def verify(
    jobs: Sequence[Job],
    *,
    workers: int = 1,
    launcher: Sequence[str] = LAUNCHER,
    here: Callable[[Job], dict[str, Any]] = perform,
) -> Iterator[Rerun]:
    """Run every job here and in a fresh process, and yield what came of it, in order.

    Args:
      jobs: what to run; the fields that describe the fresh process do not matter here.
      workers: how many fresh processes run beside this one.
      launcher: the command that performs a job given as JSON on its standard input.
      here: performs a job in this process.
    Raises:
      ChildFailed: a fresh process died.
    """
    with ThreadPoolExecutor(workers) as pool:
        # A few ahead are enough to keep the workers busy; a mismatch stops what is not begun.
        waiting: list[tuple[Job, Future[dict[str, Any]]]] = []
        rest = iter(jobs)
        try:
            while True:
                while len(waiting) < 2 * workers and (job := next(rest, None)) is not None:
                    waiting.append((job, pool.submit(there, job, launcher)))
                if not waiting:
                    return
                job, future = waiting.pop(0)
                mine, theirs = here(job), future.result()
                rerun = Rerun(
                    seed=job.seed,
                    variant=describe(job),
                    here=mine["hash"],
                    there=theirs["hash"],
                )
                if not rerun.same:
                    rerun = replace(rerun, parting=part(job, launcher, here))
                yield rerun
        finally:
            for _, future in waiting:
                future.cancel()


def there(job: Job, launcher: Sequence[str] = LAUNCHER) -> dict[str, Any]:
    """Perform a job in a fresh process.

    Raises:
      ChildFailed: it died, printed no result, or hangs.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            launcher,
            input=json.dumps(asdict(job)),
            env={**os.environ, "PYTHONHASHSEED": str(job.hash_seed)},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ChildFailed(job.seed, f"gave no result within {PATIENCE_S} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ChildFailed(job.seed, f"failed: {last}")
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
        raise ChildFailed(job.seed, f"printed no result: {last}") from error
    return found


def part(
    job: Job,
    launcher: Sequence[str] = LAUNCHER,
    here: Callable[[Job], dict[str, Any]] = perform,
) -> Parting:
    """Run both sides again and find the first event that differs: first its block, then itself.

    What differs by accident may part elsewhere in each run; so each look at a block compares the
    blocks before it as well, and goes on with the first that differs now.
    """
    job = replace(job, checkpoint_every=CHECKPOINT_EVERY)
    block = _first_block(here(job), there(job, launcher))
    for _ in range(_LOOKS_MAX):
        first = block * CHECKPOINT_EVERY + 1
        # A few events before the block show what both did last.
        looked = replace(job, window=(max(1, first - 3), first + CHECKPOINT_EVERY))
        mine, theirs = here(looked), there(looked, launcher)
        found = _first_block(mine, theirs)
        if found == block:
            return _parting(mine["window"], theirs["window"])
        block = found
    return _parting([], [])


def _first_block(mine: dict[str, Any], theirs: dict[str, Any]) -> int:
    """Return how many blocks of events both sides have in common."""
    left, right = mine["checkpoints"], theirs["checkpoints"]
    pairs = zip(left, right, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))


def _parting(left: list[list[Any]], right: list[list[Any]]) -> Parting:
    """Return where two lists of numbered events part."""
    for offset in range(max(len(left), len(right))):
        a = left[offset] if offset < len(left) else _NOTHING_MORE
        b = right[offset] if offset < len(right) else _NOTHING_MORE
        if a[1] != b[1]:
            before = tuple(text for _, text in left[max(0, offset - 3) : offset])
            return Parting(index=max(a[0], b[0]), before=before, here=a[1], there=b[1])
    return Parting(index=0, before=(), here="", there="")


def to_text(rerun: Rerun) -> str:
    """Say how the two runs of a seed part."""
    assert rerun.parting is not None, f"seed {rerun.seed} was the same run twice"
    lines = [
        f"seed {rerun.seed} was another run in a fresh process ({rerun.variant}):",
        f"  hash here   {rerun.here}",
        f"  hash there  {rerun.there}",
    ]
    parting = rerun.parting
    if not parting.index:
        again = "  run again, both were the same or parted elsewhere each time: it depends on more"
        return "\n".join([*lines, again]) + "\n"
    lines.append(f"  the first event that differs is number {parting.index:,}")
    lines += [f"    both   {text}" for text in parting.before]
    lines += [f"    here   {parting.here}", f"    there  {parting.there}"]
    return "\n".join(lines) + "\n"
