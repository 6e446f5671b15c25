"""Makes a run that breaks a promise as small as it can be while it still breaks that promise.

What makes every later try cheaper comes first: one promise to judge, fewer regions and callers, a
shorter run. Then fewer faults and fewer calls, halves before single ones; then plainer options,
shorter and rounder times. Where the least is likely to be enough, tries go from the least upward.
It goes on until no step helps, so the result is minimal in each of these steps. Each try is a
whole run with the same seed. What does not belong here: running (run.py), and the command.
Source: delta debugging (ddmin): Zeller and Hildebrandt, IEEE TSE 28(2), 2002.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from scenarios.arena import Arena
from scenarios.scenario import Scenario, Workload
from scenarios.swarm_worker import PATIENCE_S, Hang, watchdog
from scenarios.workloads.sdk import print_spans, spans
from sim.plan import FaultLine, Plan, When
from sim.units import hours, minutes, ms, seconds

T = TypeVar("T")
#: Runs that one shrinking may take; chosen: a minute of small worlds.
TRIES_MAX: Final = 400
#: Durations are made round to these, the roundest first.
_ROUND_NS: Final = (hours(1), minutes(10), minutes(1), seconds(10), seconds(1), ms(100), ms(10))
#: Lengths that a fault is given, the shortest first; chosen.
_LENGTHS_NS: Final = (
    *(ms(n) for n in (10, 100)),
    *(seconds(n) for n in (1, 3, 10, 30)),
    *(minutes(n) for n in (1, 3, 10, 30)),
    hours(1),
)
#: Lengths that a run is given, the shortest first; chosen.
_RUNS_NS: Final = (*(seconds(n) for n in (1, 3, 10, 30)), *(minutes(n) for n in (1, 2, 5, 10)))
#: Actions that a caller surely has not reached; what it does beyond them is cut off.
_ACTIONS_MAX: Final = 4_096

#: Says whether a scenario still breaks the promise.
Breaks = Callable[[Scenario], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """The smallest scenario that was found."""

    scenario: Scenario
    tries: int  #: runs that were made
    minimal: bool  #: False when the tries ran out before no step helped


class _Spent(Exception):
    """The tries are used up."""


class Shrinker:
    """Tries smaller scenarios and keeps each that still breaks the promise.

    Args:
      scenario: breaks it.
      breaks: makes a run and says whether the promise breaks; equal scenarios, equal answers.
      tries: how many runs may be made.
      seen: called with the smallest scenario so far and the number of tries, after each.
    """

    def __init__(
        self,
        scenario: Scenario,
        breaks: Breaks,
        *,
        tries: int = TRIES_MAX,
        seen: Callable[[Scenario, int], None] = lambda _scenario, _tries: None,
    ) -> None:
        self.best = scenario
        self._breaks = breaks
        self._tries_max = tries
        self._seen = seen
        self._known: dict[str, bool] = {}
        self.tries = 0

    def shrink(self) -> Shrunk:
        """Return the smallest scenario that the steps lead to."""
        steps = (
            self._fewer_promises,
            self._fewer_regions,
            self._fewer_workloads,
            self._shorter_run,
            self._plain_schedule,
            self._fewer_faults,
            self._fewer_calls,
            self._plainer_options,
            self._shorter_faults,
            self._rounder_times,
        )
        minimal = True
        try:
            changed = True
            while changed:
                before = repr(self.best)
                for step in steps:
                    step()
                changed = repr(self.best) != before
        except _Spent:
            minimal = False
        return Shrunk(scenario=self.best, tries=self.tries, minimal=minimal)

    def _try(self, candidate: Scenario) -> bool:
        """Keep a candidate if it still breaks the promise; say whether it does."""
        key = repr(candidate)
        if key in self._known:
            return self._known[key]
        if self.tries >= self._tries_max:
            raise _Spent
        self.tries += 1
        found = self._known[key] = self._breaks(candidate)
        if found:
            self.best = candidate
        self._seen(self.best, self.tries)
        return found

    def _fewest(self, items: Sequence[T], build: Callable[[tuple[T, ...]], Scenario]) -> None:
        """Keep as few items as still break the promise: chunks, then single ones, last first."""
        kept = tuple(items)
        if kept and self._try(build(())):
            return
        size = len(kept)
        while size:
            start = (len(kept) - 1) // size * size
            while start >= 0:
                fewer = kept[:start] + kept[start + size :]
                if len(fewer) < len(kept) and fewer and self._try(build(fewer)):
                    kept = fewer
                start -= size
            size //= 2

    # Fewer things.

    def _fewer_regions(self) -> None:
        for region in tuple(self.best.topology.regions)[::-1]:
            if len(self.best.topology.regions) > 1:
                self._try(_without_region(self.best, region))

    def _fewer_promises(self) -> None:
        judged = _judged(self.best)
        if len(judged) > 1:
            any(self._try(replace(self.best, promises=(name,))) for name in judged)
        for name in _judged(self.best)[::-1]:
            rest = tuple(other for other in _judged(self.best) if other != name)
            if rest:
                self._try(replace(self.best, promises=rest))
        if self.best.managed_keys:
            self._try(replace(self.best, managed_keys=()))

    def _plain_schedule(self) -> None:
        if self.best.schedule:
            self._try(replace(self.best, schedule=""))

    def _fewer_faults(self) -> None:
        lines = self.best.plan.lines
        self._fewest(lines, lambda kept: replace(self.best, plan=Plan(kept)))

    def _fewer_workloads(self) -> None:
        self._fewest(
            self.best.workloads, lambda kept: replace(self.best, workloads=kept)
        )
        for place, workload in enumerate(self.best.workloads):
            for clients in range(1, workload.clients):
                if self._try(_with_workload(self.best, place, replace(workload, clients=clients))):
                    break
        for place in range(len(self.best.workloads)):
            self._fewer_sites(place)

    def _fewer_sites(self, place: int) -> None:
        """Let callers of one workload stand in fewer regions."""
        sites = self.best.workloads[place].regions or tuple(self.best.topology.regions)
        for region in sites[::-1]:
            workload = self.best.workloads[place]
            rest = tuple(one for one in workload.regions or sites if one != region)
            if rest:
                self._try(_with_workload(self.best, place, replace(workload, regions=rest)))

    def _fewer_calls(self) -> None:
        """Keep as few actions of each caller as still break the promise."""
        everyone = [
            (place, name)
            for place, workload in enumerate(self.best.workloads)
            for name in callers(self.best, workload)
        ]
        self._first_actions(everyone)
        for caller in everyone:
            self._fewer_actions(caller)

    def _first_actions(self, everyone: Sequence[tuple[int, str]]) -> None:
        """Find after how many actions all callers can stop, each after as many."""
        free = [caller for caller in everyone if self._given(caller) is None]
        if free and not self._stops_after(free, 0):
            high = 1
            while high < _ACTIONS_MAX and not self._stops_after(free, high):
                high *= 2

    def _stops_after(self, who: Sequence[tuple[int, str]], count: int) -> bool:
        return self._try(_with_actions(self.best, dict.fromkeys(who, range(count))))

    def _given(self, caller: tuple[int, str]) -> str | None:
        """Return the actions that a caller has been cut down to; None while it does all."""
        place, name = caller
        found: str | None = self.best.workloads[place].options.get("actions", {}).get(name)
        return found

    def _fewer_actions(self, caller: tuple[int, str]) -> None:
        given = self._given(caller)
        if given is None:
            # The others did not do with fewer. How many it does is not known: look for the end.
            high = 0
            while high < _ACTIONS_MAX and not self._stops_after([caller], high):
                high = max(1, 2 * high)
            given = self._given(caller)
        if given is not None:
            self._fewest(
                sorted(spans(given)),
                lambda kept: _with_actions(self.best, {caller: kept}),
            )

    # Plainer and shorter ones.

    def _plainer_options(self) -> None:
        for place, line in enumerate(self.best.plan.lines):
            for name, _ in line.options:
                rest = tuple(option for option in self._line(place).options if option[0] != name)
                self._try(_with_line(self.best, place, replace(self._line(place), options=rest)))

    def _line(self, place: int) -> FaultLine:
        return self.best.plan.lines[place]

    def _shorter_run(self) -> None:
        """Give the run the shortest of a few lengths that still does it."""
        longest_ns = _RUNS_NS[-1]
        for length_ns in _RUNS_NS:
            if length_ns >= self.best.length_ns:
                return
            if self._lasts(length_ns):
                return
        while self.best.length_ns > 2 * longest_ns:
            if not self._lasts(self.best.length_ns // 2):
                return

    def _lasts(self, length_ns: int) -> bool:
        """Try a shorter run: faults that end too late begin sooner, or all of them do."""
        lines, before_ns = self.best.plan.lines, self.best.length_ns
        late = tuple(_before(line, length_ns) for line in lines)
        scaled = tuple(
            replace(line, at=When(ns=line.at.of(before_ns) * length_ns // before_ns))
            for line in lines
        )
        return any(
            self._try(replace(self.best, length_ns=length_ns, plan=Plan(plan)))
            for plan in (late, scaled)
        )

    def _shorter_faults(self) -> None:
        """Give each fault the shortest of a few lengths that still does it."""
        for place in range(len(self.best.plan.lines)):
            lasts = self._line(place).lasts
            for lasts_ns in _LENGTHS_NS:
                if lasts is not None and lasts.percent is None and lasts_ns >= lasts.ns:
                    break
                line = replace(self._line(place), lasts=When(ns=lasts_ns))
                if self._try(_with_line(self.best, place, line)):
                    break

    def _rounder_times(self) -> None:
        for length_ns in _rounded(self.best.length_ns):
            if self._try(replace(self.best, length_ns=length_ns)):
                break
        for place in range(len(self.best.plan.lines)):
            for at_ns in (0, *_rounded(self._line(place).at.ns)):
                line = replace(self._line(place), at=When(ns=at_ns))
                if self._line(place).at.percent is None and self._try(
                    _with_line(self.best, place, line)
                ):
                    break
            lasts = self._line(place).lasts
            for lasts_ns in () if lasts is None else _rounded(lasts.ns):
                line = replace(self._line(place), lasts=When(ns=lasts_ns))
                if self._try(_with_line(self.best, place, line)):
                    break


def _before(line: FaultLine, end_ns: int) -> FaultLine:
    """Return a line that is over at that time, or begins at once if it lasts too long."""
    if line.at.percent is not None or (line.lasts is not None and line.lasts.percent is not None):
        return line
    lasts_ns = 0 if line.lasts is None else line.lasts.ns
    return replace(line, at=When(ns=max(0, min(line.at.ns, end_ns - lasts_ns))))


def _rounded(time_ns: int) -> Iterator[int]:
    """Yield rounder times near one, the roundest first, none of them the time itself."""
    for unit in _ROUND_NS:
        for candidate in (time_ns // unit * unit, -(-time_ns // unit) * unit):
            if candidate == time_ns:
                return
            if 0 < candidate <= 2 * time_ns:
                yield candidate


def _judged(scenario: Scenario) -> tuple[str, ...]:
    from scenarios.invariants import INVARIANTS  # noqa: PLC0415 - they pull in the simulator

    return scenario.promises or tuple(INVARIANTS.builtin)


def callers(scenario: Scenario, workload: Workload) -> list[str]:
    """Return the names of a workload's callers, as its option ``actions`` has them."""
    from scenarios.workloads import WORKLOADS  # noqa: PLC0415 - the same

    label = WORKLOADS[workload.kind].label
    regions = workload.regions or tuple(scenario.topology.regions)
    return [f"{region}/{label}-{n}" for region in regions for n in range(workload.clients)]


