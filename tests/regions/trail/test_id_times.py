"""A table of ids is a dict of ids: whatever comes, and whatever is forgotten."""

import uuid
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.trail.id_times import IdTimes, home
from sim.rng import stream

UUIDS = st.integers(0, (1 << 128) - 1).map(lambda number: str(uuid.UUID(int=number)))
#: Many of the same few places, and forms that are no UUIDs as we write them.
ODD = st.sampled_from(
    [
        str(uuid.UUID(int=0)),
        str(uuid.UUID(int=1)),
        str(uuid.UUID(int=64 << 64)),
        str(uuid.UUID(int=128 << 64)),
        str(uuid.UUID(int=0)).upper().replace("0", "A"),
        "0" * 32,
        "not-a-uuid",
        "",
    ]
)
IDS = st.one_of(UUIDS, ODD)
TIMES = st.integers(0, 1000)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), IDS, TIMES),
            st.tuples(st.just("forget"), st.just(""), TIMES),
        ),
        max_size=200,
    )
)
def test_ids_and_times_are_those_of_a_dict(steps: list[tuple[str, str, int]]) -> None:
    table, plain = IdTimes(), dict[str, int]()
    for what, event_id, time_ns in steps:
        if what == "add":
            table.add(event_id, time_ns)
            plain[event_id] = time_ns
        else:
            table.forget_before(time_ns)
            plain = {one: at for one, at in plain.items() if at >= time_ns}
        assert len(table) == len(plain)
    for event_id in (*plain, str(uuid.UUID(int=7)), "other"):
        assert table.get(event_id) == plain.get(event_id)
        assert (event_id in table) == (event_id in plain)


def test_ten_thousand_ids_are_all_found_again() -> None:
    ids = [str(uuid.uuid5(uuid.NAMESPACE_DNS, str(number))) for number in range(10_000)]
    table = IdTimes()
    for time_ns, event_id in enumerate(ids):
        table.add(event_id, time_ns)
    assert [table.get(event_id) for event_id in ids] == list(range(10_000))
    table.forget_before(9_990)
    assert len(table) == 10
    assert [table.get(event_id) for event_id in ids[-11:]] == [None, *range(9_990, 10_000)]


DICE = stream(1, "ids")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda _: DICE.uuid(), id="drawn"),
        pytest.param(lambda n: f"{n:08x}-1111-4000-8000-000000000000", id="counted in front"),
        pytest.param(lambda n: f"00000000-1111-4000-8000-{n:012x}", id="counted behind"),
    ],
)
def test_ids_do_not_crowd_in_few_places(make: Callable[[int], str]) -> None:
    # Goal: a look-up takes a few steps however many ids there are. Method: so many ids as places,
    # thrown at random, take 63 % of the places; what crowds takes less.
    places = 1 << 14
    ids = [uuid.UUID(make(number)).bytes for number in range(places)]
    assert len({home(packed) & (places - 1) for packed in ids}) > 0.6 * places
