"""Laws: hazards, their inverses and draws belong together, and have the stated means."""

import math

import numpy as np
import pytest

from scenarios.durability.estimate import laws
from scenarios.durability.estimate.adapt import life_of
from scenarios.durability.estimate.laws import Law, age_at, cumulative, draw, hazard, law_table
from scenarios.durability.estimate.philox import DICE, begin
from scenarios.durability.laws import Coxian

LIFETIMES = {
    "exponential": laws.exponential(25.0),
    "weibull": laws.weibull(1.12, 52.6),
    "weibull, later": laws.weibull(2.0, 12.0, 6.0),
    "infant mortality": laws.weibull(0.7, 30.0),
    "bathtub": laws.hazards((0.0, 1.0, 4.0), (0.05, 0.014, 0.118)),
}
REPAIRS = {
    "deterministic": laws.deterministic(6.0),
    "erlang": laws.erlang(4, 6.0),
    "uniform": laws.between(2.0, 10.0),
    "lognormal": laws.lognormal(6.0, 0.5),
    "empirical": laws.empirical((1.0, 2.0, 9.0)),
    "coxian": life_of("copy.lost", Coxian((1.0, 3.0), (0.5,))),
}


@pytest.mark.parametrize("law", LIFETIMES.values(), ids=LIFETIMES)
def test_age_at_is_the_inverse_of_the_cumulative_hazard(law: Law) -> None:
    table = law_table([laws.deterministic(1.0), law])
    for reached in (0.001, 0.05, 0.3, 1.0, 5.0):
        age = age_at(table.rows, 1, table.looked_up, reached)
        assert cumulative(table.rows, 1, table.looked_up, age) == pytest.approx(reached, rel=1e-9)


@pytest.mark.parametrize("law", LIFETIMES.values(), ids=LIFETIMES)
def test_the_hazard_is_the_slope_of_the_cumulative_hazard(law: Law) -> None:
    table = law_table([law])
    for age in (0.5, 2.0, 7.0, 40.0):
        step = 1e-6 * age
        high = cumulative(table.rows, 0, table.looked_up, age + step)
        low = cumulative(table.rows, 0, table.looked_up, age - step)
        found = hazard(table.rows, 0, table.looked_up, age)
        assert found == pytest.approx((high - low) / (2 * step), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    "law", [*LIFETIMES.values(), *REPAIRS.values()], ids=(*LIFETIMES, *REPAIRS)
)
def test_draws_have_the_mean_and_the_spread_of_their_law(law: Law) -> None:
    table, dice = law_table([laws.empirical((7.0,)), law]), np.zeros(DICE, dtype=np.uint64)
    begin(dice, np.uint64(5), np.uint64(0), np.uint64(0))
    drawn = [draw(table.rows, 1, table.looked_up, dice) for _ in range(20_000)]
    error = np.std(drawn) / math.sqrt(len(drawn))
    assert abs(np.mean(drawn) - law.mean) <= 4 * error + 1e-9 * law.mean
    if law is not LIFETIMES["bathtub"]:  # whose spread nobody asks for
        assert np.std(drawn) / np.mean(drawn) == pytest.approx(law.spread, rel=0.05, abs=1e-9)


def test_what_never_comes_has_no_hazard_and_no_end() -> None:
    table, dice = law_table([laws.never()]), np.zeros(DICE, dtype=np.uint64)
    assert hazard(table.rows, 0, table.looked_up, 3.0) == 0
    assert cumulative(table.rows, 0, table.looked_up, 3.0) == 0
    assert draw(table.rows, 0, table.looked_up, dice) == math.inf


def test_hazards_that_cannot_be_are_our_own_bug() -> None:
    with pytest.raises(AssertionError, match=r"^ages rise"):
        laws.hazards((0.0, 2.0, 1.0), (1.0, 1.0, 1.0))
