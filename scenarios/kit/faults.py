"""Faults that a test begins and ends by hand, or has happen by themselves.

What does not belong here: what a fault does (sim/faults/, regions/faults/), and the grammar of a
line (sim/plan.py).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from regions.faults import FAULTS, Fault
from regions.topology import Topology
from scenarios.places import impossible
from sim.clock import Timer
from sim.faults import FAULTS as ANYWHERE
from sim.plan import FaultLine, Plan, PlanError, When
from sim.trace import Event
from sim.world import SimWorld

#: Between the places of a target.
_BETWEEN: Final = re.compile("<->|->|,")

PLANNED: Final = "planned"
ACTIVE: Final = "active"
HEALED: Final = "healed"


class CloudFault:
    """One fault line in a running world; as a context manager it is healed at the end."""

    def __init__(self, world: SimWorld, line: FaultLine) -> None:
        self.line = line
        self.begin_ns = world.now_ns + line.at.ns
        self.end_ns: int | None = None  #: when it ended, or will end by itself
        self.state = PLANNED
        self.struck = False  #: whether it has begun; what it broke may outlast its healing
        self._world = world
        self._fault: Fault = FAULTS[line.fault](line.target, **dict(line.options))
        self._begin: Timer | None = None
        self._end: Timer | None = None
        if line.lasts is not None:
            self.end_ns = self._fault.ends_ns = self.begin_ns + line.lasts.ns
        if line.at.ns:
            self._begin = world.at(self.begin_ns, self._inject)
        else:
            self._inject()

    def _inject(self) -> None:
        world, line = self._world, self.line
        world.note("fault", line.target, inject=line.fault)
        try:
            self._fault.inject(world)
        except ValueError as error:  # A place or a role that nobody fills now.
            self.state = HEALED
            raise PlanError(f"fault line '{shown(line)}': {error}") from error
        self.state, self.struck = ACTIVE, True
        if self.end_ns is not None:
            self._end = world.at(self.end_ns, self.heal)

    def heal(self) -> None:
        """End it now; one that has not begun never will, and one that has ended stays so."""
        for timer in (self._begin, self._end):
            if timer is not None:
                timer.cancel()
        if self.state == ACTIVE:
            self._world.note("fault", self.line.target, heal=self.line.fault)
            self.end_ns = self._world.now_ns
            self.state = HEALED
            self._fault.heal(self._world)
        elif self.state == PLANNED:
            self.begin_ns = self.end_ns = self._world.now_ns
            self.state = HEALED

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.heal()

    def __repr__(self) -> str:
        return f"<fault {shown(self.line)}: {self.state}>"


class CloudFaults:
    """Every fault that a cloud has suffered, in the order in which they were asked for."""

    def __init__(self, world: SimWorld, topology: Topology) -> None:
        self._world = world
        self._topology = topology
        self.all: list[CloudFault] = []
        world.trace.watch("leader", self._leads)

    def begin(self, text: str) -> CloudFault:
        """Begin a fault now, or when its line says.

        Raises:
          PlanError: the text is no line, or nothing is there that it could strike.
        """
        line = FaultLine.parse(text, FAULTS)
        for when in (line.at, line.lasts):
            if when is not None and when.percent is not None:
                raise PlanError(f"fault line {text!r}: expected a duration, not a percentage")
        problem = impossible(line, self._topology)
        if problem and not self._is_there(line):
            raise PlanError(f"fault line {text!r}: {problem}")
        found = CloudFault(self._world, line)
        self.all.append(found)
        return found

    def _is_there(self, line: FaultLine) -> bool:
        """Say whether a fault that strikes any place strikes one that no topology names: IAM's."""
        places = _BETWEEN.split(line.target)
        return line.fault in ANYWHERE and all(self._world.names(place) for place in places)

    def follow(self, plan: Iterable[str]) -> None:
        """Begin every line of a plan."""
        for text in (plan,) if isinstance(plan, str) else plan:
            self.begin(text)

    def heal(self) -> None:
        """End every fault, the youngest first."""
        for fault in reversed(self.all):
            fault.heal()

    def plan(self, from_ns: int) -> Plan:
        """Return what has happened as a plan, with its times as they were.

        Args:
          from_ns: world time from which the plan's times count.
        """
        lines = []
        for fault in self.all:
            end_ns = self._world.now_ns if fault.end_ns is None else fault.end_ns
            if fault.struck:
                # A disk that is lost at an instant is lost, however soon all is healed.
                lasts = When(ns=max(1, end_ns - fault.begin_ns))
                at = When(ns=fault.begin_ns - from_ns)
                lines.append(replace(fault.line, at=at, lasts=lasts))
        return Plan(tuple(lines))

    def _leads(self, event: Event) -> None:
        """Keep who leads each region, for targets such as ``us-east-1/@leader``."""
        said = dict(word.split("=", 1) for word in event.body.decode().split(" ") if "=" in word)
        if said.get("leader"):
            self._world.roles[event.subject.partition("/")[0], "leader"] = said["leader"]


def shown(line: FaultLine) -> str:
    """Return a line as it is written, without a beginning at once."""
    return str(line) if line.at.ns else str(line).removeprefix(f"at {line.at} ")
