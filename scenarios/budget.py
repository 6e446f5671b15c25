"""How much may fail at once and still be survivable: one definition, for drawing and for judging.

The budget of a region with n AZs is f = (n - 1) // 2 AZs. An AZ is *harmed* from the begin of a
fault that may stop any of it until it has had time to heal; at most f may be harmed at one time.
It has *forgotten* from the begin of a fault that may take flushed bytes until it has copied them
again from the others; at most f may have forgotten at one time, and of audit records, of which
two copies are waited for, at most one. What a region has once (endpoint, trail, bucket, safe) may
stop at any time: that delays and refuses, and loses nothing; if it forgets, records may be lost.
A cut between two AZs harms either of them, whichever needs fewer.
What does not belong here: what was really lost (invariants/), and what a fault does (faults/).
Source: ARCHITECTURE, "Copies" and "Audit"; regions/trail/audit_ack.py; times chosen, each beside
its name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations, pairwise
from typing import Final, Literal, NamedTuple

from regions.replication import node
from regions.topology import Topology
from scenarios.harm import (
    BUCKET,
    DROPS_RECORDS,
    NODE,
    RECORDER,
    ROTS_UNSEEN,
    STOPS_TRAILS,
    TRAIL,
    Harm,
    harms_of,
)
from sim.plan import FaultLine, Plan
from sim.units import minutes

#: A region needs so long without any harm to copy again what an AZ has forgotten; chosen: a
#: recorder publishes copies of a lost peer after two minutes, a node catches up in seconds.
REPAIR_NS: Final = minutes(5)
#: Bytes that rot unread are found by the next scrub at the latest; see NodeConfig.scrub_ns.
SCRUB_NS: Final = node.SCRUB_NS
#: With every HSM of a region empty the safe is opened; the offline HSM is tried again after five
#: minutes if it fails, so twice that and the healing are added to the ceremony; chosen.
REJOIN_NS: Final = minutes(10)
#: After the last call is begun, its retries and the queues that are left; chosen: half a minute
#: of retries, and queues that a scenario keeps to seconds.
OVERLOAD_NS: Final = minutes(1)
#: Other regions hear of a trail's change so long after everything has healed; chosen.
LEARNING_NS: Final = minutes(2)
#: Copies of an audit record that are waited for with audit_ack "quorum".
RECORD_COPIES: Final = 2

Kind = Literal["setting", "beyond"]


class Reason(NamedTuple):
    """Why something may be lost or refused."""

    kind: Kind  #: a setting permits it, or the plan goes beyond the budget on purpose
    text: str  #: names the setting and the plan lines


class Stretch(NamedTuple):
    """A stretch of world time and what is so in it."""

    begin_ns: int
    end_ns: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What may be lost or refused under one plan; the empty one permits nothing."""

    lost_keys: Mapping[str, Reason] = field(default_factory=dict)  #: by region
    lost_records: Mapping[str, Reason] = field(default_factory=dict)  #: by region
    refusals: Mapping[str, tuple[Stretch, ...]] = field(default_factory=dict)  #: by region
    #: By region: every fault that touches it, from its begin until it has healed.
    faults: Mapping[str, tuple[Stretch, ...]] = field(default_factory=dict)
    #: By home region: when its trails may deliver nothing, because somebody told them so.
    stopped_trails: Mapping[str, tuple[Stretch, ...]] = field(default_factory=dict)
    beyond: tuple[str, ...] = ()  #: each way in which the plan goes beyond the budget

    def keys(self, region: str) -> str:
        """Return why keys of a region may be lost; "" if they may not."""
        return self.lost_keys[region].text if region in self.lost_keys else ""

    def records(self, region: str) -> str:
        """Return why audit records of a region may be lost; "" if they may not."""
        return self.lost_records[region].text if region in self.lost_records else ""

    def service(self, region: str, begin_ns: int, end_ns: int) -> str:
        """Return why a region as a whole may refuse calls in that time; "" if it may not."""
        return _first(self.refusals.get(region, ()), begin_ns, end_ns)

    def undelivered(self, home: str, begin_ns: int, end_ns: int) -> str:
        """Return why a trail of that home may not deliver what happened then; "" if it must."""
        return _first(self.stopped_trails.get(home, ()), begin_ns, end_ns)

    def near(self, region: str, begin_ns: int, end_ns: int) -> str:
        """Return a fault that touches a region, or heals, in that time; "" if none does."""
        return _first(self.faults.get(region, ()), begin_ns, end_ns)

    @property
    def last_ns(self) -> int:
        """World time at which the last fault has healed; 0 without faults."""
        return max((s.end_ns for all_ in self.faults.values() for s in all_), default=0)


