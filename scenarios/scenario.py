"""A scenario is a value: topology, workload, fault plan, promises, length.

What does not belong here: running it (run.py), or the scenarios themselves (catalogue/).
"""

from dataclasses import dataclass, field, replace
from typing import Final

from regions.topology import Topology
from sim.plan import Plan
from sim.units import minutes, seconds, years

#: After the last heal: time for replicas to converge and callers to finish, before examination.
RECOVERY_NS: Final = minutes(3)
#: After the examination: 99 % of records are delivered within 900 s; twice that is the bound.
SETTLE_NS: Final = minutes(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run to be made, with any seed."""

    name: str
    summary: str  #: one line for people
    topology: Topology = field(default_factory=Topology)
    plan: Plan = field(default_factory=Plan)
    length_ns: int = minutes(60)
    clients_per_region: int = 8
    think_ns: int = seconds(4)  #: mean time between two actions of a client
    managed_keys: tuple[str, ...] = ()  #: services that make their key before the run begins
    recovery_ns: int = RECOVERY_NS
    settle_ns: int = SETTLE_NS

    def small(self) -> "Scenario":
        """Return a form of at most two seconds of wall time, with the same faults."""
        # A year of silence costs less than six minutes of work.
        length_ns = minutes(6) if self.clients_per_region else years(2)
        return replace(
            self,
            length_ns=min(self.length_ns, length_ns),
            clients_per_region=min(self.clients_per_region, 2),
            think_ns=seconds(3),
        )
