"""The state of CloudWatch Logs: order, retention, and that its changes make it again."""

from hypothesis import given
from hypothesis import strategies as st

from regions.logs.changes import CHANGES, EventsKept, LogGroup, LogStream, MetricCounted
from regions.logs.pages import PAGE_BYTES_MAX, fitting
from regions.logs.places import event_id, place_of_id, read_walk_token, walk_token
from regions.logs.state import MS_PER_DAY, Event, LogsState
from sim.wire import Codec, Message

BATCHES = st.lists(
    st.tuples(
        st.sampled_from("st"), st.lists(st.integers(0, 5), max_size=3).map(sorted), st.integers(0, 2)
    ),
    max_size=8,
)


def filled(batches: list[tuple[str, list[int], int]]) -> LogsState:
    state = LogsState()
    changes: list[Message] = [LogGroup(account="1", name="g", created_ms=0)]
    changes += [LogStream(account="1", group="g", name=name, created_ms=0) for name in "st"]
    for change in changes:
        state.apply(change)
    for stream, times, ingested in batches:
        if times:
            state.apply(
                EventsKept(
                    account="1", group="g", stream=stream, ingested_ms=ingested,
                    first=state.numbers, times_ms=tuple(times),
                    messages=tuple(f"m{state.numbers + n}" for n in range(len(times))),
                )
            )  # fmt: skip
    state.apply(
        MetricCounted(account="1", namespace="n", metric="m", dimensions="", total=2.5, samples=2)
    )
    return state


def events(state: LogsState) -> dict[str, list[Event]]:
    return {name: stream.events for name, stream in state.groups["1", "g"].streams.items()}


@given(BATCHES)
def test_events_are_in_order_of_time_and_then_of_coming(
    batches: list[tuple[str, list[int], int]],
) -> None:
    for found in events(filled(batches)).values():
        assert found == sorted(found, key=lambda event: event.place)


@given(BATCHES)
def test_a_state_is_made_again_out_of_its_own_changes(
    batches: list[tuple[str, list[int], int]],
) -> None:
    state, copy, codec = filled(batches), LogsState(), Codec(CHANGES)
    for change in state.changes():
        copy.apply(codec.decode(codec.encode(change)))
    assert events(copy) == events(state)
    assert (copy.metrics, copy.numbers) == (state.metrics, state.numbers)


def test_what_is_past_its_retention_is_forgotten() -> None:
    state = filled([("s", [0, 1], 1), ("s", [MS_PER_DAY], MS_PER_DAY)])
    state.apply(LogGroup(account="1", name="g", created_ms=0, retention_days=1))
    group = state.groups["1", "g"]
    group.forget(MS_PER_DAY + 1)
    assert [event.place[0] for event in events(state)["s"]] == [1, MS_PER_DAY]
    assert group.stored_bytes() == 2 * (26 + 2)


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_ids_order_as_places_and_come_back_from_tokens(time_ms: int, number: int) -> None:
    place = (time_ms, number)
    assert place_of_id(event_id(place)) == place
    assert read_walk_token(walk_token("f", place)) == ("f", place)
    assert int(event_id(place)) < int(event_id((time_ms, number + 1)))
    assert int(event_id(place)) < int(event_id((time_ms + 1, 0)))


def test_a_page_has_what_fits_and_at_least_one_event() -> None:
    large = [Event((0, number), "x" * (PAGE_BYTES_MAX // 2), 0) for number in range(3)]
    assert fitting(large, 3) == large[:1]
    assert fitting([Event((0, 1), "x" * 2 * PAGE_BYTES_MAX, 0)], 3) != []
    assert fitting([Event((0, number), "", 0) for number in range(3)], 2) != []
    assert len(fitting([Event((0, number), "", 0) for number in range(3)], 2)) == 2
