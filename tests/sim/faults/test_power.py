"""Faults of power and processes: they compose, and each gives back only what it took itself."""

from math import exp

import pytest
from toy_world import NAMES, dark, make, planned, talk, toy

from sim import SimWorld, hours, minutes, ms, seconds
from sim.faults import FAULTS

AZ1 = ("r1/az1/a", "r1/az1/b")
R1 = tuple(name for name in NAMES if name.startswith("r1/"))


def lives(world: SimWorld, name: str) -> bytes:
    """Return what an actor finds on its disk of its own lives."""
    return world.disk(name).load("lives")


def at(world: SimWorld, time_ns: int) -> tuple[str, ...]:
    """Let time pass up to then; return who has no power."""
    world.run_for(time_ns - world.now_ns)
    return dark(world)


# What overlaps.


def test_two_power_cuts_of_one_place_end_with_the_second() -> None:
    with make() as world:
        planned(
            world,
            "at 1s power-off r1/az1 for 3s",
            "at 2s power-off r1/az1 for 4s",
            span_ns=seconds(60),
        )
        assert [at(world, seconds(n + 0.5)) for n in range(8)] == [
            (), AZ1, AZ1, AZ1, AZ1, AZ1, (), (),
        ]  # fmt: skip
        assert toy(world, "r1/az1/a").incarnation == 2


def test_a_power_cut_of_one_actor_outlasts_the_cut_of_its_region() -> None:
    with make() as world:
        planned(
            world, "at 1s crash r1/az1/a for 5s", "at 2s region-loss r1 for 2s", span_ns=minutes(1)
        )
        assert at(world, seconds(3)) == R1
        assert at(world, seconds(5)) == ("r1/az1/a",)
        assert at(world, seconds(7)) == ()


@pytest.mark.parametrize("loop", ["crash-loop", "restart", "crash"])
def test_no_loop_lights_an_actor_in_a_dark_place(loop: str) -> None:
    # Goal: whichever begins first, nobody in the AZ runs while it has no power.
    for power, fault in [("1s", "0s"), ("1s", "3s"), ("1s", "1s")]:
        with make() as world:
            planned(
                world,
                f"at {power} power-off r1/az1 for 60s",
                f"at {fault} {loop} r1/az1/a for 30s",
                span_ns=minutes(2),
            )
            seen = {at(world, seconds(n + 1) + ms(1)) for n in range(59)}
            assert seen == {AZ1}
            assert at(world, seconds(62)) == ()


def test_a_crash_loop_that_outlasts_a_power_cut_goes_on() -> None:
    with make() as world:
        planned(
            world,
            "at 1s crash-loop r1/az1/a for 35s",
            "at 2s power-off r1/az1 for 20s",
            span_ns=minutes(1),
        )
        # The loop takes hold at 1, 11, 21 and 31 s, for 2 s each time.
        assert at(world, seconds(22.5)) == ("r1/az1/a",)
        assert at(world, seconds(24)) == ()
        assert at(world, seconds(31.5)) == ("r1/az1/a",)
        assert at(world, seconds(34)) == ()
        assert world.statistics()["actors"]["r1/az1/a"]["crashes"] == 2


def test_what_was_dark_before_a_fault_is_dark_after_it() -> None:
    with make() as world:
        world.crash("r1/az1/a")
        planned(world, "at 1s power-off r1/az1 for 1s", span_ns=seconds(10))
        assert at(world, seconds(3)) == ("r1/az1/a",)


def test_two_pauses_of_one_actor_end_with_the_second() -> None:
    with make() as world:
        planned(
            world, "at 1s pause r1/az1/a for 2s", "at 2s pause r1/az1 for 3s", span_ns=minutes(1)
        )
        paused = []
        for second in range(7):
            at(world, seconds(second + 0.5))
            paused.append(sum(world.kernel.cells[name].paused for name in AZ1))
        assert paused == [0, 1, 2, 2, 2, 0, 0]


