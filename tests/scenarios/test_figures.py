"""Numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import figures

SECOND = 10**9


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "0s"),
        (-299 * SECOND, "-4m 59s"),
        (250_000_000, "250 ms"),
        (SECOND, "1s"),
        (59_990_000_000, "59.9s"),
        (60 * SECOND, "1m"),
        (171 * SECOND, "2m 51s"),
        (3900 * SECOND, "1h 5m"),
        (86_400 * SECOND + 59 * SECOND, "1d"),
        (3650 * 86_400 * SECOND, "10y"),
        (400 * 86_400 * SECOND, "1y 35d"),
    ],
)
def test_a_span_has_two_neighbouring_units_at_most(time_ns: int, text: str) -> None:
    assert figures.span(time_ns) == text


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (1_000, "1.00 us"),
        (999_499, "999 us"),
        (999_500, "1.00 ms"),
        (9_994_000, "9.99 ms"),
        (9_996_000, "10.0 ms"),
        (99_960_000, "100 ms"),
        (61 * SECOND, "61.0 s"),
    ],
)
def test_a_latency_has_three_significant_figures(time_ns: int, text: str) -> None:
    assert figures.latency(time_ns) == text


@given(st.integers(min_value=1, max_value=10**12), st.data())
def test_only_all_of_it_is_ever_100_percent(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(min_value=0, max_value=whole))
    assert (figures.share(part, whole) == "100 %") == (part == whole)


def test_a_share_of_nothing_is_a_dash() -> None:
    assert figures.share(0, 0) == "-"
    assert figures.share(99_999_999, 100_000_000) == "99.999 %"
    assert figures.share(1, 20) == "5.000 %"
