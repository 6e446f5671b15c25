"""What shrinking came to: how much smaller, and the run that is left, in an operator's words.

What does not belong here: the steps (shrink.py).
"""

from dataclasses import dataclass
from typing import Any

from scenarios import figures
from scenarios.scenario import Scenario
from scenarios.shrink import Shrunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything there is to say."""

    what: str  #: the promise that breaks, or the error that ends the run
    whole: Scenario
    small: Shrunk
    calls_before: int
    calls: int
    again: str  #: the command that runs the smallest one


def to_text(told: Told) -> str:
    """Return a few lines."""
    before, after = told.whole, told.small.scenario
    rows = (
        ("faults", len(before.plan.lines), len(after.plan.lines)),
        ("client calls", told.calls_before, told.calls),
        ("callers", _callers(before), _callers(after)),
        ("regions", len(before.topology.regions), len(after.topology.regions)),
    )
    lines = [f"{told.what} still breaks, after {figures.count(told.small.tries)} tries:"]
    lines += [f"  {name:<13} {figures.count(a)} -> {figures.count(b)}" for name, a, b in rows]
    lines.append(
        f"  {'length':<13} {figures.span(before.length_ns)} -> {figures.span(after.length_ns)}"
    )
    if not told.small.minimal:
        lines.append("  (the tries ran out; --tries allows more)")
    lines.append("")
    lines += [f"  {line}" for line in after.plan.lines] or ["  no fault is needed"]
    if told.again:
        lines += ["", f"  again  {told.again}"]
    return "\n".join(lines) + "\n"


def _callers(scenario: Scenario) -> int:
    return sum(
        workload.clients * len(workload.regions or scenario.topology.regions)
        for workload in scenario.workloads
    )


def to_json(told: Told) -> dict[str, Any]:
    """Return plain values."""
    before, after = told.whole, told.small.scenario
    return {
        "breaks": told.what,
        "tries": told.small.tries,
        "minimal": told.small.minimal,
        "faults": [len(before.plan.lines), len(after.plan.lines)],
        "calls": [told.calls_before, told.calls],
        "callers": [_callers(before), _callers(after)],
        "length_ns": [before.length_ns, after.length_ns],
        "plan": [str(line) for line in after.plan.lines],
        "again": told.again,
    }
