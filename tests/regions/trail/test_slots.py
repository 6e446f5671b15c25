"""When files are published and what they are called."""

from hypothesis import given, settings
from hypothesis import strategies as st

from regions.trail.slots import (
    SLOT_NS,
    draw_phase_ns,
    draw_unique,
    file_body,
    next_slot_ns,
    object_key,
)
from sim.rng import stream
from sim.units import seconds

EPOCH_NS = 1_767_225_600 * 10**9


def test_a_key_has_the_true_layout_with_and_without_a_prefix() -> None:
    parts = {
        "account": "111122223333",
        "region": "eu-west-1",
        "slot_ns": EPOCH_NS + seconds(7 * 3600 + 61),
        "unique": "s7dpHbl38neqZbm2",
    }
    name = (
        "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/01/"
        "111122223333_CloudTrail_eu-west-1_20260101T0705Z_s7dpHbl38neqZbm2.json.gz"
    )
    assert object_key(prefix="", **parts) == name
    assert object_key(prefix="audit", **parts) == f"audit/{name}"


def test_a_stamp_is_a_multiple_of_five_minutes_and_moves_the_date_at_midnight() -> None:
    late = EPOCH_NS + seconds(23 * 3600 + 59 * 60)
    key = object_key(prefix="", account="1" * 12, region="r", slot_ns=late, unique="u")
    assert key.endswith("/r/2026/01/02/111111111111_CloudTrail_r_20260102T0000Z_u.json.gz")


@settings(max_examples=100, deadline=None)
@given(now=st.integers(0, 10**18), phase=st.integers(0, SLOT_NS - 1))
def test_the_next_slot_is_the_first_of_the_grid_after_now(now: int, phase: int) -> None:
    slot = next_slot_ns(now, phase)
    assert 0 < slot - now <= SLOT_NS
    assert slot % SLOT_NS == phase


def test_draws_are_in_range_and_differ() -> None:
    rng = stream(1, "slots")
    uniques = [draw_unique(rng) for _ in range(100)]
    assert all(len(u) == 16 and u.isalnum() and u.isascii() for u in uniques)
    assert len(set(uniques)) == 100
    assert all(0 <= draw_phase_ns(rng) < SLOT_NS for _ in range(100))


def test_a_file_is_one_object_with_all_records() -> None:
    assert file_body(['{"a":1}', '{"b":2}']) == b'{"Records":[{"a":1},{"b":2}]}'
