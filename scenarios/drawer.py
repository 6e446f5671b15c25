"""Makes worlds and fault plans at random: one function, whoever gives the chances.

A seed's stream, a record of an earlier run and a property-based tester all answer the same
labelled questions (sim/choices.py), so what one of them found another can replay or shrink. No
question asks for a seed. What does not belong here: which faults there are and how often they
come (portfolio.py), and how much may fail at once (budget.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regions.deployment import HSMS_PER_AZ
from regions.faults import FAULTS
from regions.names import REGIONS
from regions.topology import Topology, default_azs
from scenarios.budget import room
from scenarios.places import check_plan
from scenarios.portfolio import (
    AZ,
    BORDER,
    HOST,
    HSM,
    LEADER,
    LINK,
    NODE,
    PORTFOLIO,
    RECORDER,
    REGION,
    ROOMY,
    ROOMY_AZ,
    SAFE,
    SINGLE,
    WAY,
    Entry,
)
from scenarios.scenario import Scenario, Workload
from sim.choices import Choices
from sim.plan import FaultLine, Plan, PlanError
from sim.units import minutes

#: Worlds are short: most races are over within seconds; chosen.
MINUTES_MIN, MINUTES_MAX = 2, 4
DRAWN_REGIONS: Final = ("us-east-1", "eu-west-1")  #: the first has more AZs than are in use
#: Of a hundred plans so many have another line after each one; chosen: three lines on average.
_ANOTHER_PERCENT: Final = 72
_LINES_MAX: Final = 12
#: How often a line strikes the same AZ as the one before it, soon after; chosen.
_SAME_PERCENT: Final = 45
_SOON_MS: Final = 8_000
#: A line that finds no room is drawn anew so often before the plan goes on without it.
_TRIES: Final = 3
#: Short faults matter as much as long ones: most windows for races are milliseconds; chosen.
_SHORT_MS, _LONG_MS = 1_500, 40_000
#: A line that another one shows is followed by it so often, of a hundred; chosen.
_SECOND_PERCENT: Final = 70
#: Of a hundred worlds so many are slow: minutes are days, keys rotate and deletions end; chosen.
_SLOW_PERCENT: Final = 12
_SLOW_PACE: Final = 5 * 24 * 60 // 2
#: In slow worlds faults last so many times longer; chosen: days of crash loops cost minutes.
_SLOW_FAULTS: Final = 10
_SLOW_THINK: Final = "2h"
_SINGLES: Final = ("trail", "bucket", "front")

#: How each fault comes up, by name.
Portfolio = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Focus:
    """What the first line of a plan shall be, for campaigns that aim; "" leaves it open."""

    fault: str = ""
    place: str = ""  #: a kind of place

    def __str__(self) -> str:
        return f"{self.fault}@{self.place}" if self.fault else ""

    @classmethod
    def parse(cls, text: str, portfolio: Portfolio = PORTFOLIO) -> "Focus":
        """Read ``FAULT@PLACE``.

        Raises:
          ValueError: it is no fault of the portfolio, or does not strike there.
        """
        fault, _, place = text.partition("@")
        entry = portfolio.get(fault)
        if entry is None or place not in entry.places:
            raise ValueError(f"focus {text!r}: expected FAULT@PLACE, as crash@node")
        return cls(fault, place)


def draw_scenario(
    choices: Choices,
    *,
    beyond: bool = False,
    focus: Focus | None = None,
    name: str = "drawn",
    portfolio: Portfolio = PORTFOLIO,
) -> Scenario:
    """Return a small world, its callers and what goes wrong in it.

    Args:
      beyond: draw more faults at once than must be survivable.
      focus: what the first line of the plan shall be.
      portfolio: how often each fault comes up.
    """
    regions = DRAWN_REGIONS[: choices.integer("regions", 1, len(DRAWN_REGIONS))]
    topology = Topology(
        regions={region: default_azs(region) for region in regions},
        # A ceremony of hours would only make the world longer.
        ceremony_ns=minutes(1),
        consistency=choices.pick("consistency", ("eventual", "eventual", "linearizable")),
    )
    slow = choices.chance("slow", _SLOW_PERCENT)
    pace = _SLOW_FAULTS if slow else 1
    count = choices.integer("minutes", MINUTES_MIN, MINUTES_MAX)
    length = (_SLOW_PACE if slow else 1) * minutes(count)
    clients = choices.integer("clients", 1, 2)
    think = {"think": _SLOW_THINK if slow else "1s"}
    workloads = [Workload(kind="envelope", clients=clients, options=think)]
    if choices.chance("key states", 35):
        # States that change all the time hide stale reads; states that stay hide races.
        pace_of_states = think["think"] if slow else choices.pick("states", ("1s", "6s"))
        workloads.append(
            Workload(kind="key-states", clients=2, options={"think": pace_of_states})
        )
    return Scenario(
        name=name,
        summary="a drawn world and its faults",
        topology=topology,
        length_ns=length,
        workloads=tuple(workloads),
        managed_keys=("ssm",),
        thorough=True,
        recovery_ns=minutes(5),
        plan=draw_plan(
            choices, topology, length, beyond=beyond, focus=focus, pace=pace, portfolio=portfolio
        ),
    )


def draw_schedule(choices: Choices, topology: Topology) -> str:
    """Return the name of a schedule, mostly none: see sim/schedule.py."""
    kind = choices.weighted(
        "schedule", (("", 6), ("shuffle", 2), ("pct:3", 1), ("hold", 1))
    )
    if kind != "hold":
        return kind
    return f"hold:{_place(choices, topology, HOST, '')}:2ms"


def draw_plan(
    choices: Choices,
    topology: Topology,
    length_ns: int,
    *,
    beyond: bool = False,
    focus: Focus | None = None,
    pace: int = 1,
    portfolio: Portfolio = PORTFOLIO,
) -> Plan:
    """Return a fault plan.

    Args:
      beyond: False keeps within the budget at every moment.
      pace: faults last so many times longer than in a world of minutes.
      portfolio: how often each fault comes up.
    """
    length_ms = length_ns // 1_000_000
    lines: list[FaultLine] = []
    zone, at_ms = "", 0
    aimed = focus or Focus()
    while len(lines) < _LINES_MAX and (
        (aimed.fault and not lines) or choices.chance("another line", _ANOTHER_PERCENT)
    ):
        same = bool(zone) and choices.chance("same place", _SAME_PERCENT)
        for _ in range(_TRIES):
            soon = (at_ms, min(at_ms + pace * _SOON_MS, length_ms - 1))
            begin_ms = choices.integer("at", *(soon if same else (0, length_ms - 1)))
            here = zone if same else ""
            line = draw_line(choices, topology, begin_ms, here, aimed, pace, portfolio)
            if _fits(lines, line, topology, length_ns, beyond=beyond):
                lines.append(line)
                zone, at_ms = zone_of(line.target), begin_ms
                second = _draw_second(choices, line, length_ms, portfolio[line.fault].then)
                if second and _fits(lines, second, topology, length_ns, beyond=beyond):
                    lines.append(second)
                break
        aimed = Focus()
    return Plan(tuple(lines))


def _fits(
    lines: list[FaultLine], line: FaultLine, topology: Topology, length_ns: int, *, beyond: bool
) -> bool:
    """Say whether a plan with one more line can happen, and within the budget unless beyond."""
    try:
        check_plan(Plan((*lines, line)), topology, length_ns)
    except PlanError:
        return False  # Such as an AZ that has left already.
    return beyond or room(lines, line, topology, length_ns)


def _draw_second(
    choices: Choices, first: FaultLine, length_ms: int, then: str
) -> FaultLine | None:
    """Return a fault that strikes the same target while the first lasts, and so shows it."""
    if not then or first.lasts is None or not choices.chance("second", _SECOND_PERCENT):
        return None
    late_ms = choices.integer("second at", 0, first.lasts.ns // 1_000_000)
    lasts_ms = choices.integer("second lasts", 1, _SHORT_MS)
    at_ms = min(first.at.ns // 1_000_000 + late_ms, length_ms - 1)
    return FaultLine.parse(f"at {at_ms}ms {then} {first.target} for {lasts_ms}ms", FAULTS)


def draw_line(
    choices: Choices,
    topology: Topology,
    at_ms: int,
    zone: str = "",
    focus: Focus | None = None,
    pace: int = 1,
    portfolio: Portfolio = PORTFOLIO,
) -> FaultLine:
    """Return one line of a plan that begins then.

    Args:
      zone: ``REGION/AZ`` that it shall strike; "" leaves that open.
      focus: what it shall be.
      pace: it lasts so many times longer than in a world of minutes.
      portfolio: how often each fault comes up.
    """
    focus = focus or Focus()
    fault = focus.fault or choices.weighted("fault", _weights(portfolio, zone=bool(zone)))
    entry = portfolio[fault]
    kind = focus.place or choices.pick("kind of place", _kinds(entry, zone=bool(zone)))
    target = _place(choices, topology, kind, zone)
    short = not choices.chance("long", 50)
    low, high = (1, _SHORT_MS) if short else (_SHORT_MS, _LONG_MS)
    lasts_ms = pace * max(entry.shortest_ms, choices.integer("lasts", low, high))
    words = [f"{name}={choices.pick(name, texts)}" for name, texts in entry.options.items()]
    tail = f" with {' '.join(words)}" if words else ""
    return FaultLine.parse(f"at {at_ms}ms {fault} {target} for {lasts_ms}ms{tail}", FAULTS)


#: Places that lie in one AZ.
_IN_ZONE: Final = (AZ, NODE, HOST, RECORDER, HSM, LINK, WAY)


def _kinds(entry: Entry, *, zone: bool) -> tuple[str, ...]:
    inside = tuple(kind for kind in entry.places if kind in _IN_ZONE)
    return inside if zone and inside else entry.places


def _weights(portfolio: Portfolio, *, zone: bool) -> list[tuple[str, int]]:
    return [
        (name, entry.weight)
        for name, entry in portfolio.items()
        if entry.weight and (not zone or any(kind in _IN_ZONE for kind in entry.places))
    ]


def _place(choices: Choices, topology: Topology, kind: str, zone: str) -> str:
    """Return a target of that kind: in ``zone``, or in a drawn AZ of a drawn region."""
    regions: Mapping[str, tuple[str, ...]] = topology.regions
    if kind in (ROOMY, ROOMY_AZ):
        roomy = tuple(region for region in regions if len(REGIONS[region]) > len(regions[region]))
        region = choices.pick("roomy region", roomy)
        return region if kind == ROOMY else f"{region}/{choices.pick('az', regions[region])}"
    region = zone.partition("/")[0] if zone else choices.pick("region", tuple(regions))
    if kind == BORDER:
        others = tuple(other for other in regions if other != region) or ("safe/" + region,)
        return f"{region}<->{choices.pick('other region', others)}"
    if kind == SINGLE:
        return f"{region}/{choices.pick('regional', _SINGLES)}"
    if kind in (REGION, SAFE, LEADER):
        return {REGION: region, SAFE: f"safe/{region}/hsm"}.get(kind, f"{region}/@leader")
    return _place_in_az(choices, topology, kind, region, zone)


def _place_in_az(choices: Choices, topology: Topology, kind: str, region: str, zone: str) -> str:
    """Return a target in an AZ of that region, ``zone`` if it is given."""
    regions = topology.regions
    az = zone.partition("/")[2] or choices.pick("az", regions[region])
    here = f"{region}/{az}"
    if kind in (LINK, WAY):
        others = tuple(f"{region}/{other}" for other in regions[region] if other != az)
        other = choices.pick("other az", others)
        arrows = (f"{here}->{other}", f"{other}->{here}")
        return f"{here}<->{other}" if kind == LINK else choices.pick("way", arrows)
    if kind == HSM:
        return f"{here}/hsm-{choices.integer('hsm', 1, HSMS_PER_AZ)}"
    actors = {NODE: f"{here}/node", HOST: f"{here}/az", RECORDER: f"{here}/recorder"}
    return here if kind == AZ else actors[kind]


def zone_of(target: str) -> str:
    """Return ``REGION/AZ`` of a target, or of its first side; "" if that lies in no AZ."""
    parts = target.replace("<->", "->").partition("->")[0].split("/")
    inside = len(parts) >= 2 and parts[0] != "safe" and "-az" in parts[1]
    return "/".join(parts[:2]) if inside else ""