def _first(stretches: Iterable[Stretch], begin_ns: int, end_ns: int) -> str:
    for stretch in stretches:
        if stretch.begin_ns < end_ns and begin_ns < stretch.end_ns:
            return stretch.text
    return ""


def judge(
    plan: Plan, topology: Topology, span_ns: int, *, start_ns: int = 0
) -> Allowance:
    """Return what may be lost or refused under a plan.

    Args:
      span_ns: the length that percentages are of; every fault ends within it.
      start_ns: world time at which the plan's times begin.
    """
    lost_keys: dict[str, Reason] = {}
    lost_records: dict[str, Reason] = {}
    refusals: dict[str, tuple[Stretch, ...]] = {}
    faults: dict[str, tuple[Stretch, ...]] = {}
    beyond: dict[str, None] = {}
    by_region = {
        region: tuple(harms_of(plan, region, azs, span_ns, start_ns))
        for region, azs in topology.regions.items()
    }
    everything = [harm for harms in by_region.values() for harm in harms]
    buckets = [harm for harm in everything if harm.loses(BUCKET)]
    for region, azs in topology.regions.items():
        harms = by_region[region]
        overload = _overload(topology, start_ns, start_ns + span_ns)
        if overload:
            refusals[region] = overload
        if not harms:
            continue
        faults[region] = tuple(Stretch(h.begin_ns, h.end_ns, f"near '{h.line}'") for h in harms)
        crowded = _crowded([h for h in harms if h.harms], azs, _spare(azs))
        refusals[region] = (
            *_outages(harms, crowded, azs, topology.ceremony_ns),
            *_single_outages(harms),
            *overload,
        )
        keys = _forgotten(harms, azs, NODE, _spare(azs))
        if keys:
            lost_keys[region] = Reason("beyond", keys)
        records = _lost_records(harms, azs, topology.audit_acks.get(region, topology.audit_ack))
        if records:
            lost_records[region] = records
        beyond |= dict.fromkeys([stretch.text for stretch in crowded])
    if buckets:
        # A trail over all regions keeps the records of all of them in one bucket.
        text = f"beyond the budget: a bucket forgets under '{buckets[0].line}'"
        for region in topology.regions:
            lost_records.setdefault(region, Reason("beyond", text))
    stopped = {
        region: tuple(_trail_stops(harms, everything)) for region, harms in by_region.items()
    }
    for reason in (*lost_keys.values(), *lost_records.values()):
        if reason.kind == "beyond":
            beyond[reason.text] = None
    return Allowance(
        lost_keys=lost_keys,
        lost_records=lost_records,
        refusals=refusals,
        faults=faults,
        stopped_trails={region: stops for region, stops in stopped.items() if stops},
        beyond=tuple(beyond),
    )


def room(
    lines: Iterable[FaultLine], candidate: FaultLine, topology: Topology, span_ns: int
) -> bool:
    """Say whether one more fault line leaves a plan within the budget."""
    return not judge(Plan((*lines, candidate)), topology, span_ns).beyond


def _spare(azs: tuple[str, ...]) -> int:
    """Return how many AZs of a region may fail at once."""
    return (len(azs) - 1) // 2


def _overload(topology: Topology, begin_ns: int, end_ns: int) -> tuple[Stretch, ...]:
    """Return the stretch in which nothing keeps a region from being overloaded.

    With a capacity that callers can exceed, and nobody to refuse what is too much, an overload
    lasts as long as callers retry, whatever began it.
    """
    if not topology.capacity_per_az or topology.admission != "none":
        return ()
    text = 'admission "none" lets an overload outlast its cause'
    return (Stretch(begin_ns, end_ns + OVERLOAD_NS, text),)


# How many are harmed at once.


@cache
def _choices(azs: tuple[str, ...], spare: int) -> tuple[frozenset[str], ...]:
    """Return all sets of AZs that may fail together."""
    sizes = range(spare + 1)
    return tuple(frozenset(c) for size in sizes for c in combinations(azs, size))


def _too_many(harms: Iterable[Harm], azs: tuple[str, ...], spare: int) -> bool:
    """Say whether no set of AZs that may fail together accounts for all harms."""
    wanted = [harm.covers for harm in harms]
    return not any(
        all(any(cover <= chosen for cover in covers) for covers in wanted)
        for chosen in _choices(azs, spare)
    )


