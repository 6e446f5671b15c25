"""Availability, outages and losses: small histories with known answers, and one real scenario."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.__main__ import main
from scenarios.availability import (
    BINS,
    JOIN_NS,
    Attempt,
    Interval,
    Outage,
    figures,
    judge,
    mean_interval,
    outages,
    wilson,
)
from scenarios.availability_plot import time_unit
from sim.units import minutes, seconds


def attempts(*marks: tuple[int, bool]) -> list[Attempt]:
    """Attempts of one second each, from their second on."""
    return [Attempt(seconds(at), seconds(at + 1), served) for at, served in marks]


def test_an_outage_lasts_from_its_first_failure_to_the_next_call_that_is_served() -> None:
    found = outages(attempts((0, True), (10, False), (12, False), (15, True), (100, True)))
    assert found == (Outage(seconds(10), seconds(16), recovered=True),)


def test_failures_close_together_are_one_outage_and_far_apart_two() -> None:
    near, far = 16 + JOIN_NS // seconds(1) - 1, 16 + JOIN_NS // seconds(1)
    one = outages(attempts((10, False), (15, True), (near, False), (near + 2, True)))
    assert one == (Outage(seconds(10), seconds(near + 3), recovered=True),)
    two = outages(attempts((10, False), (15, True), (far, False), (far + 2, True)))
    assert [o.begin_ns for o in two] == [seconds(10), seconds(far)]


def test_a_success_that_began_before_the_last_failure_ended_ends_no_outage() -> None:
    found = outages(
        [
            Attempt(seconds(1), seconds(9), served=False),
            Attempt(seconds(5), seconds(10), served=True),
            Attempt(seconds(20), seconds(21), served=True),
        ]
    )
    assert found == (Outage(seconds(1), seconds(21), recovered=True),)


def test_a_run_that_ends_in_an_outage_has_not_recovered() -> None:
    run = judge(attempts((0, True), (50, False), (60, False)), minutes(2), [], [])
    assert (run.recovered, run.rto_ns) == (False, seconds(11))


def test_the_rpo_is_the_age_of_the_oldest_loss_when_the_next_fault_began() -> None:
    faults = [seconds(30), seconds(90)]
    run = judge([], minutes(2), faults, [seconds(25), seconds(20), seconds(40), seconds(100)])
    assert (run.lost, run.rpo_ns) == (4, seconds(50))
    assert judge([], minutes(2), faults, []).rpo_ns == 0


def test_bins_count_attempts_by_when_they_began() -> None:
    run = judge(attempts((0, True), (0, False), (119, True), (500, True)), minutes(2), [], [])
    assert run.bins[0] == (2, 1)
    assert run.bins[BINS - 1] == (2, 2)
    assert sum(total for total, _ in run.bins) == 4


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_an_interval_holds_its_mean_and_is_the_same_each_time(values: list[float]) -> None:
    found = mean_interval(values, "x", resamples=100)
    assert found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12
    assert found == mean_interval(values, "x", resamples=100)


def test_equal_values_have_no_spread() -> None:
    assert mean_interval([0.5] * 9, "x") == Interval(low=0.5, value=0.5, high=0.5)


def test_the_bootstrap_agrees_with_the_normal_interval_for_many_values() -> None:
    values = [(n * 37 % 100) / 100 for n in range(400)]
    found = mean_interval(values, "x")
    # Standard deviation 0.2887 over the root of 400, times 1.96.
    assert found.value - found.low == pytest.approx(0.0283, abs=0.003)
    assert found.high - found.value == pytest.approx(0.0283, abs=0.003)


def test_a_share_has_the_interval_that_tables_give_it() -> None:
    # Agresti and Coull (1998) and any table of score intervals: 0 of 20, 9 of 10, 20 of 20.
    assert wilson(0, 20).low == 0
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert (wilson(9, 10).low, wilson(9, 10).high) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(20, 20).low == pytest.approx(1 - 0.1611, abs=1e-4)
    assert wilson(20, 20).high == 1


def test_runs_without_a_failure_are_no_proof_that_none_can_happen() -> None:
    good = judge(attempts(*[(n, True) for n in range(30)]), minutes(1), [], [])
    found = figures("us-east-1", [good] * 3)
    assert found.availability == wilson(90, 90)
    assert wilson(90, 90).low == pytest.approx(0.959, abs=1e-3)
    assert (found.runs_with_outage, found.runs_with_loss) == (0, 0)


def test_a_region_without_a_call_has_no_availability() -> None:
    found = figures("us-east-1", [judge([], minutes(1), [], [])])
    assert (found.availability, found.worst, found.rto_worst_ns) == (None, None, 0)


def test_the_rpo_has_a_mean_over_all_runs_and_an_interval() -> None:
    good = judge(attempts((0, True)), minutes(1), [seconds(9)], [])
    bad = judge(attempts((0, True)), minutes(1), [seconds(9)], [seconds(5)])
    found = figures("us-east-1", [good, bad])
    assert found.rpo_ns == Interval(low=0, value=seconds(2), high=seconds(4))
    assert (found.runs_with_loss, found.rpo_worst_ns) == (1, seconds(4))


def test_figures_say_what_the_worst_run_was() -> None:
    good = judge(attempts(*[(n, True) for n in range(10)]), minutes(1), [], [])
    bad = judge(attempts(*[(n, n > 4) for n in range(10)]), minutes(1), [seconds(9)], [seconds(4)])
    found = figures("us-east-1", [good, bad])
    assert found.availability is not None
    assert (found.seeds, found.attempts, found.availability.value) == (2, 20, 0.75)
    assert (found.worst, found.rto_worst_ns, found.not_recovered) == (0.5, seconds(6), 0)
    assert (found.runs_with_loss, found.lost, found.rpo_worst_ns) == (1, 1, seconds(5))


def test_the_command_estimates_a_scenario_and_draws_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "a.png"
    words = ["availability", "az-outage", "--small", "--seeds", "2", "--json", "--plot"]
    assert main([*words, str(picture)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["region"] for one in found] == ["us-east-1", "eu-west-1", "ap-northeast-1"]
    assert all(one["seeds"] == 2 and one["lost"] == 0 for one in found)
    assert found[0]["availability"][1] > 0.98
    best = wilson(found[1]["attempts"], found[1]["attempts"])
    assert found[1]["availability"] == [best.low, 1, 1]
    assert found[1]["share_with_outage"][:2] == [0, 0]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_table_fits_in_eighty_columns_and_names_its_intervals(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["availability", "two-azs-dark", "--small", "--seeds", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "two-azs-dark: 2 seeds, means with 95 % intervals"
    about = ["availability", "RTO", "RPO"]
    rows = [line.split()[0] for line in lines[3:]]
    assert rows == [
        name
        for region in ("us-east-1", "eu-west-1", "ap-northeast-1")
        for name in (region, *about)
    ]


@pytest.mark.parametrize(
    ("span_ns", "unit"),
    [(minutes(6), "minutes"), (minutes(600), "hours"), (minutes(30_000), "days")],
)
def test_the_picture_counts_time_in_a_unit_that_fits(span_ns: int, unit: str) -> None:
    assert time_unit(span_ns)[0] == unit


def test_a_picture_that_cannot_be_written_is_an_error_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["availability", "az-outage", "--small", "--seeds", "1", "--plot", str(tmp_path / "a.x")]
    assert main(words) == 2
    assert f"file '{tmp_path}/a.x' cannot be written: Format 'x'" in capsys.readouterr().err
