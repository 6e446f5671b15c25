"""Numbers as a person reads them: spans, latencies, shares and counts, in plain ASCII.

What does not belong here: tables and colours (report.py). Nothing here is parsed again: the JSON
report carries the integers themselves.
"""

from itertools import pairwise
from typing import Final

from sim.units import (
    NS_PER_MS,
    NS_PER_SECOND,
    NS_PER_US,
    days,
    hours,
    minutes,
    seconds,
    years,
)

#: Longest first.
_UNITS: Final = (
    ("y", years(1)),
    ("d", days(1)),
    ("h", hours(1)),
    ("m", minutes(1)),
    ("s", seconds(1)),
)


def span(time_ns: int) -> str:
    """Return a span in at most two neighbouring units, cut and not rounded: ``1h 5m``, ``12.5s``.

    Below one minute it has one decimal; below one second it is a latency. What lies before the
    start is negative.
    """
    if time_ns < 0:
        return f"-{span(-time_ns)}"
    if time_ns == 0:
        return "0s"
    if time_ns < NS_PER_SECOND:
        return latency(time_ns)
    if time_ns < 60 * NS_PER_SECOND:
        whole, tenth = divmod(time_ns * 10 // NS_PER_SECOND, 10)
        return f"{whole}.{tenth}s" if tenth else f"{whole}s"
    for (name, unit), (small_name, small_unit) in pairwise(_UNITS):
        if time_ns >= unit:
            big, rest = divmod(time_ns, unit)
            small = rest // small_unit
            return f"{big}{name} {small}{small_name}" if small else f"{big}{name}"
    raise AssertionError(f"no unit for {time_ns}")


def latency(time_ns: int) -> str:
    """Return a latency in three significant figures: ``850 us``, ``2.41 ms``, ``12.3 s``."""
    if time_ns < NS_PER_US:
        return f"{time_ns} ns"
    for name, unit in (("us", NS_PER_US), ("ms", NS_PER_MS), ("s", NS_PER_SECOND)):
        value = time_ns / unit
        # 999.5 and more would print as 1000 of this unit, which is 1.00 of the next.
        if value < 999.5 or name == "s":
            return f"{_three(value)} {name}"
    raise AssertionError(f"no unit for {time_ns}")


def share(part: int, whole: int) -> str:
    """Return a percentage with three decimals, cut: only all of it is ever ``100 %``."""
    if whole == 0:
        return "-"
    if part == whole:
        return "100 %"
    thousandths = part * 100_000 // whole
    return f"{thousandths // 1000}.{thousandths % 1000:03d} %"


def count(number: int) -> str:
    """Return an integer with thousands separated: ``12,345``."""
    return f"{number:,}"


def _three(value: float) -> str:
    if value < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