def test_a_paused_process_that_dies_comes_back_as_one_that_runs() -> None:
    with make() as world:
        planned(world, "at 1s pause r1/az1/a for 30s", "at 2s restart r1/az1/a", span_ns=minutes(1))
        at(world, seconds(5))
        assert not world.kernel.cells["r1/az1/a"].paused
        assert len(talk(world, "r1/az2/a", "r1/az1/a", 3, ms(1))) == 3
        assert at(world, minutes(1)) == ()


def test_a_pause_leaves_alone_what_has_no_power() -> None:
    with make() as world:
        planned(world, "at 1s power-off r1/az1 for 2s", "at 2s pause r1 for 4s", span_ns=minutes(1))
        at(world, seconds(4))
        assert [world.kernel.cells[name].paused for name in R1] == [True, False, False, True, True]


# One by one.


def test_what_arrives_for_a_paused_actor_is_handled_in_order_afterwards() -> None:
    with make() as world:
        planned(world, "at 0s pause r1/az1/a for 1s", span_ns=seconds(10))
        world.run_for(1)
        assert talk(world, "r1/az2/a", "r1/az1/a", 5, ms(1)) == []
        at(world, seconds(2))
        assert toy(world, "r1/az1/a").heard == [(seconds(1), n) for n in range(5)]


def test_a_crash_loses_what_was_in_memory_and_keeps_what_was_flushed() -> None:
    with make() as world:
        talk(world, "r1/az2/a", "r1/az1/a", 5, ms(1))
        planned(world, "at 0s crash r1/az1/a for 2s", span_ns=seconds(10))
        assert at(world, seconds(1)) == ("r1/az1/a",)
        at(world, seconds(5))
        assert toy(world, "r1/az1/a").heard == []
        assert lives(world, "r1/az1/a") == b"1;2;"


def test_a_restart_is_over_before_its_fault_is() -> None:
    with make() as world:
        planned(world, "at 1s restart r1/@leader for 20s with down=3s", span_ns=seconds(60))
        assert [at(world, seconds(n + 0.5)) for n in (0, 1, 3, 4, 20)] == [
            (), ("r1/az2/a",), ("r1/az2/a",), (), (),
        ]  # fmt: skip
        assert at(world, seconds(60)) == ()
        assert toy(world, "r1/az2/a").incarnation == 2


def test_a_restart_that_takes_longer_than_its_fault_ends_with_it() -> None:
    with make() as world:
        planned(world, "at 1s restart r1/az1/a for 1s with down=1m", span_ns=seconds(60))
        assert at(world, seconds(3)) == ()


def test_a_crash_loop_keeps_its_times_and_follows_the_leader() -> None:
    with make() as world:
        planned(world, "at 0s crash-loop r1/@leader for 60s with down=1s up=4s", span_ns=minutes(2))
        assert at(world, seconds(0.5)) == ("r1/az2/a",)
        assert at(world, seconds(3)) == ()
        world.roles["r1", "leader"] = "r1/az3/a"
        assert at(world, seconds(5.5)) == ("r1/az3/a",)
        assert at(world, seconds(9)) == ()
        at(world, minutes(2))
        crashes = {name: world.statistics()["actors"][name]["crashes"] for name in R1[2:]}
        assert crashes == {"r1/az1/b": 0, "r1/az2/a": 1, "r1/az3/a": 11}


def test_a_region_is_lost_with_all_that_stands_beside_its_zones() -> None:
    with make() as world:
        planned(world, "at 1s region-loss r1 for 1s", span_ns=seconds(10))
        assert at(world, seconds(1.5)) == R1
        assert at(world, seconds(3)) == ()
        assert {lives(world, name) for name in R1} == {b"1;2;"}
    wanted = "a whole region as its target"
    with pytest.raises(ValueError, match=f"^fault region-loss wants {wanted}, not 'r1/az1'$"):
        FAULTS["region-loss"].check("r1/az1")


def test_a_lost_site_comes_back_with_empty_disks() -> None:
    with make() as world:
        planned(world, "at 1s site-loss r1/az1 for 2s", span_ns=seconds(10))
        assert at(world, seconds(2)) == AZ1
        assert [world.disk(name).files() for name in AZ1] == [(), ()]
        assert at(world, seconds(4)) == ()
        assert [lives(world, name) for name in R1] == [b"1;", b"2;", b"2;", b"1;", b"1;"]


