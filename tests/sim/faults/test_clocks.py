"""Faults of clocks: who errs by how much, that errors add up, and that the end takes them away."""

from itertools import pairwise

import pytest
from toy_world import NAMES, make, planned, toy

from sim import SimWorld, hours, minutes, ms, seconds
from sim.faults import FAULTS

AZ1 = ("r1/az1/a", "r1/az1/b")


def errors(world: SimWorld) -> dict[str, int]:
    """Return how many ns each wrong calendar is ahead of the true one."""
    wrong = {name: toy(world, name).calendar_ns - world.calendar_ns for name in NAMES}
    return {name: error for name, error in wrong.items() if error}


def at(world: SimWorld, time_ns: int) -> dict[str, int]:
    """Let time pass up to then; return the errors of the calendars."""
    world.run_for(time_ns - world.now_ns)
    return errors(world)


def both(error_ns: int) -> dict[str, int]:
    return dict.fromkeys(AZ1, error_ns)


@pytest.mark.parametrize(("by", "error_ns"), [("5m", minutes(5)), ("-250ms", -ms(250))])
def test_an_offset_moves_the_calendars_of_a_place_and_moves_them_back(
    by: str, error_ns: int
) -> None:
    with make() as world:
        planned(world, f"at 1m clock-offset r1/az1 for 10m with by={by}", span_ns=hours(1))
        assert at(world, seconds(59)) == {}
        assert at(world, minutes(2)) == both(error_ns)
        assert toy(world, "r1/az1/a").now_ns == minutes(2)
        assert at(world, minutes(12)) == {}


def test_a_drifting_clock_gains_time_and_its_calendar_is_set_right_at_the_end() -> None:
    with make() as world:
        planned(world, "at 0s clock-drift r1/az1 for 100m with ppm=200", span_ns=hours(3))
        assert at(world, seconds(1_000)) == both(ms(200))
        assert at(world, seconds(6_000) - 1) == both(ms(1_200) - 1)
        assert at(world, seconds(6_000)) == {}
        assert at(world, hours(3)) == {}
        # A monotonic clock is never stepped: what it gained stays.
        assert toy(world, "r1/az1/a").now_ns == hours(3) + ms(1_200)


def test_a_slow_clock_is_late_and_its_timers_too() -> None:
    with make(config="chatty") as world:
        planned(world, "at 0s clock-drift r1/az1/a with ppm=-100000", span_ns=hours(1))
        world.run_for(seconds(60))
        chats = [e.time_ns for e in world.trace.events() if (e.kind, e.subject) == ("chat", AZ1[0])]
        # The first timer was set before the clock was slow.
        assert {later - sooner for sooner, later in pairwise(chats)} == {ms(500) * 10 // 9 + 1}


def test_a_step_goes_forth_and_back_until_the_end() -> None:
    with make() as world:
        planned(world, "at 0s clock-step r1/az1 for 5m with by=30s every=1m", span_ns=hours(1))
        seen = [at(world, seconds(60 * n + 30)) for n in range(7)]
        assert seen == [both(seconds(30)), {}, both(seconds(30)), {}, both(seconds(30)), {}, {}]
        assert toy(world, "r1/az1/a").now_ns == minutes(6.5)


def test_each_clock_without_a_time_service_drifts_by_its_own_draw() -> None:
    with make() as world:
        planned(world, "at 0s time-service-lost r1 for 1h", span_ns=hours(2))
        found = at(world, seconds(1_000))
        assert set(found) <= {name for name in NAMES if name.startswith("r1/")}
        assert len(set(found.values())) > 2
        assert max(map(abs, found.values())) <= seconds(1_000) * 50 // 10**6
        assert min(found.values()) < 0 < max(found.values())
        assert at(world, hours(1)) == {}
        assert at(world, hours(2)) == {}


def test_the_drifts_of_a_lost_time_service_stay_within_what_is_said() -> None:
    with make() as world:
        planned(world, "at 0s time-service-lost r1 with ppm=3", span_ns=hours(2))
        world.run_for(1)
        drifts = [world.kernel.cells[name].drift_ppm for name in NAMES]
        assert drifts != [0] * len(NAMES)
        assert max(map(abs, drifts)) <= 3


def test_clock_faults_that_overlap_add_up_and_each_takes_only_its_own_back() -> None:
    with make() as world:
        planned(
            world,
            "at 0s clock-offset r1/az1 for 40m with by=5m",
            "at 0s clock-drift r1/az1 for 50m with ppm=100",
            "at 10m clock-offset r1 for 10m with by=-1m",
            "at 0s time-service-lost r1/az1/b for 30m",
            span_ns=hours(2),
        )
        a = "r1/az1/a"
        assert at(world, minutes(5))[a] == minutes(5) + ms(30)
        assert at(world, minutes(15))[a] == minutes(4) + ms(90)
        assert at(world, minutes(25))[a] == minutes(5) + ms(150)
        assert at(world, minutes(45)) == {a: ms(270), "r1/az1/b": ms(270)}
        assert at(world, minutes(51)) == {}
        assert at(world, hours(2)) == {}


def test_what_was_set_before_a_fault_is_so_after_it() -> None:
    with make() as world:
        world.set_clock("r1/az1/a", offset_ns=ms(700))
        planned(world, "at 0s clock-offset r1/az1 for 1m", span_ns=hours(1))
        world.run_for(1)
        assert errors(world) == {AZ1[0]: minutes(5) + ms(700), AZ1[1]: minutes(5)}
        assert at(world, minutes(2)) == {AZ1[0]: ms(700)}


def test_a_clock_errs_on_while_its_actor_is_down() -> None:
    with make() as world:
        planned(
            world,
            "at 0s clock-drift r1/az1/a for 1h with ppm=100",
            "at 1m power-off r1/az1 for 10m",
            span_ns=hours(2),
        )
        assert at(world, seconds(1_000)) == {"r1/az1/a": ms(100)}


def test_a_role_is_looked_up_as_the_fault_begins_and_kept() -> None:
    with make() as world:
        planned(world, "at 1m clock-step r1/@leader for 10m with every=1m by=1s", span_ns=hours(1))
        assert at(world, minutes(1.5)) == {"r1/az2/a": seconds(1)}
        world.roles["r1", "leader"] = "r1/az3/a"
        assert at(world, minutes(3.5)) == {"r1/az2/a": seconds(1)}
        assert at(world, minutes(20)) == {}


def test_no_clock_fault_stops_anybody() -> None:
    names = ("clock-drift", "clock-offset", "clock-step", "time-service-lost")
    assert {(FAULTS[name].stops, FAULTS[name].forgets) for name in names} == {(False, False)}


@pytest.mark.parametrize(
    ("name", "option", "text", "what"),
    [
        ("clock-step", "every", "0s", "'0s' is too little; expected at least 1ms"),
        ("clock-drift", "ppm", "-1000000", "'-1000000' is too little; expected at least -100000"),
        ("time-service-lost", "ppm", "-5", "'-5' is too little; expected at least 0"),
        (
            "clock-offset",
            "by",
            "5",
            "duration '5': expected a number and us, ms, s, m, h, d or y, as 40m",
        ),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    name: str, option: str, text: str, what: str
) -> None:
    with pytest.raises(ValueError, match=f"^option {option} of {name}: {what}$"):
        FAULTS[name]("r1", **{option: text})
