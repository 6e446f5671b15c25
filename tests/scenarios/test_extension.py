"""Parts of a user's own: what is made known by hand, judged, drawn, and refused in one line."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

import sim
from regions import ApiCall, DomainFault
from regions.faults import FAULTS
from scenarios import (
    Arena,
    CallerSettings,
    PluginError,
    Promise,
    PromiseError,
    SdkClient,
    Sent,
    Unavailable,
    catalogue,
    register,
)
from scenarios import __main__ as command
from scenarios.catalogue import SCENARIOS
from scenarios.drawer import Focus, draw_plan, draw_scenario
from scenarios.extras import portfolio_with, with_extras
from scenarios.files import dumps, loads
from scenarios.harm import harms_of
from scenarios.invariants import INVARIANTS
from scenarios.judges import judges
from scenarios.listing import catalogue as listed
from scenarios.listing import problems, to_text
from scenarios.parts import Parts, installed_parts
from scenarios.run import run
from scenarios.scenario import Scenario
from scenarios.workloads import WORKLOADS
from sim.choices import drawn
from sim.plan import Plan
from sim.registry import Registry
from sim.rng import stream
from sim.units import days, minutes, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings(CallerSettings):
    """How often a poller asks."""

    every_ns: int = seconds(5)


class Poller(SdkClient):
    """Somebody who lists keys all day."""

    label: ClassVar[str] = "poller"
    Settings: ClassVar[type[Any] | None] = PollSettings

    def start(self) -> None:
        self.spawn(self._day)

    async def _day(self) -> None:
        while self.open_for_business():
            await self.sleep(self.config.settings.every_ns)
            if self.wanted():
                try:
                    await self.api("ListKeys", {})
                except Unavailable:
                    continue


class Quiet(Promise):
    """Nobody lists keys while an AZ is dark, and at the end somebody has."""

    name: ClassVar[str] = "quiet"
    compared: ClassVar[str] = "calls of ListKeys"

    def __init__(self) -> None:
        super().__init__()
        self._dark = False
        self._ended = 0

    def attach(self, arena: Arena) -> None:
        self.on_messages(arena, self._sent, ApiCall)
        self.on_events(arena, self._fault, "fault")
        self.on_calls(arena, self._call)

    def _fault(self, event: sim.Event) -> None:
        self._dark = b"inject=" in event.body

    def _sent(self, sent: Sent) -> None:
        if sent.message.action == "ListKeys" and sent.by_caller:
            self.checked += 1
            if self._dark:
                self.fail(sent.time_ns, f"{sent.source} lists keys")

    def _call(self, call: sim.Call) -> None:
        self._ended += call.action == "ListKeys"

    def conclude(self, arena: Arena) -> None:
        self.fail(arena.world.now_ns, f"{self._ended} lists of keys", excuse="that is many")


class Flicker(sim.Fault):
    """The power of a place flickers once."""

    name: ClassVar[str] = "flicker"
    cuts_power: ClassVar[bool] = True
    strikes: ClassVar[Any] = ("az", "node")

    def inject(self, world: sim.World) -> None:
        for name in world.names(self.target):
            world.hold_down(name, self)

    def heal(self, world: sim.World) -> None:
        for name in world.names(self.target):
            world.let_up(name, self)


FILE = """
name = "polled"
length = "1m"
promises = ["audit-complete", "quiet"]
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "poller"
clients = 1
every = "4s"
[[fault]]
plan = "at 30s flicker us-east-1/use1-az1 for 10s"
"""


def polled() -> Scenario:
    return loads(FILE, "polled")


def test_parts_added_by_hand_are_known_by_name_in_files_and_run() -> None:
    with register(Poller, Quiet, Flicker):
        scenario = polled()
        assert loads(dumps(scenario), "polled") == scenario
        result = run(scenario, seed=1)
    audit, quiet = result.promises
    begin_ns, end_ns = seconds(30), seconds(40)
    calls = sum(result.calls["us-east-1"].values())
    assert (audit.name, audit.word, quiet.word) == ("audit-complete", "holds", "BROKEN")
    # At an event, with its time; and in the end, with an excuse.
    assert quiet.violations == tuple(
        (time_ns, "us-east-1/clients/poller-0 lists keys") for time_ns, _ in quiet.violations
    )
    assert all(begin_ns <= time_ns < end_ns for time_ns, _ in quiet.violations)
    assert quiet.violations
    assert quiet.excused == (f"{calls} lists of keys (that is many)",)


def test_what_leaves_its_block_is_known_no_longer() -> None:
    with register(Quiet):
        assert INVARIANTS["quiet"] is Quiet
    assert "quiet" not in INVARIANTS


def test_a_promise_that_only_watches_changes_no_trace() -> None:
    with register(Poller, Flicker):
        scenario = replace(loads(FILE.replace(', "quiet"', ""), "polled"), length_ns=seconds(20))
        scenario = replace(scenario, plan=Plan())
        alone, seen = run(scenario, seed=3), run(scenario, seed=3, promises=[Quiet])
    assert (seen.trace_hash, seen.span_ns) == (alone.trace_hash, alone.span_ns)
    assert [v.name for v in seen.promises] == ["audit-complete", "quiet"]


def test_all_in_a_file_is_all_of_ours_beside_those_that_are_named() -> None:
    with register(Quiet):
        text = 'promises = ["all", "quiet"]'
        assert loads(text).promises == (*INVARIANTS.builtin, "quiet")
        assert loads("").promises == ()


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (["audit"], f"no promise 'audit'; there are: {', '.join(INVARIANTS)}"),
        (["custody", "custody"], "promise 'custody' is asked for twice; expected it once"),
        ([7], "promise 7: expected a name, a subclass of scenarios.Promise or an object of one"),
        ([Promise], "promise Promise: expected a text 'name' in its class"),
    ],
)
def test_a_promise_that_cannot_judge_is_refused(wanted: list[Any], problem: str) -> None:
    with pytest.raises(PromiseError) as caught:
        judges(wanted)
    assert str(caught.value) == problem


def test_an_object_judges_one_run_only() -> None:
    once = Quiet()
    once.checked = 1
    problem = "^promise 'quiet' has judged already; expected a fresh object$"
    with pytest.raises(PromiseError, match=problem):
        judges([once])


class Unnamed(sim.Fault):
    """Has no name."""


class Endless(sim.Fault):
    """Begins and never ends."""

    name: ClassVar[str] = "endless"

    def inject(self, world: sim.World) -> None:
        pass


class Aimless(DomainFault):
    """Says not whom it hits."""

    name: ClassVar[str] = "aimless"
    inject, heal = Flicker.inject, Flicker.heal


class Silent(Promise):
    """Says not what it compares."""

    name: ClassVar[str] = "silent"


class Bare(SdkClient):
    """Has no settings."""

    label: ClassVar[str] = "bare"


class Power(Flicker):
    """Takes a name of ours."""

    name: ClassVar[str] = "power-off"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (Unnamed, "Unnamed: expected a text 'name' in the class"),
        (Endless, f"fault 'endless' of {__name__}: expected a fault with a method 'heal'"),
        (
            Aimless,
            (f"fault 'aimless' of {__name__}: expected a regions.DomainFault that says 'hits' in a"
             " text"),
        ),
        (
            Silent,
            (f"promise 'silent' of {__name__}: expected a promise that says in a text 'compared'"
             " what was compared"),
        ),
        (
            Bare,
            (f"workload 'bare' of {__name__}: expected Settings, a dataclass derived from"
             " scenarios.CallerSettings"),
        ),
        (
            Power,
            (f"fault 'power-off' of {__name__}: the name 'power-off' is one of Eleven Nines;"
             " expected another name"),
        ),
        (
            int,
            ("<class 'int'>: expected a subclass of scenarios.Promise, sim.Fault or"
             " scenarios.SdkClient, or a scenarios.Scenario"),
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_part_of_the_wrong_kind_is_refused_and_none_beside_it_is_added(
    part: Any, problem: str
) -> None:
    with pytest.raises(PluginError) as caught:
        register(Poller, part)
    assert str(caught.value) == problem
    assert "poller" not in WORKLOADS


# Scenarios of other packages.


def test_a_folder_of_files_is_as_many_scenarios(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_text('length = "2m"')
    found = catalogue._accept("shop", tmp_path)
    assert [(name, get().name, get().length_ns) for name, get in found.items()] == [
        ("a", "a", minutes(2)),
        ("b", "b", minutes(2)),
    ]


def test_a_value_or_one_file_is_called_as_its_entry_is(tmp_path: Path) -> None:
    path = tmp_path / "dusk.toml"
    path.write_text('summary = "evening"')
    value = Scenario(name="dawn", summary="morning")
    assert catalogue._accept("dusk", path)["dusk"]().summary == "evening"
    assert catalogue._accept("dawn", value)["dawn"]() is value
    for part, called in ((value, "dawn"), (path, "dusk")):
        problem = f"^expected the scenario 'noon', as its entry is called, not {called!r}$"
        with pytest.raises(ValueError, match=problem):
            catalogue._accept("noon", part)


EXPECTED = "expected a Scenario, the Path of a TOML file, or a folder or package of such"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda _: 7, f"{EXPECTED}, not int"),
        (lambda folder: folder, f"{EXPECTED}; there is no TOML file in it"),
        (lambda folder: folder / "none", f"{EXPECTED}, not '{{folder}}/none'"),
        (lambda _: sim.units, f"{EXPECTED}; there is no TOML file in it"),
    ],
)
def test_what_leads_to_no_scenario_is_refused(
    make: Callable[[Path], Any], problem: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        catalogue._accept("shop", make(tmp_path))
    assert str(caught.value) == problem.replace("{folder}", str(tmp_path))


# Faults of other packages in drawn plans.


def test_a_fault_comes_up_in_drawn_plans_only_when_it_is_asked_for() -> None:
    with register(Flicker):
        topology = polled_topology()
        for named in ((), ("flicker",)):
            portfolio = portfolio_with(named)
            plans = [
                draw_plan(drawn(stream(seed, "x")), topology, minutes(2), portfolio=portfolio)
                for seed in range(40)
            ]
            lines = [line for plan in plans for line in plan.lines if line.fault == "flicker"]
            assert bool(lines) == bool(named)
        assert {line.target.count("/") for line in lines} == {1, 2}  # AZs and nodes


def polled_topology() -> Any:
    return draw_scenario(drawn(stream(1, "topology"))).topology


def test_what_is_not_asked_for_moves_no_dice() -> None:
    before = draw_scenario(drawn(stream(5, "x")))
    with register(Flicker, Quiet, Poller):
        assert draw_scenario(drawn(stream(5, "x"))) == before


def test_a_campaign_can_aim_at_it() -> None:
    with register(Flicker):
        portfolio = portfolio_with(["flicker"])
        assert Focus.parse("flicker@node", portfolio) == Focus("flicker", "node")


@pytest.mark.parametrize("strikes", ["az", (), ("moon",)])
def test_a_fault_that_strikes_nowhere_is_refused(strikes: Any) -> None:
    lost = type("Lost", (Flicker,), {"name": "lost", "strikes": strikes})
    with register(lost), pytest.raises(PluginError) as caught:
        portfolio_with(["lost"])
    assert str(caught.value) == (
        f"fault 'lost' of {__name__}: expected a tuple 'strikes' of some of az, node, host,"
        " recorder, hsm, leader, link, way, border, region, single, safe, roomy region, az of a"
        f" roomy region, not {strikes!r}"
    )


def test_what_a_fault_says_of_itself_decides_what_it_may_cost() -> None:
    with register(Flicker):
        plan = Plan.parse(["at 1s flicker us-east-1/use1-az1 for 1s"], FAULTS)
        azs = ("use1-az1", "use1-az2", "use1-az4")
        (harm,) = harms_of(plan, "us-east-1", azs, minutes(1), 0)
    assert (harm.covers, harm.darkens, harm.forgets) == ((frozenset({"use1-az1"}),), True, False)


def test_callers_that_are_asked_for_stay_away_from_worlds_of_days() -> None:
    with register(Poller, Quiet):
        short = Scenario(name="short", summary="", length_ns=minutes(3))
        more = with_extras(short, ["quiet"], ["poller"])
        assert [workload.kind for workload in more.workloads] == ["envelope", "poller"]
        assert more.promises == (*INVARIANTS.builtin, "quiet")
        long = with_extras(replace(short, length_ns=days(3)), [], ["poller"])
        assert [workload.kind for workload in long.workloads] == ["envelope"]


# The command.


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("run az-outage --promise thrift", f"no promise 'thrift'; there are: {', '.join(INVARIANTS)}"),
        ("swarm --promise thrift", f"no promise 'thrift'; there are: {', '.join(INVARIANTS)}"),
        (
            "swarm --workload shop",
            "no workload 'shop'; there are: envelope, key-states, herd, services, steady",
        ),
        ("swarm --fault fog", f"no fault 'fog'; there are: {', '.join(sorted(FAULTS))}"),
        (
            "swarm --scenario az-outage --workload steady",
            "--workload 'steady' is for drawn worlds; expected it without --scenario",
        ),
        (
            "swarm --scenario az-outage --fault crash",
            "--fault 'crash' is for drawn worlds; expected it without --scenario",
        ),
    ],
)
def test_a_name_that_is_in_no_table_is_one_line(
    words: str,
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main(words.split()) == 2
    assert capsys.readouterr() == ("", f"nines: {problem}\n")
    assert list(tmp_path.iterdir()) == []


def faulty_parts() -> Parts:
    faults = Registry("nines.faults", "fault", {"crash": FAULTS["crash"]}, FAULTS._accept)
    faults.add("flicker", Flicker, "shop 2.0")
    lines = ["package shop 2.0, entry 'fog' of nines.faults = shop:Fog: cannot be imported"]
    faults.problems = lambda: lines  # type: ignore[method-assign]
    none: dict[str, Any] = {}
    return replace(
        installed_parts(), scenarios=none, workloads=none, faults=faults, promises=none
    )


def test_list_names_what_can_be_used_and_complains_of_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.main(["list"], load=faulty_parts) == 2
    out, err = capsys.readouterr()
    assert out.splitlines()[-3:] == [
        "  crash A    One actor (or ``REGION/@leader``) dies; with the end it is started again.",
        "  flicker A  The power of a place flickers once. [shop 2.0]",
        "promises:",
    ]
    assert err == (
        "nines: package shop 2.0, entry 'fog' of nines.faults = shop:Fog: cannot be imported\n"
    )
    assert to_text(listed(faulty_parts())) == out
    assert len(problems(faulty_parts())) == 1


def test_a_broken_package_is_one_line_wherever_its_part_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def parts() -> Parts:
        raise PluginError("package shop 2.0, entry 'fog' of nines.faults = shop:Fog: is broken")

    assert command.main(["run", "az-outage"], load=parts) == 2
    line = "nines: package shop 2.0, entry 'fog' of nines.faults = shop:Fog: is broken\n"
    assert capsys.readouterr() == ("", line)


def test_a_scenario_added_by_hand_runs_by_its_name() -> None:
    with register(Scenario(name="dawn", summary="morning")):
        assert SCENARIOS["dawn"].summary == "morning"
