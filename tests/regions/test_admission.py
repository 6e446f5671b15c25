"""Admission control as rules: what is learned of an AZ, and whom each policy lets in."""

import pytest

from regions.admission import PATIENCE, Adaptive, Lane, QueueLimit, policy
from sim.units import ms, seconds


def served(waiting: int, took_ns: int) -> Lane:
    """Return a lane that learned its pace from one call, with so many calls under way."""
    lane = Lane()
    lane.leave(lane.enter(), took_ns)
    for _ in range(waiting):
        lane.enter()
    return lane


def test_an_empty_lane_makes_nobody_wait() -> None:
    assert served(0, seconds(3)).wait_ns == 0


def test_the_wait_grows_with_the_queue_and_is_learned_from_each_call_s_place() -> None:
    lane = Lane()
    places = [lane.enter() for _ in range(4)]
    assert places == [1, 2, 3, 4]
    for place in places:
        lane.leave(place, place * ms(250))  # One after the other, 250 ms each.
    assert lane.slot_ns == ms(250)
    lane.enter()
    assert lane.wait_ns == 2 * ms(250)


def test_a_lane_forgets_an_outage_within_ten_calls() -> None:
    lane = served(0, seconds(3))
    for _ in range(10):
        lane.leave(lane.enter(), ms(4))
    assert ms(4) <= lane.slot_ns < ms(8)


@pytest.mark.parametrize(("waiting", "admitted"), [(0, True), (2, True), (3, False), (9, False)])
def test_a_queue_limit_counts_calls_and_nothing_else(waiting: int, admitted: bool) -> None:
    assert QueueLimit(3).admits(served(waiting, seconds(60)), left_ns=1) is admitted


@pytest.mark.parametrize(
    ("waiting", "left_ns", "admitted"),
    [
        (0, ms(1), True),  # Nothing in the way: that is how a recovery is noticed.
        (0, 0, False),  # Its caller has given up.
        (2, seconds(1), True),  # Three places of 250 ms fit into 0.8 of a second.
        (3, seconds(1), False),
        (3, seconds(2), True),
    ],
)
def test_adaptive_admission_asks_whether_the_answer_comes_in_time(
    waiting: int, left_ns: int, admitted: bool
) -> None:
    assert PATIENCE == 0.8
    assert Adaptive().admits(served(waiting, ms(250)), left_ns) is admitted


def test_each_name_has_its_policy() -> None:
    kinds = [type(policy(name, 3)) for name in ("none", "queue-limit", "adaptive")]
    assert kinds == [type(None), QueueLimit, Adaptive]
