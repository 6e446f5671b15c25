"""What goes wrong in a running live world: fault lines begun by hand, and their ends.

What does not belong here: what a fault does (sim/faults/, regions/faults/), the grammar of a line
(sim/plan.py), and who may ask for one (admin.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

from regions.faults import FAULTS, Fault
from regions.topology import Topology
from sim.clock import Timer
from sim.live import LiveWorld
from sim.plan import FaultLine, PlanError, print_duration
from sim.trace import Event

#: Tells why a line can be no fault in worlds of a topology; "" if it can.
Impossible = Callable[[FaultLine, Topology], str]


class FaultRefused(ValueError):
    """A fault that cannot begin or end; the text says why and what was expected."""


@dataclass(slots=True)
class Running:
    """One fault that has begun."""

    number: int  #: 1, 2, ... since the process began
    line: str
    fault: Fault
    begin_ns: int  #: calendar
    end: Timer | None  #: None: it lasts until it is healed by hand

    def shown(self, now_ns: int) -> dict[str, object]:
        """Return what is told of it."""
        left_ns = None if self.end is None else max(0, self.end.due_ns - now_ns)
        return {
            "number": self.number,
            "line": self.line,
            "begin_ns": self.begin_ns,
            "ends_in_s": None if left_ns is None else round(left_ns / 1e9, 3),
        }


class LiveFaults:
    """Begins and ends faults in one world.

    Args:
      impossible: says what no world of the topology can suffer.
    """

    def __init__(self, world: LiveWorld, topology: Topology, impossible: Impossible) -> None:
        self._world = world
        self._topology = topology
        self._impossible = impossible
        self._count = 0
        self._running: dict[int, Running] = {}
        world.trace.watch("leader", self._leads)

    @property
    def running(self) -> tuple[Running, ...]:
        """The faults that last, in the order in which they began."""
        return tuple(self._running.values())

    def begin(self, text: str) -> Running:
        """Begin a fault now.

        Args:
          text: a fault line without ``at``: FAULT TARGET [for DURATION] [with NAME=VALUE ...].

        Raises:
          FaultRefused: it is none, or nothing is there that it could strike.
        """
        world = self._world
        try:
            line = FaultLine.parse(text, FAULTS)
        except PlanError as error:
            raise FaultRefused(str(error)) from error
        if text.split(maxsplit=1)[0] == "at":
            raise FaultRefused(f"fault line {text!r}: it begins now; expected no 'at'")
        if line.lasts is not None and line.lasts.percent is not None:
            raise FaultRefused(f"fault line {text!r}: expected a duration, not a percentage")
        problem = self._impossible(line, self._topology)
        if problem:
            raise FaultRefused(f"fault line {text!r}: {problem}")
        fault = FAULTS[line.fault](line.target, **dict(line.options))
        world.touch()
        end = None
        if line.lasts is not None:
            fault.ends_ns = world.now_ns + line.lasts.ns
        try:
            fault.inject(world)
        except ValueError as error:  # A place or a role that nobody fills now.
            raise FaultRefused(f"fault line {text!r}: {error}") from error
        self._count += 1
        number = self._count
        if fault.ends_ns is not None:
            end = world.at(fault.ends_ns, self._end, number)
        shown = f"{line.fault} {line.target}"
        if line.lasts is not None:
            shown += f" for {print_duration(line.lasts.ns)}"
        if line.options:
            shown += " with" + "".join(f" {name}={value}" for name, value in line.options)
        running = Running(number, shown, fault, world.calendar_ns, end)
        self._running[number] = running
        return running

    def heal(self, number: int) -> Running:
        """End a fault now.

        Raises:
          FaultRefused: no such fault lasts.
        """
        running = self._running.get(number)
        if running is None:
            there = ", ".join(map(str, self._running)) or "none"
            raise FaultRefused(f"no fault {number} lasts; there are: {there}")
        self._world.touch()
        if running.end is not None:
            running.end.cancel()
        self._end(number)
        return running

    def heal_all(self) -> tuple[Running, ...]:
        """End every fault, the youngest first."""
        return tuple(self.heal(number) for number in reversed(tuple(self._running)))

    def _end(self, number: int) -> None:
        running = self._running.pop(number)
        running.fault.heal(self._world)

    def _leads(self, event: Event) -> None:
        """Keep who leads each region, for targets such as ``us-east-1/@leader``."""
        said = dict(word.split("=", 1) for word in event.body.decode().split(" ") if "=" in word)
        if said.get("leader"):
            self._world.roles[event.subject.partition("/")[0], "leader"] = said["leader"]
