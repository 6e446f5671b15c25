"""Prediction beside lives: intervals that hold what they promise, and the power of the comparison."""

import math
import statistics

import pytest

from scenarios.durability.crosscheck.compare import Comparison, Predicted, compared, predicted
from scenarios.durability.crosscheck.life import Outcome
from scenarios.durability.crosscheck.lives import Lived
from scenarios.durability.laws import Exponential
from scenarios.durability.model import Copies, Model, Site
from sim.rng import stream

ONE_YEAR = Predicted(mean=1.0, shares={"copy-lost": 1.0}, fitted=())


def outcome(years: float, lost_by: str = "copy-lost", *, confirmed: bool = True) -> Outcome:
    return Outcome(
        seed=0,
        years=years,
        lost_by=lost_by,
        confirmed=confirmed,
        blows=3,
        forced=1,
        troubles=(),
    )


def lived(*outcomes: Outcome) -> Lived:
    return Lived(outcomes=outcomes, years=math.fsum(one.years for one in outcomes))


def drawn(count: int, seed: int, mean: float = 1.0) -> Lived:
    dice = stream(seed, "lives")
    law = Exponential(mean)
    return lived(*(outcome(law.quantile(dice.random())) for _ in range(count)))


def test_the_interval_of_lives_that_agree_holds_the_prediction_19_times_of_20() -> None:
    held = sum(compared(ONE_YEAR, drawn(400, seed)).agrees for seed in range(1000, 1400))
    assert 0.92 * 400 <= held <= 0.98 * 400


def test_the_stated_power_is_how_often_a_higher_rate_is_seen() -> None:
    stated = compared(ONE_YEAR, drawn(400, 1))
    factor = stated.least_factor
    assert factor == pytest.approx(math.exp(3.2415 / 20), rel=0.02)
    assert stated.power(factor) == pytest.approx(0.9, abs=1e-3)
    assert stated.power(1.0) == pytest.approx(0.05)
    seen = sum(not compared(ONE_YEAR, drawn(400, seed, 1 / factor)).agrees for seed in range(200))
    assert 0.83 * 200 <= seen <= 0.96 * 200


def test_years_without_a_loss_count_and_losses_that_nobody_confirms_do_not() -> None:
    found = compared(
        ONE_YEAR,
        lived(
            outcome(1.0),
            outcome(2.0, "az-dark"),
            outcome(3.0, "az-dark", confirmed=False),
            outcome(4.0, ""),
        ),
    )
    assert (found.losses, found.unconfirmed, found.years, found.mean) == (2, 1, 10.0, 5.0)
    assert found.shares == {"az-dark": 0.5, "copy-lost": 0.5}
    assert (found.blows, found.forced) == (12, 4)


def test_few_losses_are_not_enough_and_none_bound_from_one_side() -> None:
    none = compared(ONE_YEAR, lived(outcome(6.0, "")))
    assert none.interval == (2.0, math.inf)
    assert (none.enough, none.agrees, none.mean) == (False, False, math.inf)
    assert none.least_factor == math.inf
    assert not compared(ONE_YEAR, drawn(399, 1)).enough
    assert compared(ONE_YEAR, drawn(400, 1)).enough


def test_a_prediction_tells_the_mean_life_and_the_last_blows() -> None:
    """One way out of one state, so all is known by hand."""
    model = Model(
        copy=Copies(lost=Exponential(0.01), repaired=Exponential(1e9)),
        az=Site(rate=50.0),
    )
    found = predicted(model)
    # Three copies, of which each fails 100 times a year and is destroyed 50 times; a copy that
    # failed can still be destroyed, which changes nothing.
    assert found.mean == pytest.approx(sum(1 / (150 * k) for k in (1, 2, 3)), rel=1e-6)
    assert found.shares["copy-lost"] == pytest.approx(2 / 3, rel=1e-6)
    assert found.fitted == ()


def test_few_lives_are_taken_to_vary_as_exponential_ones_at_least() -> None:
    alike = compared(ONE_YEAR, lived(*(outcome(1.0) for _ in range(25))))
    assert (alike.variation, alike.error) == (1.0, 0.2)
    many = compared(ONE_YEAR, drawn(400, 3))
    assert many.variation == pytest.approx(statistics.stdev(
        one.years for one in drawn(400, 3).outcomes) / many.mean)  # fmt: skip


def test_a_comparison_can_be_wrong_in_both_directions() -> None:
    kept = Comparison(
        predicted=ONE_YEAR,
        losses=400,
        years=300.0,
        unconfirmed=0,
        blows=0,
        forced=0,
        shares={},
        variation=1.0,
    )
    assert not kept.agrees
    assert kept.power(0.75) == pytest.approx(kept.power(1 / 0.75))
