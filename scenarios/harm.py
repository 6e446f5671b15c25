"""What one line of a fault plan does to one region: which AZs, for how long, and what they lose.

An AZ is harmed as a whole if anything in it may be unable to take part. A cut between two sides
harms either side; a role, or a fault that goes from AZ to AZ, harms one AZ, whichever it is.
What does not belong here: how much harm is too much (budget.py).
Source: the faults' own attributes and models; times chosen, each beside its name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from regions.deployment import HSMS_PER_AZ
from regions.faults import FAULTS, Fault
from regions.faults.affliction import DomainFault
from regions.faults.errand import OperatorError
from sim.faults.clocks import ClockFault
from sim.faults.links import LinkFault
from sim.plan import FaultLine, Plan
from sim.units import minutes, seconds

#: After its last fault an AZ needs so long to vote, catch up, rejoin its HSMs and be asked again;
#: chosen: storms with this much calm between their faults break no promise.
HEALING_NS: Final = seconds(15)
#: The same where a process died by its own hand: its supervisor waits up to a minute.
SLOW_HEALING_NS: Final = seconds(75)

#: Processes die by their own hand of it, so the harm lasts until a supervisor has tried again.
KILLS_PROCESSES: Final = frozenset(
    {"bad-config", "disk-eio", "disk-full", "disk-latent", "disk-misdirected", "disk-rot", "poison"}
)
#: Bytes are damaged that nobody looks at before the next scrub.
ROTS_UNSEEN: Final = frozenset({"disk-latent", "disk-misdirected", "disk-rot"})
#: Domain faults after which HSMs have forgotten their domain keys; a loss of power does it too.
EMPTIES_HSMS: Final = frozenset({"hsm-restart", "hsm-tamper", "rolling-upgrade"})
#: Faults that go from AZ to AZ, or from HSM to HSM, with ``down`` and ``gap``.
STAGGERED: Final = frozenset({"hsm-restart", "rolling-upgrade"})
#: Records that nobody has read yet are thrown away, unless they must not be.
DROPS_RECORDS: Final = frozenset({"audit-drop"})
#: A trail that is told not to log delivers nothing.
STOPS_TRAILS: Final = frozenset({"stop-logging"})

#: An AZ that goes this way is missing for good.
REMOVES_AZS: Final = frozenset({"remove-az"})
#: A new AZ takes the part of a lost one; it is admitted, has copied and serves after this; chosen:
#: two changes of the members, a snapshot, and the HSMs.
REPLACES_AZS: Final = frozenset({"replace-az"})
REPLACING_NS: Final = minutes(2)

#: Actors that own what a region may not lose, by what stands last in their names.
NODE: Final = "node"
RECORDER: Final = "recorder"
TRAIL: Final = "trail"
BUCKET: Final = "bucket"
HSM: Final = "hsm"
_IN_AN_AZ: Final = ("az", NODE, RECORDER, HSM)
#: What a region has once and answers no call without.
_ANSWERS: Final = ("front", "router")
_ONCE: Final = (TRAIL, BUCKET, *_ANSWERS)
#: Domain faults that hit everything in their place, whatever they aim at.
_HIT_ALL: Final = REMOVES_AZS | REPLACES_AZS | {"rolling-upgrade"}
#: Kinds of domain faults whose actors are named otherwise.
_NAMED: Final = {"region": "front"}

_ARROW: Final = re.compile("<->|->")
_PLACES: Final = re.compile("<->|->|,")
_NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """What one fault line does to one region."""

    line: str
    fault: str
    begin_ns: int
    end_ns: int  #: with the healing
    #: AZs that are harmed: all of any one of these sets; an empty set harms none.
    covers: tuple[frozenset[str], ...]
    names: frozenset[str]  #: kinds of actors that are hit, as their names end
    harms: bool  #: what is hit may be unable to take part, or errs about the time
    forgets: bool  #: flushed bytes of what is hit may be gone
    darkens: bool  #: what was not flushed yet may be gone
    empties: bool  #: HSMs lose their domain

    @property
    def answers(self) -> bool:
        """Whether what the region has once, and answers no call without, is stopped."""
        return self.harms and not self.names.isdisjoint(_ANSWERS)

    def loses(self, name: str) -> bool:
        """Say whether disks of that kind of actor may lose what was flushed."""
        return self.forgets and name in self.names


def harms_of(
    plan: Plan, region: str, azs: tuple[str, ...], span_ns: int, start_ns: int
) -> Iterator[Harm]:
    """Yield what each line of a plan that touches a region does to it.

    Args:
      span_ns: the length that percentages are of; every fault ends within it.
      start_ns: world time at which the plan's times begin.
    """
    for line in plan.lines:
        if not any(_meets(place, region) for place in _PLACES.split(line.target)):
            continue
        fault = FAULTS[line.fault]
        begin_ns = min(line.at.of(span_ns), span_ns)
        lasts_ns = span_ns if line.lasts is None else line.lasts.of(span_ns)
        end_ns = min(begin_ns + lasts_ns, span_ns)
        if line.fault in REMOVES_AZS:
            end_ns = span_ns
        elif line.fault in REPLACES_AZS:
            end_ns = max(end_ns, begin_ns + REPLACING_NS)
        healing_ns = SLOW_HEALING_NS if line.fault in KILLS_PROCESSES else HEALING_NS
        names = _names_hit(fault, line, region, azs)
        loses_power = fault.cuts_power or line.fault in _HIT_ALL
        yield Harm(
            line=str(line),
            fault=line.fault,
            begin_ns=start_ns + begin_ns,
            end_ns=start_ns + end_ns + healing_ns,
            covers=_covers(fault, line, names, region, azs),
            names=names,
            harms=fault.stops or issubclass(fault, ClockFault),
            forgets=fault.forgets,
            darkens=loses_power or fault.forgets or line.fault in KILLS_PROCESSES,
            empties=HSM in names and (loses_power or line.fault in EMPTIES_HSMS),
        )


def _meets(place: str, region: str) -> bool:
    return place in {region, f"safe/{region}"} or place.startswith(
        (f"{region}/", f"safe/{region}/")
    )


def _names_hit(
    fault: type[Fault], line: FaultLine, region: str, azs: tuple[str, ...]
) -> frozenset[str]:
    """Return the kinds of actors of a region that a fault keeps from their work."""
    if issubclass(fault, OperatorError):
        return _NOBODY  # It does what callers may do: everybody is well.
    if issubclass(fault, LinkFault) and (line.target == region or _ARROW.search(line.target)):
        # A link is not an actor; and inside a region that is cut off all reach each other.
        return frozenset(_IN_AN_AZ) if _ARROW.search(line.target) else _NOBODY
    names: frozenset[str] = _NOBODY
    for place in _PLACES.split(line.target):
        names |= frozenset(_names_in(place, region, azs))
    if issubclass(fault, DomainFault) and line.fault not in _HIT_ALL:
        names &= {_NAMED.get(fault.hits, fault.hits)}
    return names


def _names_in(place: str, region: str, azs: tuple[str, ...]) -> tuple[str, ...]:
    if place == region:
        return (*_IN_AN_AZ, *_ONCE)
    if not _meets(place, region) or place.startswith("safe/"):
        return ()
    words = place.split("/")[1:]
    if len(words) == 1 and (words[0] in azs or words[0].startswith("@")):
        return _IN_AN_AZ
    return (HSM,) if words[-1].startswith(HSM) else (words[-1],)


def _covers(
    fault: type[Fault],
    line: FaultLine,
    names: frozenset[str],
    region: str,
    azs: tuple[str, ...],
) -> tuple[frozenset[str], ...]:
    """Return the sets of AZs of which one is harmed: between two sides it is either side."""
    sides = [
        [place for place in side.split(",") if _meets(place, region)]
        for side in _ARROW.split(line.target)
    ]
    if names.isdisjoint(_IN_AN_AZ) or not all(sides):
        return (_NOBODY,)  # Across a region's border only log files and trails travel.
    if line.target == region and _one_by_one(fault, line):
        return tuple(frozenset({az}) for az in azs)
    return tuple(
        _NOBODY.union(*chosen)
        for side in sides
        for chosen in product(*(_azs_of(place, region, azs) for place in side))
    )


def _one_by_one(fault: type[Fault], line: FaultLine) -> bool:
    """Say whether a fault leaves each AZ time to heal before it goes to the next."""
    if line.fault not in STAGGERED:
        return False
    made = fault(line.target, **dict(line.options))
    gap_ns, down_ns = made.duration_ns("gap"), made.duration_ns("down")
    if line.fault == "hsm-restart":
        gap_ns *= HSMS_PER_AZ  # The next AZ comes after the last HSM of this one.
        down_ns += gap_ns - gap_ns // HSMS_PER_AZ
    return gap_ns >= down_ns + HEALING_NS


def _azs_of(place: str, region: str, azs: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return the sets of AZs of which a place harms one; a role may be any of them."""
    if place == region:
        return (frozenset(azs),)
    words = place.split("/")
    if words[0] != region:
        return (_NOBODY,)  # The safe stands in no AZ.
    if words[1].startswith("@"):
        return tuple(frozenset({az}) for az in azs)
    return (frozenset({words[1]}),) if words[1] in azs else (_NOBODY,)
