"""A scenario is a value: topology, workloads, fault plan, promises, length.

What does not belong here: running it (run.py), its text form (files.py), or the scenarios that
come with the project (catalogue/).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from regions.topology import Topology
from sim.plan import FaultLine, Plan, When, parse_duration
from sim.units import minutes, years

#: After the last heal: time for replicas to converge and callers to finish, before examination.
RECOVERY_NS: Final = minutes(3)
#: After the examination: 99 % of records are delivered within 900 s; twice that is the bound.
SETTLE_NS: Final = minutes(30)
#: What keeps a small form below two seconds of wall time: work, and years of silence.
_SMALL_NS: Final = minutes(6)
_SMALL_QUIET_NS: Final = years(2)
_SMALL_CLIENTS: Final = 2
_SMALL_THINK: Final = "4s"
_SMALL_CEREMONY_NS: Final = minutes(1)
#: Options that divide a fault's own time, so that they shrink with it: how long the power is out,
#: how fast what needs it comes back, how long nobody may enter, how long a rollout waits.
_COURSE: Final = frozenset({"dark", "tau", "staff", "bake"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Callers of one kind in some regions."""

    kind: str = "envelope"  #: a name of WORKLOADS
    regions: tuple[str, ...] = ()  #: where they stand; () is every region, launched ones too
    clients: int = 8  #: how many in each region
    options: Mapping[str, Any] = field(default_factory=dict)  #: the kind's own, as in a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run to be made, with any seed."""

    name: str
    summary: str  #: one line for people
    source: str = ""  #: what it is modelled on, such as an incident and where it is described
    topology: Topology = field(default_factory=Topology)
    plan: Plan = field(default_factory=Plan)
    length_ns: int = minutes(60)
    workloads: tuple[Workload, ...] = (Workload(),)
    managed_keys: tuple[str, ...] = ()  #: services that make their key before the run begins
    validation: bool = False  #: trails validate their log files: a digest is made of each hour
    promises: tuple[str, ...] = ()  #: names of INVARIANTS that are judged; () is all of them
    recovery_ns: int = RECOVERY_NS
    settle_ns: int = SETTLE_NS
    thorough: bool = False  #: checkers that sample read every frame instead
    schedule: str = ""  #: how races are decided, such as ``pct:3``; "" as they come

    def small(self) -> "Scenario":
        """Return a form of at most two seconds of wall time, with the same faults.

        Times of the plan shrink with the length of the run, and with them the course of a long
        fault; what else a fault is made of does not.
        """
        busy = any(workload.clients for workload in self.workloads)
        length_ns = min(self.length_ns, _SMALL_NS if busy else _SMALL_QUIET_NS)
        factor = length_ns / self.length_ns
        # Opening the safe takes hours in which every HSM of a region asks in vain.
        ceremony_ns = min(self.topology.ceremony_ns, _SMALL_CEREMONY_NS)
        saved_ns = self.topology.ceremony_ns - ceremony_ns
        return replace(
            self,
            topology=replace(self.topology, ceremony_ns=ceremony_ns),
            length_ns=length_ns,
            recovery_ns=min(self.recovery_ns, max(RECOVERY_NS, self.recovery_ns - saved_ns)),
            plan=Plan(tuple(_shorter(line, factor) for line in self.plan.lines)),
            workloads=tuple(_fewer(workload) for workload in self.workloads),
        )


def _fewer(workload: Workload) -> Workload:
    """Return few callers, who are busy enough for a few minutes."""
    options = dict(workload.options)
    if "think" in options:
        options["think"] = min(options["think"], _SMALL_THINK, key=parse_duration)
    clients = min(workload.clients, _SMALL_CLIENTS)
    return replace(workload, clients=clients, options=options)


def _shorter(line: FaultLine, factor: float) -> FaultLine:
    lasts = None if line.lasts is None else _scaled(line.lasts, factor)
    options = tuple(
        (name, str(_scaled(When.parse(text), factor)) if name in _COURSE else text)
        for name, text in line.options
    )
    return replace(line, at=_scaled(line.at, factor), lasts=lasts, options=options)


def _scaled(when: When, factor: float) -> When:
    """Return a time within a run whose length is multiplied; a percentage follows by itself."""
    return when if when.percent is not None else When(ns=int(when.ns * factor))
