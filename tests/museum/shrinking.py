"""Shrinks the run that shows a planted bug, and says what is left of it and what that took.

What does not belong here: how runs shrink (scenarios/shrink.py).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from museum.bug import Bug
from museum.hunt import ASSERTION, Catch, task_of

from scenarios.run import run
from scenarios.scenario import Scenario
from scenarios.shrink import Calls, Shrinker, breaks_promise, fails_like, fixed
from scenarios.swarm_worker import scenario_of

#: What a shrunk run may still have, and how long that may take; the target is the project's own.
FAULTS_MAX: Final = 3
CALLS_MAX: Final = 10
SECONDS_MAX: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunken:
    """What became of one run."""

    bug: str
    what: str  #: the promise that both runs break, or ``assertion``
    faults: tuple[int, int]  #: before and after
    calls: tuple[int, int]  #: of callers, checkers' own not counted; the same
    tries: int
    seconds: float  #: of processor time: what else the machine does must not count

    @property
    def few(self) -> bool:
        """Whether what is left is within the target."""
        return self.faults[1] <= FAULTS_MAX and self.calls[1] <= CALLS_MAX

    @property
    def small(self) -> bool:
        """Whether it is within the target, in time."""
        return self.few and self.seconds < SECONDS_MAX


def _try(scenario: Scenario, seed: int) -> tuple[int, Exception | None]:
    """Make a run; return how many calls it made, and the error that it ended with."""
    calls = Calls()
    try:
        run(scenario, seed=seed, observers=(calls,))
    except Exception as error:  # noqa: BLE001 - whichever it is, it is looked for
        return calls.count, error
    return calls.count, None


def shrink(bug: Bug, catch: Catch) -> Shrunken:
    """Shrink the run that caught a bug, with the bug planted."""
    seed, what = catch.seed, catch.checkers[0]
    with bug.planted():
        whole = fixed(scenario_of(task_of(bug, seed)))
        calls, error = _try(whole, seed)
        assert (error is not None) == (what == ASSERTION), f"{bug.name} is caught by {what}: {error!r}"
        breaks: Any = breaks_promise(what, seed, run)
        if error is not None:
            breaks = fails_like(error, seed, run)
        since = time.process_time()
        small = Shrinker(whole, breaks).shrink()
        seconds = time.process_time() - since
        calls_left, _ = _try(small.scenario, seed)
    return Shrunken(
        bug=bug.name,
        what=what,
        faults=(len(whole.plan.lines), len(small.scenario.plan.lines)),
        calls=(calls, calls_left),
        tries=small.tries,
        seconds=seconds,
    )


def to_text(rows: Iterable[Shrunken]) -> str:
    """Return a table for people, and how many are within the target."""
    found = list(rows)
    lines = [f"{'bug':<40} {'shows as':<24} {'faults':>8} {'calls':>12} {'tries':>6} {'cpu':>8}"]
    for row in found:
        faults, calls = ("{} → {}".format(*pair) for pair in (row.faults, row.calls))
        mark = "" if row.small else "  too slow" if row.few else "  too large"
        lines.append(
            f"{row.bug:<40} {row.what:<24} {faults:>8} {calls:>12} {row.tries:>6}"
            f" {row.seconds:>6.1f} s{mark}"
        )
    small = sum(row.small for row in found)
    lines.append(
        f"{small} of {len(found)} are left with at most {FAULTS_MAX} faults and {CALLS_MAX} calls"
        f" in under {SECONDS_MAX} s"
    )
    return "\n".join(lines)
