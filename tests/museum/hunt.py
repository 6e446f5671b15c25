"""Runs seeds with a bug planted until a checker catches it.

What does not belong here: the bugs, and the matrix as text (matrix.py).
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from museum.bug import Bug

from scenarios.catalogue import SCENARIOS
from scenarios.files import dumps
from scenarios.swarm_worker import ERROR, HANG, Outcome, Task, run_task

#: Some bugs make a world slow, and a busy machine makes it slower: that is no catch. Chosen: ten
#: times what the slowest one takes.
PATIENCE_S = 600

#: A bug that so many seeds do not show counts as missed.
SEEDS_MAX = 200

#: What the matrix calls an assertion of our own.
ASSERTION = "assertion"
#: How the detail of an outcome begins when one failed.
_FAILED = "AssertionError: "


@dataclass(frozen=True, kw_only=True)
class Catch:
    """The first seed that shows a bug, and who saw it."""

    bug: str
    seed: int  #: also the number of seeds that were needed; 0: nobody caught it
    checkers: tuple[str, ...]  #: promises, ``assertion`` or ``hang``
    detail: str = ""


def task_of(bug: Bug, seed: int) -> Task:
    """Return what is run with one seed."""
    text = bug.text
    if bug.scenario:
        text = dumps(SCENARIOS[bug.scenario].small())
    return Task(seed=seed, focus=bug.focus, beyond=bug.beyond, scenario=text)


def try_seed(bug: Bug, seed: int) -> Outcome:
    """Run one seed with the bug planted."""
    with tempfile.TemporaryDirectory() as under, bug.planted():
        return run_task(task_of(bug, seed), under, patience_s=PATIENCE_S)


def checkers_of(bug: Bug, outcome: Outcome) -> tuple[str, ...]:
    """Return who caught the bug.

    An error counts only when it is the assertion that the bug names: a program that trips over
    a bug, or a patch that makes no sense, has checked nothing.
    """
    if outcome.broken:
        return outcome.broken
    if outcome.verdict == HANG:
        return (HANG,)
    asserted = outcome.verdict == ERROR and outcome.detail.startswith(_FAILED)
    return (ASSERTION,) if asserted and bug.says and bug.says in outcome.detail else ()


def hunt(
    bug: Bug, *, seeds: int = SEEDS_MAX, seen: Callable[[int], None] = lambda _seed: None
) -> Catch:
    """Run seeds 1, 2, ... until one is caught."""
    for seed in range(1, seeds + 1):
        outcome = try_seed(bug, seed)
        seen(seed)
        if checkers := checkers_of(bug, outcome):
            return Catch(bug=bug.name, seed=seed, checkers=checkers, detail=outcome.detail)
    return Catch(bug=bug.name, seed=0, checkers=())
