"""What is asked for by name on top of a run: faults of others in drawn plans, and the command."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from own_parts import Flicker, Poller, Quiet

from regions.faults import FAULTS
from scenarios import PluginError, catalogue, register
from scenarios import __main__ as command
from scenarios.catalogue import SCENARIOS
from scenarios.drawer import Focus, draw_plan, draw_scenario
from scenarios.extras import portfolio_with, with_extras
from scenarios.files import hireable
from scenarios.harm import harms_of
from scenarios.invariants import INVARIANTS
from scenarios.listing import catalogue as listed
from scenarios.listing import problems, to_text
from scenarios.parts import Parts, installed_parts
from scenarios.scenario import Scenario
from scenarios.sources import SourceError, find
from sim.choices import drawn
from sim.plan import Plan
from sim.registry import Registry
from sim.rng import stream
from sim.units import days, minutes

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
            f"no workload 'shop'; there are: {', '.join(hireable())}",
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


def test_an_unknown_scenario_may_be_one_of_a_package_that_is_broken() -> None:
    table: Registry[Scenario] = Registry("toy.none", "scenario", {}, catalogue._accept)
    table._broken.append(PluginError("package shop 2.0, entry 'dusk' of toy.none: is broken"))
    with pytest.raises(SourceError) as caught:
        find("dusk", table, Path())
    assert str(caught.value) == (
        "unknown scenario 'dusk'; package shop 2.0, entry 'dusk' of toy.none: is broken"
    )
