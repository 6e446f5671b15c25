"""What not knowing the rates does to a result."""

import pytest

from scenarios.durability.estimate.rates import Observed, rates_interval


def test_one_cause_alone_has_its_own_posterior() -> None:
    # A loss by one failure of a cause seen 10 times in 100 years: Gamma(10.5, 100), whose 2.5 %
    # and 97.5 % quantiles are those of chi squared with 21 degrees, over 200.
    found = rates_interval(
        1e-6, [((1,), 1.0)], [0.1], {0: Observed(events=10, years=100.0)}, seed=1
    )
    assert found.low == pytest.approx(1e-5 * 10.2829 / 200, rel=0.02)
    assert found.high == pytest.approx(1e-5 * 35.4789 / 200, rel=0.02)


def test_no_region_lost_in_many_years_still_allows_some() -> None:
    # Jeffreys: Gamma(1/2, N); its 97.5 % quantile is chi squared's 5.024 / 2 over N.
    years, rate = 400.0, 1e-5
    failures = [((1,), 1.0)]
    found = rates_interval(rate, failures, [rate], {0: Observed(events=0, years=years)}, seed=1)
    assert found.high == pytest.approx(5.0239 / 2 / years, rel=0.03)
    assert found.high > 2 / years


def test_a_cause_that_strikes_twice_counts_twice() -> None:
    seen = {1: Observed(events=100, years=1_000.0)}
    one = rates_interval(1.0e-9, [((2, 1), 1.0)], [1.0, 0.1], seen, seed=1)
    two = rates_interval(1.0e-9, [((0, 2), 1.0)], [1.0, 0.1], seen, seed=1)
    assert two.high / 1e-9 == pytest.approx((one.high / 1e-9) ** 2, rel=1e-6)


def test_what_was_not_observed_is_taken_as_known() -> None:
    found = rates_interval(3e-9, [((2, 1), 1.0)], [1.0, 0.1], {}, seed=1)
    assert (found.low, found.high) == (pytest.approx(3e-9), pytest.approx(3e-9))


def test_a_cause_that_never_strikes_cannot_be_varied() -> None:
    with pytest.raises(ValueError, match=r"^cause 0 has the rate 0: expected a positive one"):
        rates_interval(1e-9, [((0,), 1.0)], [0.0], {0: Observed(events=1, years=1.0)}, seed=1)
