"""Fault plans: an operator's words in, the same words out, and every fault healed."""

import re
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import Actor, Codec, Expired, Message, Request, SimWorld, minutes, ms, seconds, us
from sim.faults import FAULTS, Fault
from sim.options import Option
from sim.plan import FaultLine, Plan, PlanError, When, parse_duration, print_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    pass


CODEC = Codec({401: Ping})
NAMES = ("r1/az1/a", "r1/az1/b", "r1/az2/a", "r2/az1/a")


class Echo(Actor):
    inline = frozenset({Ping})

    def receive(self, request: Request) -> None:
        request.reply(Ping())


def make() -> SimWorld:
    world = SimWorld(codec=CODEC, keep="all")
    for name in NAMES:
        world.start(Echo, None, name=name)
    return world


def answers(world: SimWorld, name: str) -> bool:
    try:
        world.ask(name, Ping(), timeout_ns=ms(1))
    except Expired:
        return False
    return True


@given(st.integers(0, 10**18))
def test_a_duration_prints_so_that_it_reads_back(duration_ns: int) -> None:
    rounded = duration_ns // 1_000 * 1_000 if duration_ns > 10**15 else duration_ns
    assert abs(parse_duration(print_duration(rounded)) - rounded) <= rounded // 2**50


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("250ms", ms(250)),
        ("90s", seconds(90)),
        ("40m", minutes(40)),
        ("3h", minutes(180)),
        ("30d", minutes(30 * 1_440)),
        ("1y", minutes(365 * 1_440)),
        ("1.5h", minutes(90)),
        ("0.00001ms", 10),
    ],
)
def test_durations_are_read_in_all_units(text: str, duration_ns: int) -> None:
    assert parse_duration(text) == duration_ns
    assert parse_duration(print_duration(duration_ns)) == duration_ns


@pytest.mark.parametrize("text", ["", "40", "m", "-1s", "1e3s", "4 m", "1w"])
def test_what_is_no_duration_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse_duration(text)
    expected = f"duration {text!r}: expected a number and us, ms, s, m, h, d or y, as 40m"
    assert str(caught.value) == expected


LINES = st.builds(
    FaultLine,
    st.sampled_from(sorted(set(FAULTS) - {"region-loss"})),  # it wants a whole region
    st.sampled_from(["r1", "r1/az1", "r1/@leader"]),
    st.builds(When, ns=st.integers(0, 10**12)) | st.builds(When, percent=st.floats(0, 100)),
    st.none()
    | st.builds(When, ns=st.integers(0, 10**12))
    | st.builds(When, percent=st.floats(0, 100)),
)


@given(LINES)
def test_a_line_prints_so_that_it_reads_back(line: FaultLine) -> None:
    assert FaultLine.parse(str(line)) == line


def test_a_plan_prints_its_lines_in_order() -> None:
    text = "at 5m power-off r1/az1 for 40m\nat 25% partition r1<->r2\nat 0s pause r2 for 10%"
    assert str(Plan.parse(text.splitlines())) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("power-off", "expected [at TIME] FAULT TARGET [for DURATION] [with NAME=VALUE ...]"),
        ("at 5m", "expected [at TIME] FAULT TARGET [for DURATION] [with NAME=VALUE ...]"),
        (
            "explode r1",
            f"no fault 'explode'; there are: {', '.join(sorted(FAULTS))}",
        ),
        ("pause r1<->r2", "fault pause wants one place as its target, not 'r1<->r2'"),
        ("partition r1<->", "fault partition wants A, A<->B or A->B as its target, not 'r1<->'"),
    ],
)
def test_a_line_that_cannot_be_understood_is_named_with_what_was_expected(
    text: str, message: str
) -> None:
    with pytest.raises(PlanError) as caught:
        FaultLine.parse(text)
    assert str(caught.value) == f"fault line {text!r}: {message}"


def test_a_time_beyond_the_run_is_refused() -> None:
    with pytest.raises(PlanError, match=r"^time '101%': expected at most 100% of the run$"):
        FaultLine.parse("at 101% pause r1")


def test_a_place_where_nothing_is_is_named_before_the_run() -> None:
    with make() as world:
        plan = Plan.parse(["at 1s pause r9/az1"])
        text = r"^fault line 'at 1s pause r9/az1': nothing is at 'r9/az1'; known: r1/az1, r1/az2, r2/az1$"
        with pytest.raises(PlanError, match=text):
            plan.schedule(world, 0, seconds(10))


@pytest.mark.parametrize(
    ("line", "touched"),
    [
        ("power-off r1/az1", {"r1/az1/a", "r1/az1/b"}),
        ("crash r1/az1/b", {"r1/az1/b"}),
        ("crash-loop r1/az2", {"r1/az2/a"}),
        ("pause r1", {"r1/az1/a", "r1/az1/b", "r1/az2/a"}),
        ("partition r1", {"r1/az1/a", "r1/az1/b", "r1/az2/a"}),
        ("partition r1/az1/a", {"r1/az1/a"}),
    ],
)
def test_a_fault_takes_its_place_and_gives_it_back(line: str, touched: set[str]) -> None:
    with make() as world:
        plan = Plan.parse([f"at 1s {line} for 1s"])
        (scheduled,) = plan.schedule(world, 0, seconds(30))
        states = [scheduled.state]
        before = {name for name in NAMES if not answers(world, name)}
        world.run_for(seconds(1.5) - world.now_ns)
        states.append(scheduled.state)
        during = {name for name in NAMES if not answers(world, name)}
        world.run_for(seconds(3))
        states.append(scheduled.state)
        after = {name for name in NAMES if not answers(world, name)}
        assert (before, during, after) == (set(), touched, set())
        assert states == ["planned", "active", "healed"]