def _crowded(harms: Iterable[Harm], azs: tuple[str, ...], spare: int) -> list[Stretch]:
    """Return when more AZs are harmed than may be, with the lines that do it."""
    harms = list(harms)
    times = sorted({t for harm in harms for t in (harm.begin_ns, harm.end_ns)})
    found: list[tuple[int, int, dict[str, None]]] = []
    for begin_ns, end_ns in pairwise(times):
        here = [h for h in harms if h.begin_ns <= begin_ns and h.end_ns >= end_ns]
        if not _too_many(here, azs, spare):
            continue
        lines = dict.fromkeys(harm.line for harm in here)
        if found and found[-1][1] == begin_ns:
            first_ns, _, before = found[-1]
            found[-1] = (first_ns, end_ns, before | lines)
        else:
            found.append((begin_ns, end_ns, lines))
    head = f"beyond the budget of {spare} of {len(azs)} AZs"
    return [
        Stretch(begin_ns, end_ns, f"{head}: " + ", ".join(f"'{line}'" for line in lines))
        for begin_ns, end_ns, lines in found
    ]


# What follows from it.


def _outages(
    harms: tuple[Harm, ...], crowded: list[Stretch], azs: tuple[str, ...], ceremony_ns: int
) -> Iterator[Stretch]:
    """Yield when a region may refuse calls because too many of its AZs are harmed."""
    yield from crowded
    # All but none: one AZ whose HSMs are in the domain brings all others back.
    for empty in _crowded([h for h in harms if h.empties], azs, len(azs) - 1):
        until_ns = empty.end_ns + ceremony_ns + REJOIN_NS
        lines = empty.text.partition(": ")[2]
        text = f"every HSM is empty until the safe has been opened: {lines}"
        yield Stretch(empty.begin_ns, until_ns, text)


def _single_outages(harms: tuple[Harm, ...]) -> Iterator[Stretch]:
    for harm in harms:
        if harm.answers:
            text = f"the region has one endpoint: '{harm.line}'"
            yield Stretch(harm.begin_ns, harm.end_ns, text)


def _trail_stops(harms: tuple[Harm, ...], everything: list[Harm]) -> Iterator[Stretch]:
    """Yield when trails log nothing: until every region has heard that they log again."""
    for harm in harms:
        if harm.fault in STOPS_TRAILS:
            end_ns = harm.end_ns + LEARNING_NS
            for other in sorted(everything, key=lambda one: one.begin_ns):
                if other.begin_ns < end_ns and other.end_ns + LEARNING_NS > end_ns:
                    end_ns = other.end_ns + LEARNING_NS
            yield Stretch(harm.begin_ns, end_ns, f"the trail was told to stop: '{harm.line}'")


def _forgotten(harms: tuple[Harm, ...], azs: tuple[str, ...], what: str, spare: int) -> str:
    """Return the lines that made too many AZs forget before they could copy again; or ""."""
    forgetful = [
        replace(harm, end_ns=_repaired_ns(harm, harms)) for harm in harms if harm.loses(what)
    ]
    crowded = _crowded(forgetful, azs, spare)
    if not crowded:
        return ""
    lines = crowded[0].text.partition(": ")[2]
    return f"beyond the budget: more than {spare} of {len(azs)} AZs forgot: {lines}"


def _repaired_ns(harm: Harm, harms: tuple[Harm, ...]) -> int:
    """Return when what an AZ forgot has been copied again: after a while without any harm."""
    end_ns = harm.end_ns + (SCRUB_NS if harm.fault in ROTS_UNSEEN else 0)
    for other in sorted(harms, key=lambda one: one.begin_ns):
        if other.harms and other.begin_ns < end_ns + REPAIR_NS and other.end_ns > end_ns:
            end_ns = other.end_ns
    return end_ns + REPAIR_NS


def _lost_records(harms: tuple[Harm, ...], azs: tuple[str, ...], ack: str) -> Reason | None:
    """Return why records of a region may be lost under its audit_ack."""
    for harm in harms:
        if harm.loses(TRAIL):
            return Reason("beyond", f"beyond the budget: the trail forgets under '{harm.line}'")
    spare = min(_spare(azs), RECORD_COPIES - 1)
    forgotten = _forgotten(harms, azs, RECORDER, spare)
    if forgotten:
        return Reason("beyond", forgotten)
    dark: list[str] = []
    if ack != "quorum":
        dark = [
            harm.line
            for harm in harms
            if harm.loses(RECORDER)
            or harm.fault in DROPS_RECORDS
            or (ack == "async" and harm.darkens and RECORDER in harm.names)
        ]
    return Reason("setting", f"audit_ack {ack!r} permits it: '{dark[0]}'") if dark else None
