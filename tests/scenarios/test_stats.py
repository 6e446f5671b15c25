"""Exact percentiles and the call book."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.result import Availability, Delivery, Latency
from scenarios.stats import CallBook, Recorder, delivery

values = st.integers(min_value=-(2**63), max_value=2**63 - 1)


@given(st.lists(values, min_size=1, max_size=60), st.integers(min_value=1, max_value=1000))
def test_a_percentile_is_the_smallest_sample_that_covers_its_share(
    samples: list[int], per_mille: int
) -> None:
    recorder = Recorder()
    for value in samples:
        recorder.add(value)

    def covers(candidate: int) -> bool:
        return 1000 * sum(value <= candidate for value in samples) >= per_mille * len(samples)

    assert recorder.percentile(per_mille) == min(filter(covers, samples))
    assert (recorder.max, len(recorder)) == (max(samples), len(samples))


def test_samples_added_after_a_question_count_in_the_next() -> None:
    recorder = Recorder()
    recorder.add(5)
    assert recorder.max == 5
    recorder.add(9)
    recorder.add(1)
    assert [recorder.percentile(p) for p in (1, 334, 667, 1000)] == [1, 5, 9, 9]


def test_a_percentile_needs_samples_and_a_share_in_range() -> None:
    recorder = Recorder()
    with pytest.raises(ValueError, match=r"^percentile of no samples$"):
        recorder.percentile(500)
    with pytest.raises(ValueError, match=r"^percentile of 0 per mille is not in 1–1000$"):
        recorder.percentile(0)


def test_the_call_book_sorts_calls_by_region_phase_and_outcome() -> None:
    book = CallBook()
    for latency_ns in (30, 10, 20):
        book.record(
            region="us-east-1", phase="before", outcome="ok", latency_ns=latency_ns, served=True
        )
    for outcome, served in (("timeout", False), ("timeout", False), ("DisabledException", True)):
        book.record(
            region="us-east-1", phase="during", outcome=outcome, latency_ns=99, served=served
        )
    book.record(region="eu-west-1", phase="after", outcome="ok", latency_ns=7, served=True)
    assert list(book.calls().items()) == [
        ("eu-west-1", {"ok": 1}),
        ("us-east-1", {"ok": 3, "timeout": 2, "DisabledException": 1}),
    ]
    assert list(book.calls()["us-east-1"]) == ["ok", "timeout", "DisabledException"]
    assert book.latency() == (
        Latency(
            region="eu-west-1",
            phase="after",
            count=1,
            p50_ns=7,
            p90_ns=7,
            p99_ns=7,
            p999_ns=7,
            max_ns=7,
        ),
        Latency(
            region="us-east-1",
            phase="before",
            count=3,
            p50_ns=20,
            p90_ns=30,
            p99_ns=30,
            p999_ns=30,
            max_ns=30,
        ),
    )
    assert book.availability() == (
        Availability(region="eu-west-1", phase="after", calls=1, served=1),
        Availability(region="us-east-1", phase="before", calls=3, served=3),
        Availability(region="us-east-1", phase="during", calls=3, served=1),
    )


def test_a_trail_without_deliveries_has_a_row_of_zeros() -> None:
    silent = Delivery(trail="t", count=0, median_ns=0, p95_ns=0, p99_ns=0, max_ns=0)
    assert delivery("t", Recorder()) == silent
    delays = Recorder()
    for delay_ns in range(1, 201):
        delays.add(delay_ns)
    assert delivery("t", delays) == Delivery(
        trail="t", count=200, median_ns=100, p95_ns=190, p99_ns=198, max_ns=200
    )