def test_a_site_that_is_lost_in_a_dark_region_boots_empty_when_the_power_is_back() -> None:
    with make() as world:
        planned(
            world, "at 1s power-off r1 for 9s", "at 2s site-loss r1/az1 for 2s", span_ns=minutes(1)
        )
        assert at(world, seconds(6)) == R1
        assert at(world, seconds(11)) == ()
        assert [lives(world, name) for name in R1] == [b"1;2;", b"2;", b"2;", b"1;2;", b"1;2;"]


def test_only_the_loss_of_a_site_forgets_what_was_flushed() -> None:
    power = ("crash", "crash-loop", "pause", "power-off", "region-loss", "restart", "site-loss")
    assert {name: (FAULTS[name].stops, FAULTS[name].forgets) for name in power} == {
        name: (True, name == "site-loss") for name in power
    }


# Recovery takes time.


def recovery(seed: int, options: str, names: int = 200) -> list[float]:
    """Return the minutes after which the actors of a large place are back, of a 100-minute cut."""
    with make(seed) as world:
        for number in range(names):
            world.start(type(toy(world, "r1/az1/a")), "", name=f"r9/az1/n{number}")
        planned(world, f"at 0s power-off r9/az1 for 100m with {options}", span_ns=hours(3))
        world.run_for(hours(3))
        starts = [e.time_ns for e in world.trace.events() if e.kind == "start" and e.time_ns]
        return [start / minutes(1) for start in starts]


@pytest.mark.parametrize(
    ("options", "first", "tau"),
    [
        ("dark=20m tau=20m", 20, 20),  # as said
        ("tau=10m", 70, 10),  # three tau before the end
        ("tau=40m", 50, 40),  # not before half of the time
        ("dark=20m staff=60m tau=10m", 60, 10),  # the doors stay shut
    ],
)
def test_after_the_power_is_back_actors_return_along_a_curve(
    options: str, first: float, tau: float
) -> None:
    back = recovery(1, options)
    assert len(back) == 200
    for after in (0.0, tau / 2, tau, 2 * tau):
        if first + after < 100:
            share = sum(time <= first + after for time in back) / 200
            assert abs(share - (1 - exp(-after / tau))) < 0.01
    assert max(back) <= 100


@pytest.mark.parametrize(
    ("options", "at_minutes"),
    [
        ("tau=0s", 100.0),
        ("staff=30m", 30.0),
        ("dark=20m", 20.0),
        ("dark=20m staff=1h", 60.0),
        ("dark=20m staff=3h", 100.0),
        ("dark=3h tau=1m", 100.0),
    ],
)
def test_without_a_time_constant_all_return_at_once(options: str, at_minutes: float) -> None:
    assert recovery(1, options, names=5) == [at_minutes] * 5


def test_who_returns_first_is_drawn() -> None:
    def order(seed: int) -> list[str]:
        with make(seed) as world:
            planned(world, "at 0s power-off r1 for 10m with tau=2m", span_ns=hours(1))
            world.run_for(hours(1))
            starts = [e for e in world.trace.events() if e.kind == "start" and e.time_ns]
            return [e.subject for e in starts]

    orders = [order(seed) for seed in range(6)]
    assert orders[0] == order(0)
    assert len({tuple(names) for names in orders}) > 3
    assert {tuple(sorted(names)) for names in orders} == {tuple(sorted(R1))}


def test_a_recovery_that_is_ended_early_brings_all_back_at_once() -> None:
    with make() as world:
        fault = FAULTS["power-off"]("r1", tau="2m")
        fault.ends_ns = minutes(10)
        fault.inject(world)
        world.run_for(minutes(6))
        assert 0 < len(dark(world)) < len(R1)
        fault.heal(world)
        assert dark(world) == ()
        world.run_for(minutes(10))
        assert {toy(world, name).incarnation for name in R1} == {2}


def test_without_a_planned_end_nobody_returns_early() -> None:
    with make() as world:
        fault = FAULTS["power-off"]("r1", tau="2m", staff="1m")
        fault.inject(world)
        world.run_for(hours(1))
        assert dark(world) == R1
        fault.heal(world)
        assert dark(world) == ()
