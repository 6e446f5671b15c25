"""How long an AZ lags behind, as it is drawn; tests/regions/test_grant_lag.py has it in a world."""

from statistics import quantiles

from regions.kms.visibility import LAG_MAX_NS, lag_ns
from sim.units import ms, seconds

PLACE = "us-east-1/use1-az1/az"


def test_most_lags_are_below_a_second_and_none_is_above_five_minutes() -> None:
    # Chosen: median 0.5 s, one in a hundred above 10 s, cut at 300 s.
    lags = [lag_ns(PLACE, f"grant {number}") for number in range(4_000)]
    cuts = quantiles(lags, n=100)
    assert ms(450) < cuts[49] < ms(550)
    assert seconds(7) < cuts[98] < seconds(14)
    assert max(lags) <= LAG_MAX_NS == seconds(300)


def test_a_lag_differs_by_place_and_is_the_same_when_asked_again() -> None:
    places = [f"us-east-1/use1-az{number}/az" for number in range(1, 4)]
    lags = [lag_ns(place, "a grant") for place in places]
    assert len({*lags}) == 3
    lag_ns.cache_clear()
    assert [lag_ns(place, "a grant") for place in places] == lags
    assert lag_ns("", "a grant") == 0
