"""The solver: known digits, two ways that agree, and sums that do not cancel."""

import math

import numpy as np
import pytest

from scenarios.durability import exact, gth
from scenarios.durability.answer import answer
from scenarios.durability.breakdown import (
    combinations,
    elasticities,
    mission_elasticity,
    orders,
)
from scenarios.durability.chain import build
from scenarios.durability.exact import Generator, mean_time_to_loss, solve
from scenarios.durability.laws import Exponential
from scenarios.durability.model import Model, k_of_n
from tests.scenarios.durability.models import M1, M4, M5, RARE


def test_three_copies_have_the_printed_digits_of_the_answer_key() -> None:
    assert f"{solve(build(M1)).probability:.9e}" == "8.984896580e-11"


@pytest.mark.parametrize("model", [M1, M4, M5, RARE], ids=lambda model: model.name)
def test_squaring_and_walking_by_events_agree(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = build(model)
    monkeypatch.setattr(exact, "_squared", lambda _rates, _events: True)
    squared = solve(chain, mission=0.1)
    monkeypatch.setattr(exact, "_squared", lambda _rates, _events: False)
    walked = solve(chain, mission=0.1)
    assert (squared.method, walked.method) == ("squaring", "events")
    assert squared.probability == pytest.approx(walked.probability, rel=1e-11)
    assert squared.by_cause == pytest.approx(walked.by_cause, rel=1e-10)
    assert [p for _, p in squared.curve[::16]] == pytest.approx(
        [p for _, p in walked.curve[::16]], rel=1e-10
    )


def test_a_loss_far_below_rounding_has_all_its_digits() -> None:
    # Five equal copies are a birth-and-death chain, whose loss rate has a closed form.
    rate, mend = 0.04, 1 / RARE.copy.repaired.mean
    waits = [1 / (5 * rate)]
    for gone in range(1, 5):
        waits.append((1 + gone * mend * waits[-1]) / ((5 - gone) * rate))
    mean = mean_time_to_loss(build(RARE))
    assert mean == pytest.approx(math.fsum(waits), rel=1e-13)
    assert 1e-24 < solve(build(RARE)).probability < 1e-23
    assert solve(build(RARE)).probability == pytest.approx(1 / math.fsum(waits), rel=1e-4)


def test_no_repair_is_a_product_of_exponentials() -> None:
    model = k_of_n(3, 1, lost=Exponential(25.0), repaired=Exponential(1e12))
    assert solve(build(model)).probability == pytest.approx((-math.expm1(-0.04)) ** 3, rel=1e-9)


def test_the_same_chain_has_the_same_bits_each_time() -> None:
    assert solve(build(M5)).probability == solve(build(M5)).probability


def test_the_occupancy_is_the_mission_and_its_flow_is_the_loss() -> None:
    found = solve(build(M4), occupancy=True)
    assert found.occupancy.sum() == pytest.approx(1.0, rel=1e-9)
    flow = found.occupancy @ Generator(build(M4)).losses.sum(axis=1)
    assert flow == pytest.approx(found.probability, rel=1e-11)


def test_elasticities_sum_to_that_of_the_mission() -> None:
    # Only products of rates and times matter, so faster rates are a longer mission.
    chain = build(M5)
    found = elasticities(chain)
    assert math.fsum(found.values()) == pytest.approx(mission_elasticity(chain), abs=1e-3)
    assert found["region-destroyed"] > 1.5
    assert found["region-rebuilt"] < -0.5


def test_combinations_are_all_of_the_loss() -> None:
    ways = combinations(solve(build(M5), occupancy=True))
    assert math.fsum(way.share for way in ways) == pytest.approx(1.0)
    first = ways[0]
    assert (first.before, first.last) == ("region destroyed", "region-destroyed")
    assert first.share == pytest.approx(0.88, abs=0.01)


def test_orders_tell_nearly_all_of_the_loss_likeliest_first() -> None:
    ways = orders(build(M5))
    assert (ways[0].before, ways[0].last) == ("region-destroyed", "region-destroyed")
    assert 0.98 < math.fsum(way.share for way in ways) <= 1
    shares = [way.share for way in ways]
    assert shares == sorted(shares, reverse=True)


def test_values_of_a_small_chain_are_those_of_linear_algebra() -> None:
    rates = Generator(build(M4))
    dense, losses = rates.dense(), rates.losses.sum(axis=1)
    inner = np.diag(dense.sum(axis=1) + losses)[1:, 1:] - dense[1:, 1:]
    solved = np.linalg.solve(inner, losses[1:])
    assert gth.values(dense, losses)[1:] == pytest.approx(solved, rel=1e-6)


def test_a_cut_chain_has_the_loss_between_its_bounds() -> None:
    whole, cut = solve(build(M5)), solve(build(M5, blows=3))
    assert cut.probability <= whole.probability <= cut.probability + cut.beyond
    assert cut.beyond > 0


def test_a_large_chain_is_cut_where_it_no_longer_matters() -> None:
    large = M5.with_layout(azs=4)
    found = answer(large)
    assert found.blows is None  # 530 states are taken whole
    cut = solve(build(large, blows=5))
    assert cut.probability == pytest.approx(found.exact.probability, rel=1e-6)


def test_what_is_never_rebuilt_is_lost_in_the_end() -> None:
    model = k_of_n(1, 1, lost=Exponential(25.0), repaired=Exponential(1.0))
    assert mean_time_to_loss(build(model)) == pytest.approx(25.0)