def _with_workload(scenario: Scenario, place: int, workload: Workload) -> Scenario:
    found = list(scenario.workloads)
    found[place] = workload
    return replace(scenario, workloads=tuple(found))


def _with_actions(
    scenario: Scenario, kept: Mapping[tuple[int, str], Iterable[int]]
) -> Scenario:
    """Return a scenario in which callers, by workload and name, do only these actions."""
    for (place, name), numbers in kept.items():
        workload = scenario.workloads[place]
        actions = {**workload.options.get("actions", {}), name: print_spans(numbers)}
        changed = replace(workload, options={**workload.options, "actions": actions})
        scenario = _with_workload(scenario, place, changed)
    return scenario


def _with_line(scenario: Scenario, place: int, line: FaultLine) -> Scenario:
    found = list(scenario.plan.lines)
    found[place] = line
    return replace(scenario, plan=Plan(tuple(found)))


def _without_region(scenario: Scenario, region: str) -> Scenario:
    """Return a scenario without one region, and without what names it."""
    topology = scenario.topology
    regions = {name: azs for name, azs in topology.regions.items() if name != region}
    acks = {name: ack for name, ack in topology.audit_acks.items() if name != region}
    workloads = []
    for workload in scenario.workloads:
        stand = tuple(name for name in workload.regions if name != region)
        if stand or not workload.regions:
            actions = workload.options.get("actions", {})
            kept = {n: text for n, text in actions.items() if not n.startswith(f"{region}/")}
            options = {**workload.options, "actions": kept} if kept else {
                name: value for name, value in workload.options.items() if name != "actions"
            }
            workloads.append(replace(workload, regions=stand, options=options))
    lines = tuple(line for line in scenario.plan.lines if region not in line.target)
    return replace(
        scenario,
        topology=replace(topology, regions=regions, audit_acks=acks),
        workloads=tuple(workloads),
        plan=Plan(lines),
    )


