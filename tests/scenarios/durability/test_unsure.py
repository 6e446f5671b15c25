"""Intervals from not knowing the rates: they cover as often as they say, and are never a point."""

import math
from statistics import fmean

import pytest

from scenarios.durability.chain import build
from scenarios.durability.exact import solve
from scenarios.durability.rates import RATE_SETS, Rate
from scenarios.durability.unsure import at_most, credible, highest, posterior, spread
from tests.scenarios.durability.models import M1, M5


def counted(events: int, years: float = 100.0) -> Rate:
    return Rate(events=events, years=years, source="a test")


def coverage(rate: float, years: float) -> float:
    """Return exactly how often the interval of a Poisson count holds the rate it came from."""
    mean, found = rate * years, []
    for events in range(int(mean + 12 * math.sqrt(mean) + 20)):
        low, high = credible(counted(events, years))
        if low <= rate <= high:
            logarithm = events * math.log(mean) - mean - math.lgamma(events + 1)
            found.append(math.exp(logarithm))
    return math.fsum(found)


def test_intervals_of_counted_rates_cover_as_often_as_they_say() -> None:
    # Over rates from three to thirty expected events, as 95 % of them should.
    assert 0.92 <= fmean(coverage(mean / 100, 100.0) for mean in range(3, 31)) <= 0.98


def test_the_interval_of_a_loss_is_that_of_its_only_unknown_rate() -> None:
    chain, rate = build(M1), counted(8, 200.0)
    central = solve(chain).probability
    found = spread(chain, {"copy-lost": rate}, central, samples=400, seed=2)
    at = [
        solve(chain, factors={"copy-lost": bound / rate.value}).probability
        for bound in credible(rate)
    ]
    assert [found.low, found.high] == pytest.approx(at, rel=0.05)
    assert found.low < found.median < found.mean < found.high


def test_draws_have_the_mean_of_the_posterior() -> None:
    rate = counted(3)
    draws = posterior(rate, 2_000, 1, "any")
    assert fmean(draws) == pytest.approx(rate.value, rel=0.01)


def test_draws_of_one_rate_move_no_others() -> None:
    rates = {"copy-lost": counted(8), "az-destroyed": counted(1)}
    alone = posterior(rates["copy-lost"], 50, 1, "copy-lost")
    assert posterior(rates["copy-lost"], 50, 1, "copy-lost") == alone
    assert posterior(rates["copy-lost"], 50, 1, "az-destroyed") != alone


def test_none_in_n_years_still_allows_three_over_n() -> None:
    assert highest(counted(0, 350.0)) == pytest.approx(3 / 350, rel=0.002)
    assert at_most(0, 10_000) == pytest.approx(3 / 10_000, rel=0.002)
    assert at_most(5, 5) == 1.0


def test_what_was_chosen_has_no_interval() -> None:
    found = spread(build(M5), RATE_SETS["design"].rates, 1e-11, samples=50, seed=1)
    assert (found.known, found.low, found.high) == (True, 1e-11, 1e-11)


def test_every_rate_has_a_source_and_both_sets_the_same_keys() -> None:
    sets = list(RATE_SETS.values())
    assert len({frozenset(one.rates) for one in sets}) == 1
    assert all(rate.source for one in sets for rate in one.rates.values())
