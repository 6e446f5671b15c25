"""Single faults in the grammar of plans: where, for how long, and how.

Source: scenarios/portfolio.py (how often each fault comes up) and scenarios/drawer.py.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

from hypothesis import strategies as st

from regions.topology import Topology
from scenarios.kit.fault_table import every_line, likely, shown
from scenarios.kit.strategies.topologies import CEREMONY_NS
from sim.plan import When

#: Long enough for calls to meet the fault, short, and long enough for everything to give up.
LASTS: Final = ("10s", "1s", "1m")


def fault_lines(
    topology: Topology | None = None,
    *,
    faults: Sequence[str] = (),
    lasts: Sequence[str] = LASTS,
) -> st.SearchStrategy[str]:
    """Return faults that begin at once, as ``cloud.fault`` takes them; the simplest is a crash.

    Args:
      topology: where they strike; by default the three regions that scenarios have.
      faults: names to choose from, the simplest first; by default all, the likely ones more often.
      lasts: durations to choose from, the simplest first.
    Raises:
      ValueError: a fault is none, is never drawn, or finds no place in the topology.
      PlanError: a duration is none.
    """
    where = topology or Topology(ceremony_ns=CEREMONY_NS)
    durations = tuple(When.parse(text) for text in lasts)

    @cache
    def lines(fault: str) -> st.SearchStrategy[str]:
        return st.sampled_from([shown(line) for line in every_line(fault, where, durations)])

    return st.sampled_from(likely(where, faults)).flatmap(lines)
