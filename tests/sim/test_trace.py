"""The trace: a rolling hash over everything, and the last events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import Event, Trace

EVENTS = st.lists(
    st.tuples(
        st.integers(0, 2**63),
        st.sampled_from(["note", "deliver"]),
        st.sampled_from(["a", "a>b", "b"]),
        st.binary(max_size=4),
    ),
    max_size=4,
)


def filled(events: list[tuple[int, str, str, bytes]], keep: object = "all") -> Trace:
    trace = Trace(keep)
    for event in events:
        trace.add(*event)
    return trace


def test_the_hash_is_as_it_always_was() -> None:
    # Golden: stored runs are compared by it.
    trace = filled([(1, "deliver", "a>b", b"\x91\x02"), (2, "note", "a", b"key=value")])
    assert trace.hash == "46447eea3f6f845335ae260ce5a0b1f8"


@given(EVENTS, EVENTS)
def test_two_histories_share_a_hash_only_if_they_are_equal(
    one: list[tuple[int, str, str, bytes]], other: list[tuple[int, str, str, bytes]]
) -> None:
    assert (filled(one).hash == filled(other).hash) == (one == other)


@pytest.mark.parametrize(("keep", "kept"), [("all", [0, 1, 2, 3]), ("none", []), (2, [2, 3])])
def test_a_trace_keeps_what_it_was_told_and_counts_all(keep: object, kept: list[int]) -> None:
    trace = filled([(n, "note", "a", b"") for n in range(4)], keep)
    assert [event.time_ns for event in trace.events()] == kept
    assert trace.count == 4
    assert trace.hash == filled([(n, "note", "a", b"") for n in range(4)]).hash


def test_observers_see_every_event_as_it_happens_even_if_none_is_kept() -> None:
    trace = Trace("none")
    seen: list[Event] = []
    trace.observers.append(seen.append)
    trace.add(5, "note", "a", b"key=value")
    assert seen == [Event(5, "note", "a", b"key=value")]


def test_an_event_prints_on_one_line() -> None:
    assert (
        str(Event(5, "note", "a", b"key=value")) == "                   5 note     a b'key=value'"
    )


def test_a_watcher_sees_its_own_kind_and_no_other() -> None:
    trace = Trace("none")
    seen: list[Event] = []
    trace.watch("fault", seen.append)
    trace.add(5, "note", "a", b"")
    trace.add(6, "fault", "b", b"heal=pause")
    assert seen == [Event(6, "fault", "b", b"heal=pause")]
