"""Lets the state machine of the kit find a planted bug, and says how small the example gets.

What does not belong here: the machine (scenarios/kit/machine.py), and drawn worlds (hunt.py).
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from museum.bug import Bug

from scenarios.kit.machine import CloudMachine, PromiseBroken

#: What somebody understands at a glance.
STEPS_MAX: Final = 6
FAULTS_MAX: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The smallest example of a bug that Hypothesis came to."""

    bug: str
    promise: str  #: that it breaks; "" if none was found
    steps: tuple[str, ...] = ()  #: as Hypothesis prints them, from the first call on
    examples: int = 0  #: until one broke the promise
    runs: int  #: of the machine in all
    seconds: float  #: of processor time

    @property
    def faults(self) -> int:
        """How many of the steps let something go wrong."""
        return sum(".fault(" in step for step in self.steps)

    @property
    def small(self) -> bool:
        """Whether somebody understands it at a glance."""
        return bool(self.promise) and len(self.steps) <= STEPS_MAX and self.faults <= FAULTS_MAX


def least(bug: Bug, kind: type[CloudMachine], how: settings) -> Least:
    """Run a machine with a bug planted, and return the smallest example."""
    runs, first = 0, 0

    class Counted(kind):  # type: ignore[misc,valid-type] # a class of the caller's choice
        def __init__(self) -> None:
            nonlocal runs
            super().__init__()
            runs += 1

        def fail(self, promise: str, text: str) -> None:
            nonlocal first
            first = first or runs
            super().fail(promise, text)

    Counted.__name__ = kind.__name__
    since = time.process_time()
    found: Any = None
    with bug.planted():
        try:
            run_state_machine_as_test(Counted, settings=how)
        except PromiseBroken as error:
            found = error
    return Least(
        bug=bug.name,
        promise="" if found is None else found.promise,
        steps=() if found is None else steps_of(found),
        examples=first,
        runs=runs,
        seconds=time.process_time() - since,
    )


def steps_of(error: Exception) -> tuple[str, ...]:
    """Return the steps of the failing example that Hypothesis has noted at an error."""
    lines = [line.strip() for note in error.__notes__ for line in note.splitlines()]
    begin = next(n for n, line in enumerate(lines) if line.startswith("state = "))
    return tuple(lines[begin + 1 : lines.index("state.teardown()")])


def to_text(rows: Iterable[Least]) -> str:
    """Return a table for people, and how many are small."""
    found = list(rows)
    lines = [f"{'bug':<34} {'breaks':<22} {'steps':>5} {'faults':>6} {'found at':>8} {'runs':>5} {'cpu':>7}"]
    for row in found:
        mark = "" if row.small else "  missed" if not row.promise else "  too large"
        lines.append(
            f"{row.bug:<34} {row.promise or '-':<22} {len(row.steps):>5} {row.faults:>6}"
            f" {row.examples:>8} {row.runs:>5} {row.seconds:>5.1f} s{mark}"
        )
        lines.extend(f"    {step}" for step in row.steps)
    small = sum(row.small for row in found)
    lines.append(
        f"{small} of {len(found)} are left with at most {STEPS_MAX} steps and {FAULTS_MAX} fault"
    )
    return "\n".join(lines)
