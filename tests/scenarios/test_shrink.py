"""Shrinking: what is left still breaks the promise, and nothing in it can be taken away."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from regions.faults import FAULTS
from regions.topology import Topology, default_azs
from scenarios.scenario import Scenario, Workload
from scenarios.shrink import Shrinker, breaks_promise, fails_like, fixed
from scenarios.workloads.sdk import print_spans, spans
from sim.plan import Plan
from sim.units import minutes, seconds

LINES = (
    "at 10137ms pause us-east-1/use1-az1 for 4s",
    "at 12345ms crash us-east-1/use1-az2/node for 7777ms",
    "at 20% power-off eu-west-1/euw1-az1 for 10%",
    "at 61003ms crash us-east-1/use1-az4/hsm-1 for 30s",
    "at 90s partition us-east-1/use1-az1 for 3s",
)


def big() -> Scenario:
    azs = {region: default_azs(region) for region in ("us-east-1", "eu-west-1")}
    scenario = Scenario(
        name="big",
        summary="too much of everything",
        topology=Topology(regions=azs),
        plan=Plan.parse(LINES, FAULTS),
        length_ns=minutes(10),
        workloads=(
            Workload(clients=3, options={"think": "1s"}),
            Workload(clients=2, regions=("eu-west-1",)),
        ),
        managed_keys=("ssm",),
        schedule="shuffle",
    )
    return fixed(scenario)


def needs(scenario: Scenario) -> bool:
    """Break when the node of use1-az2 crashes after 5 s and app-0 does its 17th action."""
    crash = any(
        line.fault == "crash" and line.target.endswith("az2/node") and line.at.ns > seconds(5)
        for line in scenario.plan.lines
    )
    for workload in scenario.workloads:
        actions = workload.options.get("actions", {}).get("us-east-1/app-0")
        if crash and workload.clients and (actions is None or 17 in spans(actions)):
            return "us-east-1" in (workload.regions or scenario.topology.regions)
    return False


def test_only_what_is_needed_is_left_with_round_figures() -> None:
    found = Shrinker(big(), needs).shrink()
    assert found.minimal
    small = found.scenario
    assert [str(line) for line in small.plan.lines] == [
        "at 10s crash us-east-1/use1-az2/node for 10ms"
    ]
    assert list(small.topology.regions) == ["us-east-1"]
    (workload,) = small.workloads
    assert (workload.clients, workload.options["actions"]) == (1, {"us-east-1/app-0": "17"})
    assert small.managed_keys == ()
    assert small.schedule == ""
    assert len(small.promises) == 1
    assert small.length_ns <= seconds(20)
    assert found.tries < 150


def test_a_shorter_run_takes_its_faults_along() -> None:
    def ends_in_time(scenario: Scenario) -> bool:
        lines = scenario.plan.lines
        return bool(lines) and all(line.at.ns <= scenario.length_ns for line in lines)

    small = Shrinker(replace(big(), workloads=()), ends_in_time).shrink().scenario
    assert small.length_ns == seconds(1)
    assert [line.at.ns for line in small.plan.lines] == [0]


def test_it_stops_when_the_tries_are_used_up_and_says_so() -> None:
    found = Shrinker(big(), needs, tries=5).shrink()
    assert (found.tries, found.minimal) == (5, False)
    assert needs(found.scenario)


def test_every_try_is_told_with_the_smallest_so_far() -> None:
    told: list[int] = []
    found = Shrinker(big(), needs, seen=lambda _best, tries: told.append(tries)).shrink()
    assert told == list(range(1, found.tries + 1))


@settings(max_examples=50, deadline=None)
@given(st.sets(st.sampled_from(range(5)), min_size=1))
def test_the_faults_that_are_needed_together_are_found(wanted: set[int]) -> None:
    whole = replace(big(), workloads=())
    targets = {whole.plan.lines[place].target for place in wanted}

    def breaks(scenario: Scenario) -> bool:
        return targets <= {line.target for line in scenario.plan.lines}

    found = Shrinker(whole, breaks).shrink().scenario
    assert {line.target for line in found.plan.lines} == targets


def endless(_scenario: Scenario, *, seed: int) -> Any:
    assert seed == 7
    while True:
        pass


def test_a_try_that_never_ends_breaks_nothing() -> None:
    assert not breaks_promise("custody", 7, endless, patience_s=1)(big())
    assert not fails_like(ValueError(), 7, endless, patience_s=1)(big())


@given(st.frozensets(st.integers(0, 300)))
def test_numbers_of_actions_are_printed_as_they_are_read(numbers: frozenset[int]) -> None:
    assert spans(print_spans(numbers)) == numbers


def test_numbers_of_actions_are_printed_as_ranges() -> None:
    assert print_spans([0, 1, 2, 3, 17, 20, 21]) == "0-3,17,20-21"