class Calls:
    """Counts the calls that callers of a run begin, also when it ends with an error; an observer.

    What checkers and the run itself call is left out.
    """

    def __init__(self) -> None:
        self._arena: Arena | None = None

    def attach(self, arena: Arena) -> None:
        """Watch a run."""
        self._arena = arena

    @property
    def count(self) -> int:
        """How many calls were begun."""
        calls = () if self._arena is None else self._arena.history
        return sum(call.caller != "host" for call in calls)


def fixed(scenario: Scenario) -> Scenario:
    """Return a scenario whose plan has no percentages, so that its length can change alone."""
    lines = tuple(_fixed(line, scenario.length_ns) for line in scenario.plan.lines)
    return replace(scenario, plan=Plan(lines))


def _fixed(line: FaultLine, span_ns: int) -> FaultLine:
    lasts = None if line.lasts is None else When(ns=line.lasts.of(span_ns))
    return replace(line, at=When(ns=line.at.of(span_ns)), lasts=lasts)


def breaks_promise(
    name: str, seed: int, run: Callable[..., Any], *, patience_s: int = PATIENCE_S
) -> Breaks:
    """Return what makes a run with that seed and says whether it breaks the promise.

    A candidate that cannot be run, because its plan names what is gone, breaks nothing; nor does
    one that takes longer than ``patience_s`` of wall time.
    """

    def breaks(scenario: Scenario) -> bool:
        if scenario.promises and name not in scenario.promises:
            return False
        try:
            with watchdog(patience_s):
                result = run(scenario, seed=seed)
        except (Exception, Hang):  # noqa: BLE001 - another trouble is not this one
            return False
        return any(verdict.name == name and not verdict.holds for verdict in result.promises)

    return breaks


def fails_like(
    error: Exception, seed: int, run: Callable[..., Any], *, patience_s: int = PATIENCE_S
) -> Breaks:
    """Return what makes a run with that seed and says whether it ends with such an error."""
    wanted = _place_of(error)

    def breaks(scenario: Scenario) -> bool:
        try:
            with watchdog(patience_s):
                run(scenario, seed=seed)
        except Hang:
            return False
        except Exception as found:  # noqa: BLE001 - which one it is decides
            return _place_of(found) == wanted
        return False

    return breaks


def _place_of(error: Exception) -> tuple[str, str, int]:
    """Return what tells errors apart: the class, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    last = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
    return type(error).__name__, *last
