"""Fault plans within the budget of what must be survived, and beyond it on purpose.

Each line is drawn by itself and may be left out without a change of the others, so plans shrink to
the lines that matter.
Source: scenarios/budget.py, which says what the budget is and judges the plans of every run.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from hypothesis import strategies as st

from regions.faults import FAULTS
from regions.topology import Topology
from scenarios.budget import judge, room
from scenarios.drawer import Focus, draw_line, zone_of
from scenarios.kit.fault_table import likely, shown
from scenarios.kit.strategies.topologies import CEREMONY_NS
from scenarios.places import check_plan
from sim.choices import Choices
from sim.plan import FaultLine, Plan, PlanError, When
from sim.units import minutes, ms, seconds

LENGTH_NS: Final = minutes(4)
LINES_MAX: Final = 6
#: A line that follows another to its AZ comes so soon after it; chosen, as in the drawer.
_SOON_NS: Final = seconds(8)
#: Long enough to be noticed, short enough to heal in every world.
_DARK_NS: Final = seconds(10)


class _Drawn(NamedTuple):
    """A line, and whether it follows the one before it."""

    line: FaultLine
    follows: bool  #: to the same AZ, soon after


def fault_plans(
    topology: Topology | None = None,
    *,
    length_ns: int = LENGTH_NS,
    beyond: bool = False,
    faults: Sequence[str] = (),
    max_lines: int = LINES_MAX,
) -> st.SearchStrategy[tuple[str, ...]]:
    """Return fault plans that can happen in a topology, each as its lines.

    ``Cloud(plan=...)`` takes them so; ``Plan.parse(lines, FAULTS)`` is for scenarios.

    Args:
      topology: by default the three regions that scenarios have.
      length_ns: of the run; the plan's times are milliseconds of it.
      beyond: False: each plan is within the budget at every moment, and the simplest is empty.
        True: each goes beyond it; the simplest takes the power from too many AZs of a region.
      faults: names to choose from, the simplest first.
      max_lines: as many lines at most, beside those that take the power from too many.
    Raises:
      ValueError: a fault is none, is never drawn, or finds no place in the topology.
    """
    where = topology or Topology(ceremony_ns=CEREMONY_NS)
    last_at_ms = (length_ns - 1) // ms(1)
    lines = _lines(where, likely(where, faults), last_at_ms)
    plans = _plans(lines, max_lines, where, length_ns, beyond=beyond)
    if not beyond:
        return plans.map(_written)
    moments = st.integers(0, last_at_ms).map(ms)
    return st.builds(
        lambda plan, region, at_ns: _too_much(plan, where, region, at_ns, length_ns),
        plans,
        st.sampled_from(tuple(where.regions)),
        moments,
    ).map(_written)


@st.composite
def _lines(
    draw: st.DrawFn, topology: Topology, faults: tuple[str, ...], last_at_ms: int
) -> FaultLine:
    """Return single lines, with times in milliseconds."""
    choices = Choices(lambda _, low, high: draw(st.integers(low, high)), keep=False)
    focus = Focus(draw(st.sampled_from(faults)))
    return draw_line(choices, topology, draw(st.integers(0, last_at_ms)), focus=focus)


@st.composite
def _plans(
    draw: st.DrawFn,
    lines: st.SearchStrategy[FaultLine],
    max_lines: int,
    topology: Topology,
    length_ns: int,
    *,
    beyond: bool,
) -> Plan:
    """Return plans; a line for which there is no room is left out.

    How many lines there are is drawn first, as a number: Hypothesis then cuts out whole lines, of
    whatever size, where those of a list of its own would have to fall apart first.
    """
    drawn = [
        _Drawn(draw(lines), draw(st.booleans())) for _ in range(draw(st.integers(0, max_lines)))
    ]
    return _fitting(drawn, topology, length_ns, beyond=beyond)


def _written(plan: Plan) -> tuple[str, ...]:
    return tuple(shown(line) for line in plan.lines)


def _fitting(
    drawn: Sequence[_Drawn], topology: Topology, length_ns: int, *, beyond: bool
) -> Plan:
    """Return the plan of those lines for which there is room."""
    kept: list[FaultLine] = []
    for line, follows in drawn:
        moved = _behind(kept[-1], line, length_ns) if follows and kept else line
        try:
            check_plan(Plan((*kept, moved)), topology, length_ns)
        except PlanError:
            continue  # Such as an AZ that has left already.
        if beyond or room(kept, moved, topology, length_ns):
            kept.append(moved)
    return Plan(tuple(kept))


def _behind(first: FaultLine, line: FaultLine, length_ns: int) -> FaultLine:
    """Return a line moved to the AZ of the one before it, and soon after its begin."""
    there, here = zone_of(first.target), zone_of(line.target)
    if not there or not here:
        return line
    target = line.target.replace(here, "\n").replace(there, here).replace("\n", there)
    at_ns = min(first.at.ns + line.at.ns % _SOON_NS, length_ns - 1)
    try:
        FAULTS[line.fault].check(target)
    except ValueError:
        return line
    return replace(line, target=target, at=When(ns=at_ns))


def _too_much(
    plan: Plan, topology: Topology, region: str, at_ns: int, length_ns: int
) -> Plan:
    """Return a plan that goes beyond the budget: with more AZs dark, unless it does already."""
    if judge(plan, topology, length_ns).beyond:
        return plan
    azs = topology.regions[region]
    dark = tuple(
        FaultLine("power-off", f"{region}/{az}", When(ns=at_ns), When(ns=_DARK_NS))
        for az in azs[: (len(azs) - 1) // 2 + 1]
    )
    return Plan((*plan.lines, *dark))
