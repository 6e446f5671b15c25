"""What a campaign aims at: pairs of fault and place that were met least."""

from scenarios.portfolio import Entry
from scenarios.steering import AIM_EVERY, Steering

SMALL = {"crash": Entry(1, ("node", "hsm")), "pause": Entry(1, ("az",)), "off": Entry(0, ("az",))}


def test_a_third_of_the_seeds_aims_and_the_rest_is_free() -> None:
    aims = [Steering(SMALL).focus(number) != "" for number in range(9)]
    assert aims == [number % AIM_EVERY == 0 for number in range(9)]


def test_each_aim_comes_up_before_any_comes_twice() -> None:
    steering = Steering(SMALL)
    aims = [steering.focus(0) for _ in range(6)]
    assert aims == ["crash@node", "crash@hsm", "pause@az"] * 2


def test_what_was_met_is_aimed_at_last() -> None:
    steering = Steering(SMALL)
    steering.learn([("crash", "leader", "calm"), ("crash", "follower", "calm")] * 3)
    assert [steering.focus(0) for _ in range(3)] == ["crash@hsm", "pause@az", "crash@hsm"]
    assert steering.table()["crash"] == {"leader": 3, "follower": 3, "hsm": 0}


def test_a_fault_without_weight_is_never_aimed_at() -> None:
    steering = Steering(SMALL)
    assert not any("off" in steering.focus(0) for _ in range(20))
