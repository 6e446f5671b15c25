"""Virtual time: the heap of due events is the clock, in whole nanoseconds."""

import pytest

from sim import SimWorld, Timer, TooManyEvents, ms, seconds
from sim.clock import EVENTS_PER_INSTANT_MAX, FOREVER_NS


def test_events_happen_in_order_of_time_and_ties_in_order_of_scheduling() -> None:
    with SimWorld() as world:
        seen: list[tuple[int, str]] = []

        def note(name: str) -> None:
            seen.append((world.now_ns, name))

        for time_ns, name in [
            (30, "late"),
            (10, "first"),
            (20, "tie 1"),
            (20, "tie 2"),
            (0, "now"),
        ]:
            world.at(time_ns, note, name)
        world.run_for(30)
        assert seen == [(0, "now"), (10, "first"), (20, "tie 1"), (20, "tie 2"), (30, "late")]


def test_a_run_ends_at_its_horizon_and_leaves_later_events_for_the_next() -> None:
    with SimWorld() as world:
        seen: list[int] = []
        world.at(5, seen.append, 5)
        world.at(6, seen.append, 6)
        world.run_for(5)
        assert (world.now_ns, seen) == (5, [5])
        world.run_for(1)
        assert (world.now_ns, seen) == (6, [5, 6])


def test_an_event_scheduled_in_the_past_happens_now_and_never_moves_time_back() -> None:
    with SimWorld() as world:
        world.run_for(100)
        seen: list[int] = []
        world.at(50, lambda: seen.append(world.now_ns))
        world.run_for(0)
        assert (world.now_ns, seen) == (100, [100])


def test_a_cancelled_timer_never_moves_time() -> None:
    # Goal: a world that runs until nothing is left stands at its last real event.
    with SimWorld() as world:
        world.at(seconds(1), lambda: None)
        timer = world.at(seconds(9), lambda: None)
        timer.cancel()
        timer.cancel()
        assert world.run_until_idle()
        assert (world.now_ns, timer.pending) == (seconds(1), False)


def test_a_timer_that_fired_is_no_longer_pending_and_may_be_cancelled() -> None:
    with SimWorld() as world:
        seen: list[bool] = []
        timers: list[Timer] = []
        timers.append(world.at(10, lambda: seen.append(timers[0].pending)))
        assert timers[0].pending
        world.run_for(10)
        timers[0].cancel()
        assert seen == [False]


def test_running_until_idle_stops_at_its_limit_and_says_whether_anything_is_left() -> None:
    with SimWorld() as world:
        world.at(10, lambda: None)
        world.at(30, lambda: None)
        assert not world.run_until_idle(limit_ns=20)
        assert world.now_ns == 10
        assert world.run_until_idle(limit_ns=30)
        assert world.now_ns == 30


def test_more_than_the_allowed_events_at_one_instant_is_an_error_that_names_them() -> None:
    with SimWorld() as world:

        def spin() -> None:
            world.at(world.now_ns, spin)

        world.at(7, spin)
        name = f"{test_more_than_the_allowed_events_at_one_instant_is_an_error_that_names_them.__name__}.<locals>.spin"
        with pytest.raises(
            TooManyEvents, match=rf"^more than 100000 events at 7 ns; among them: {name}$"
        ):
            world.run_for(10)
        assert EVENTS_PER_INSTANT_MAX == 100_000


def test_very_many_events_at_different_instants_are_no_crowd() -> None:
    with SimWorld() as world:
        left = [EVENTS_PER_INSTANT_MAX + 10]

        def tick() -> None:
            left[0] -= 1
            if left[0]:
                world.at(world.now_ns + 1, tick)

        world.at(0, tick)
        world.run_for(ms(1))
        assert left == [0]


def test_centuries_stay_exact_to_the_nanosecond() -> None:
    # Goal: no float anywhere between an event and its instant.
    with SimWorld() as world:
        far = 250 * 365 * 86_400 * 10**9 - 1 + 123
        seen: list[int] = []
        world.at(far, lambda: seen.append(world.now_ns))
        world.run_for(far)
        assert seen == [far]
        assert far < FOREVER_NS


def test_the_world_cannot_be_stepped_by_its_own_events() -> None:
    with SimWorld() as world:
        world.at(1, world.run_for, 1)
        with pytest.raises(
            RuntimeError, match=r"^the world is running: an event or an actor cannot step it\n"
        ):
            world.run_for(5)


def test_an_error_of_an_event_names_the_event_and_its_time_and_no_bytes() -> None:
    with SimWorld() as world:

        def explode(secret: bytes) -> None:
            raise ValueError(len(secret))

        world.at(7, explode, b"secret")
        with pytest.raises(ValueError, match=r"^6\n") as caught:
            world.run_for(10)
        name = (
            "test_an_error_of_an_event_names_the_event_and_its_time_and_no_bytes.<locals>.explode"
        )
        assert caught.value.__notes__ == [f"in the event {name} at 7 ns"]
