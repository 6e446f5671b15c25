"""Single faults in the grammar of plans: where, for how long, and how.

Source: scenarios/portfolio.py (how often each fault comes up) and scenarios/drawer.py.
"""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from regions.names import REGIONS
from regions.topology import Topology
from scenarios.drawer import Focus, draw_line
from scenarios.kit.strategies.topologies import CEREMONY_NS
from scenarios.places import impossible
from scenarios.portfolio import PORTFOLIO, ROOMY, ROOMY_AZ
from sim.choices import Choices
from sim.plan import FaultLine, When
from sim.units import ms


def fault_lines(
    topology: Topology | None = None,
    *,
    faults: Sequence[str] = (),
    last_at_ns: int = 0,
    lasts: Sequence[str] = (),
) -> st.SearchStrategy[str]:
    """Return faults that can strike in a topology; the simplest is a short crash of one actor.

    Those that begin at once are written without a time, as ``cloud.fault`` takes them.

    Args:
      topology: where they strike; by default the three regions that scenarios have.
      faults: names to choose from, the simplest first; by default all, the likely ones more often.
      last_at_ns: they begin between 0 and so many nanoseconds after the start.
      lasts: durations to choose from, such as ``10s``, the simplest first; by default any number
        of milliseconds up to 40 seconds.
    Raises:
      ValueError: a fault is none, is not drawn at random, or finds no place in the topology.
      PlanError: a duration is none.
    """
    return parsed_lines(topology, faults=faults, last_at_ns=last_at_ns, lasts=lasts).map(shown)


def shown(line: FaultLine) -> str:
    """Return a line as people write it: one that begins at once tells no time."""
    return str(line) if line.at.ns else str(line).removeprefix(f"at {line.at} ")


def parsed_lines(
    topology: Topology | None = None,
    *,
    faults: Sequence[str] = (),
    last_at_ns: int = 0,
    lasts: Sequence[str] = (),
) -> st.SearchStrategy[FaultLine]:
    """Return what ``fault_lines`` returns, as values of the plan's grammar."""
    where = topology or Topology(ceremony_ns=CEREMONY_NS)
    likely = _likely(where)
    for name in faults:
        if name not in likely:
            known = ", ".join(sorted(set(likely)))
            raise ValueError(f"fault {name!r}: expected one of {known}")
    durations = tuple(When.parse(text) for text in lasts)
    lines = _lines(where, tuple(faults) or likely, last_at_ns // ms(1), durations)
    return lines.filter(lambda line: not impossible(line, where))


def _likely(topology: Topology) -> tuple[str, ...]:
    """Return the faults that find a place in a topology, each as often as its weight says."""
    roomy = any(len(REGIONS[region]) > len(azs) for region, azs in topology.regions.items())
    return tuple(
        name
        for name, entry in PORTFOLIO.items()
        for _ in range(entry.weight)
        if roomy or not set(entry.places) <= {ROOMY, ROOMY_AZ}
    )


@st.composite
def _lines(
    draw: st.DrawFn,
    topology: Topology,
    faults: tuple[str, ...],
    last_at_ms: int,
    durations: tuple[When, ...],
) -> FaultLine:
    choices = Choices(lambda _, low, high: draw(st.integers(low, high)), keep=False)
    focus = Focus(draw(st.sampled_from(faults)))
    line = draw_line(choices, topology, draw(st.integers(0, last_at_ms)), focus=focus)
    if not durations:
        return line
    chosen = draw(st.sampled_from(durations))
    shortest_ns = ms(PORTFOLIO[line.fault].shortest_ms)
    return replace(line, lasts=max(chosen, When(ns=shortest_ns), key=lambda one: one.ns))