def test_a_crash_loop_goes_round_until_it_is_healed() -> None:
    with make() as world:
        Plan.parse(["at 1s crash-loop r1/az2 for 25s"]).schedule(world, 0, seconds(60))
        world.run_for(seconds(60))
        counts = world.statistics()["actors"]["r1/az2/a"]
        # Down for 2 s and up for 8: crashes at 1, 11 and 21 s.
        assert (counts["crashes"], counts["incarnation"]) == (3, 4)


def test_a_fault_that_begins_as_another_ends_at_the_same_place_takes_hold() -> None:
    with make() as world:
        plan = Plan.parse(["at 1s power-off r1/az1 for 1s", "at 2s power-off r1/az1 for 1s"])
        plan.schedule(world, 0, seconds(10))
        world.run_for(seconds(2.5))
        assert not world.is_up("r1/az1/a")
        world.run_for(seconds(1))
        assert world.is_up("r1/az1/a")


def test_a_role_is_looked_up_when_the_fault_begins() -> None:
    with make() as world:
        Plan.parse(["at 1s crash r1/@leader for 1s"]).schedule(world, 0, seconds(10))
        world.roles["r1", "leader"] = "r1/az1/a"
        world.run_for(seconds(0.5))
        world.roles["r1", "leader"] = "r1/az2/a"
        world.run_for(seconds(1))
        assert [world.is_up(name) for name in NAMES] == [True, True, False, True]
        with pytest.raises(ValueError, match=r"^nobody is 'leader' at 'r2' now$"):
            world.resolve("r2/@leader")


def test_a_one_way_cut_loses_one_direction() -> None:
    with make() as world:
        Plan.parse(["at 0s partition r1->r2 for 1s"]).schedule(world, 0, seconds(10))
        world.run_for(ms(1))
        kernel = world.kernel
        for source, target in (("r1/az1/a", "r2/az1/a"), ("r2/az1/a", "r1/az1/a")):
            kernel.post(kernel.cells[source], target, Ping(), None)
        world.run_for(ms(1))
        counts = world.statistics()["actors"]
        assert (counts["r2/az1/a"]["delivered"], counts["r1/az1/a"]["delivered"]) == (0, 1)


def test_all_faults_heal_by_the_end_of_the_span_even_without_a_duration() -> None:
    with make() as world:
        Plan.parse(["at 50% power-off r1", "at 90% pause r2 for 40m"]).schedule(
            world, 0, seconds(10)
        )
        world.run_for(seconds(9.5))
        assert not world.is_up("r1/az1/a")
        world.run_for(seconds(0.5) + us(1))
        assert all(answers(world, name) for name in NAMES)


class Toy(Fault):
    """A fault with one option of each kind."""

    name = "toy"
    options: ClassVar = {
        "share": Option("1%", "share", "of messages"),
        "by": Option("5m", "duration", "how far"),
        "factor": Option("10", "number", "how much"),
        "kind": Option("slow", "word", "which", words=("slow", "deny")),
    }


TOYS = {"toy": Toy}


def test_options_are_read_after_with_and_printed_again() -> None:
    text = "at 5m toy a/b for 40m with share=2.5% by=-3s"
    line = FaultLine.parse(text, TOYS)
    assert line.options == (("share", "2.5%"), ("by", "-3s"))
    assert str(line) == text
    toy = Toy("a/b", **dict(line.options))
    assert (toy.share("share"), toy.duration_ns("by")) == (0.025, -3 * 10**9)
    assert (toy.number("factor"), toy.word("kind")) == (10.0, "slow")


@pytest.mark.parametrize(
    ("tail", "what"),
    [
        ("with", "expected NAME=VALUE after 'with'"),
        ("with share", "expected NAME=VALUE after 'with'"),
        ("with share=1% share=2%", "option 'share' is given twice"),
        ("with size=3", "fault toy has no option 'size'; there are: share, by, factor, kind"),
        ("with share=3", "option share of toy: '3' is no share; expected 0% to 100%"),
        ("with factor=x", "option factor of toy: 'x' is no number; expected one such as 20 or 0.5"),
        ("with kind=fast", "option kind of toy: 'fast' is not one of slow, deny"),
    ],
)
def test_a_bad_option_is_named_with_what_was_expected(tail: str, what: str) -> None:
    with pytest.raises(PlanError, match=re.escape(f"fault line 'toy a {tail}': {what}") + "$"):
        FaultLine.parse(f"toy a {tail}", TOYS)
