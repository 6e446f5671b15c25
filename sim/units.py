"""Durations as integer nanoseconds.

What does not belong here: points in time (clock.py), or parsing an operator's ``40m`` (plan.py).
"""

from typing import Final

NS_PER_US: Final = 1_000
NS_PER_MS: Final = 1_000_000
NS_PER_SECOND: Final = 1_000_000_000

#: A name no smaller than this stays exact: integers in, integers out.
_MINUTE: Final = 60 * NS_PER_SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY


def us(count: float) -> int:
    """Return that many microseconds in nanoseconds, rounded to the nearest."""
    return round(count * NS_PER_US)


def ms(count: float) -> int:
    """Return that many milliseconds in nanoseconds, rounded to the nearest."""
    return round(count * NS_PER_MS)


def seconds(count: float) -> int:
    """Return that many seconds in nanoseconds, rounded to the nearest."""
    return round(count * NS_PER_SECOND)


def minutes(count: float) -> int:
    """Return that many minutes in nanoseconds, rounded to the nearest."""
    return round(count * _MINUTE)


def hours(count: float) -> int:
    """Return that many hours in nanoseconds, rounded to the nearest."""
    return round(count * _HOUR)


def days(count: float) -> int:
    """Return that many days of 24 hours in nanoseconds, rounded to the nearest."""
    return round(count * _DAY)


def years(count: float) -> int:
    """Return that many years of 365 days in nanoseconds, rounded to the nearest."""
    return round(count * _YEAR)
