"""Drawn worlds: the same choices draw the same world, within the budget unless told otherwise."""

import re

import pytest
from drawn_worlds import worlds
from hypothesis import HealthCheck, find, given, settings

from regions.faults import FAULTS
from scenarios.budget import judge
from scenarios.drawer import Focus, draw_plan, draw_scenario
from scenarios.files import dumps, loads
from scenarios.places import check_plan
from scenarios.portfolio import PORTFOLIO
from scenarios.scenario import Scenario
from sim.choices import Choices, drawn, replayed
from sim.plan import Plan
from sim.rng import stream


def of_seed(seed: int, *, beyond: bool = False) -> Scenario:
    return draw_scenario(drawn(stream(seed, "drawer")), beyond=beyond)


def test_every_fault_of_the_project_stands_in_the_portfolio() -> None:
    assert sorted(PORTFOLIO) == sorted(FAULTS)


def test_a_seed_draws_the_same_world_again_and_so_do_its_recorded_choices() -> None:
    choices = drawn(stream(7, "drawer"))
    scenario = draw_scenario(choices)
    assert scenario == of_seed(7)
    assert draw_scenario(replayed(choices.record)) == scenario
    assert of_seed(8) != scenario


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
def test_what_is_drawn_within_the_budget_is_within_it_and_is_a_file(scenario: Scenario) -> None:
    assert judge(scenario.plan, scenario.topology, scenario.length_ns).beyond == ()
    assert loads(dumps(scenario)) == scenario


@pytest.mark.parametrize(
    "least",
    [
        ["at 0s partition us-east-1/use1-az1 for 1ms"],
        [
            "at 0s disk-lying us-east-1/use1-az1/node for 1ms",
            "at 0s crash us-east-1/use1-az1/node for 1ms",
        ],
    ],
    ids=lambda least: least[0].split()[2],
)
def test_a_plan_that_hypothesis_draws_shrinks_to_the_lines_that_matter(least: list[str]) -> None:
    wanted = Plan.parse(least)
    matters = {line.fault for line in wanted.lines}
    found = find(
        worlds(),
        lambda scenario: matters <= {line.fault for line in scenario.plan.lines},
        settings=settings(derandomize=True, max_examples=5_000, database=None, deadline=None),
    )
    assert str(found.plan) == str(wanted)
    assert list(found.topology.regions) == ["us-east-1"]


def test_plans_beyond_the_budget_are_drawn_when_they_are_asked_for() -> None:
    found = [of_seed(seed, beyond=True) for seed in range(30)]
    assert any(judge(s.plan, s.topology, s.length_ns).beyond for s in found)


def test_the_simplest_choices_draw_a_world_without_faults() -> None:
    scenario = draw_scenario(Choices(lambda _label, low, _high: low))
    assert scenario.plan.lines == ()
    assert list(scenario.topology.regions) == ["us-east-1"]


def test_a_focus_is_the_first_line_of_the_plan() -> None:
    scenario = of_seed(3)
    choices = drawn(stream(3, "plan"))
    plan = draw_plan(
        choices, scenario.topology, scenario.length_ns, focus=Focus.parse("crash@recorder")
    )
    assert plan.lines[0].fault == "crash"
    assert plan.lines[0].target.endswith("/recorder")


def test_a_focus_that_no_fault_has_is_refused() -> None:
    wanted = re.escape("focus 'crash@moon': expected FAULT@PLACE, as crash@node")
    with pytest.raises(ValueError, match=f"^{wanted}$"):
        Focus.parse("crash@moon")


def test_every_fault_that_may_be_drawn_is_drawn_at_each_of_its_places() -> None:
    scenario = of_seed(1)
    for name, entry in PORTFOLIO.items():
        for place in entry.places if entry.weight else ():
            choices = drawn(stream(1, name, place))
            plan = draw_plan(
                choices, scenario.topology, scenario.length_ns, beyond=True, focus=Focus(name, place)
            )
            assert plan.lines[0].fault == name


@pytest.mark.parametrize("seed", [38, 56, 154, 272])
def test_no_plan_is_drawn_that_cannot_happen(seed: int) -> None:
    # Found by a campaign: an AZ left its region twice.
    focus = Focus.parse("remove-az@az")
    scenario = draw_scenario(drawn(stream(seed, "drawer")), focus=focus)
    check_plan(scenario.plan, scenario.topology, scenario.length_ns)
