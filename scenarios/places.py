"""Says what is wrong with the places and times of a plan, before anything runs.

Every place is checked against the topology; of callers only the running world knows the names.
What does not belong here: the grammar of a line (sim/plan.py), and what faults there are
(regions/faults/).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from regions.faults import FAULTS
from regions.faults.affliction import DomainFault
from regions.faults.launch_region import LaunchRegion
from regions.faults.membership import NEXT, MemberChange
from regions.names import REGIONS, place_of
from regions.replication.node import Node
from regions.topology import Topology, cast
from sim.network import within
from sim.plan import FaultLine, Plan, PlanError, print_duration

_AZ: Final = re.compile(r"[a-z]+\d*-az\d+")
#: The first part of a place that is no region: where offline hardware is kept.
_SAFE: Final = "safe"
#: The only role: whoever leads a region's replicated log.
_LEADER: Final = "@leader"
#: Where callers stand in a region.
_CLIENTS: Final = "clients"


def misplaced(fault: type[Any], target: str, topology: Topology) -> str:
    """Return why a fault cannot strike a target in worlds of a topology; "" if it can."""
    if issubclass(fault, LaunchRegion):
        return f"region {target!r} is there already" if target in topology.regions else ""
    actors = cast(topology)
    for place in re.split("<->|->|,", target):
        problem = _unknown(place, topology, actors)
        if problem:
            return problem
        if issubclass(fault, DomainFault) and not _hits(fault, place, actors):
            wanted = fault.place.replace("`", "")
            return f"fault {fault.name} wants {wanted} as its target, not {target!r}"
    return ""


def impossible(line: FaultLine, topology: Topology) -> str:
    """Return why a line can be no fault in worlds of a topology; "" if it can."""
    kind = FAULTS[line.fault]
    try:
        kind(line.target, **dict(line.options))
    except ValueError as error:
        return str(error)
    return misplaced(kind, line.target, topology)


def unheld(schedule: str, topology: Topology) -> str:
    """Return why a schedule can hold nobody back in worlds of a topology; "" if it can."""
    kind, _, rest = schedule.partition(":")
    place = rest.partition(":")[0]
    if kind != "hold":
        return ""
    if "@" in place:
        return f"schedule {schedule!r}: holds a place back, not a role"
    problem = _unknown(place, topology, cast(topology))
    return f"schedule {schedule!r}: {problem}" if problem else ""


class Flaw(NamedTuple):
    """Why a plan cannot happen in a run."""

    number: int  #: of the line, from 0
    part: Literal["at", "target"]  #: of the line that is to blame
    problem: str


def flaw(plan: Plan, topology: Topology, span_ns: int) -> Flaw | None:
    """Return what is wrong with a plan in a run; None: nothing.

    Args:
      span_ns: how long the run's calls last; percentages are of it.
    """
    for number, line in enumerate(plan.lines):
        problem = impossible(line, _grown(plan, topology, line.at.of(span_ns), span_ns))
        if problem:
            return Flaw(number, "target", problem)
        if line.at.of(span_ns) > span_ns:
            lasts = print_duration(span_ns)
            return Flaw(number, "at", f"begins after the end of the run, which lasts {lasts}")
    last = _grown(plan, topology, span_ns + 1, span_ns)
    members = {region: _Members(region, azs) for region, azs in last.regions.items()}
    for number, line in sorted(enumerate(plan.lines), key=lambda one: one[1].at.of(span_ns)):
        kind = FAULTS[line.fault]
        if issubclass(kind, MemberChange):
            problem = members[line.target.partition("/")[0]].change(kind, line)
            if problem:
                return Flaw(number, "target", problem)
    return None


def _grown(plan: Plan, topology: Topology, before_ns: int, span_ns: int) -> Topology:
    """Return what there is just before a time of a run: regions may be launched by then."""
    for line in sorted(plan.lines, key=lambda one: one.at.of(span_ns)):
        kind = FAULTS[line.fault]
        if not issubclass(kind, LaunchRegion) or line.at.of(span_ns) >= before_ns:
            continue
        if not impossible(line, topology):  # Else it is the flaw that is told of.
            topology = kind(line.target, **dict(line.options)).grown(topology)
    return topology


def check_plan(plan: Plan, topology: Topology, span_ns: int) -> None:
    """Make sure that every line of a plan can happen in a run.

    Args:
      span_ns: how long the run's calls last; percentages are of it.
    Raises:
      PlanError: a place does not exist, a fault cannot strike it, begins when all is over, or
        changes AZs that are not there.
    """
    found = flaw(plan, topology, span_ns)
    if found is not None:
        raise PlanError(f"fault line '{plan.lines[found.number]}': {found.problem}")


def _unknown(place: str, topology: Topology, actors: Mapping[str, str]) -> str:
    """Say what is wrong with a place as such; nothing: an empty text."""
    region, _, rest = place.partition("/")
    if place == _SAFE:
        return ""
    if region == _SAFE:
        region = rest.partition("/")[0]
    if region not in topology.regions:
        known = ", ".join(topology.regions)
        return f"no region {region!r} here; there are: {known}"
    if "@" in rest and rest != _LEADER:
        return f"no role {place!r}; there is: {region}/{_LEADER}"
    zone = rest.partition("/")[0]
    if _AZ.fullmatch(zone) and zone not in topology.regions[region]:
        known = ", ".join(topology.regions[region])
        return f"no AZ {zone!r} in {region} here; there are: {known}"
    if zone not in {_CLIENTS, _LEADER} and not any(within(place, name) for name in actors):
        return _nothing_at(place, actors)
    return ""


def _nothing_at(place: str, actors: Iterable[str]) -> str:
    """Say what there is beside a place where nothing is."""
    around = place.rpartition("/")[0]
    while not any(name.startswith(f"{around}/") for name in actors):
        around = around.rpartition("/")[0]
    inside = [name[len(around) + 1 :] for name in actors if name.startswith(f"{around}/")]
    known = ", ".join(sorted({name.partition("/")[0] for name in inside}))
    return f"nothing is at {place!r}; in {around} there are: {known}"


def _hits(fault: type[DomainFault], place: str, actors: Mapping[str, str]) -> bool:
    """Say whether a place has an actor of the kind that a fault hits."""
    region, _, rest = place.partition("/")
    if rest == _LEADER:
        # Whoever leads, all AZs have the same actors: those of any one will do.
        nodes = (n for n, kind in actors.items() if kind == Node.kind and within(region, n))
        place = place_of(next(nodes))
    return any(kind == fault.hits and within(place, name) for name, kind in actors.items())


class _Members:
    """The AZs of a region while a plan changes them."""

    def __init__(self, region: str, azs: tuple[str, ...]) -> None:
        self._region, self._used, self._left = region, list(azs), list(azs)

    def change(self, kind: type[MemberChange], line: FaultLine) -> str:
        """Follow one change; say why it cannot be made, or nothing."""
        lost = line.target.partition("/")[2]
        if lost and lost not in self._left:
            return f"AZ {lost!r} of {self._region} has left already"
        brought = dict(line.options).get(kind.brings, NEXT) if kind.brings else ""
        if brought == NEXT:
            free = [az for az in REGIONS[self._region] if az not in self._used]
            if not free:
                known = ", ".join(self._used)
                return f"region {self._region!r} has no AZ left to launch; it has or had: {known}"
            brought = free[0]
        elif brought in self._used:
            return f"AZ {brought!r} of {self._region} was launched before; a name is used once"
        if brought:
            self._used.append(brought)
        self._left = [az for az in (*self._left, brought) if az not in {lost, ""}]
        if not self._left:
            return f"region {self._region!r} would be left without an AZ"
        return ""
