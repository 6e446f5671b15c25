"""Durations are whole nanoseconds."""

from sim import days, hours, minutes, ms, seconds, us, years


def test_units_are_exact_integers_and_fractions_round_to_the_nearest() -> None:
    assert (us(1), ms(1), seconds(1)) == (1_000, 1_000_000, 1_000_000_000)
    assert (minutes(1), hours(1), days(1), years(1)) == (
        60 * seconds(1),
        60 * minutes(1),
        24 * hours(1),
        365 * days(1),
    )
    assert (us(0.0016), ms(0.1), seconds(1.5), years(10)) == (2, us(100), ms(1_500), days(3_650))
    assert all(
        isinstance(unit(1.5), int) for unit in (us, ms, seconds, minutes, hours, days, years)
    )
