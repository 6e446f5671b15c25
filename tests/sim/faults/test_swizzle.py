"""Swizzle-clogging: who falls silent when, at each level of the tree, and that nothing is lost."""

import pytest
from toy_world import LINK_NS, NAMES, make, planned, talk, toy

from sim import SimWorld, minutes, ms, seconds
from sim.faults import FAULTS
from sim.faults.swizzle_clog import Stretch, Swizzle


def time_table(world: SimWorld) -> tuple[Stretch, ...]:
    (rule,) = world.network.rules
    assert isinstance(rule, Swizzle)
    return rule.stretches


def drawn(target: str, seed: int = 1, options: str = "") -> list[tuple[str, int, int]]:
    """Return (member, clogged at, unclogged at) in seconds, of a fault from 0 to 80 s."""
    with make(seed) as world:
        planned(world, f"at 0s swizzle-clog {target} for 80s {options}", span_ns=minutes(2))
        world.run_for(1)
        return [
            (s.member, round(s.begin_ns / seconds(1)), round(s.end_ns / seconds(1)))
            for s in time_table(world)
        ]


@pytest.mark.parametrize(
    ("target", "members"),
    [
        ("r1/az1/a", {"r1/az1/a"}),
        ("r1/@leader", {"r1/az2/a"}),
        ("r1/az1", {"r1/az1/a", "r1/az1/b"}),
        ("r1", {"r1/front", "r1/az1", "r1/az2", "r1/az3"}),
        ("r1,r2", {"r1", "r2"}),
        ("r1/az1,r1/az3,r2/az1/a", {"r1/az1", "r1/az3", "r2/az1/a"}),
    ],
)
def test_the_members_of_a_target_are_its_parts_at_the_next_level_of_the_tree(
    target: str, members: set[str]
) -> None:
    table = drawn(target)
    assert {member for member, _, _ in table} == members
    # One after the other in the first half, and again in the second.
    count = len(members)
    assert [begin for _, begin, _ in table] == [round(40 * n / count) for n in range(count)]
    ends = [round(40 + 40 * (n + 1) / count) for n in range(count)]
    assert sorted(end for _, _, end in table) == ends


def test_both_orders_are_drawn_and_not_the_same() -> None:
    tables = [drawn("r1", seed) for seed in range(12)]
    assert tables[0] == drawn("r1", 0)
    clogged = {tuple(member for member, _, _ in table) for table in tables}
    unclogged = {tuple(m for _, m in sorted((end, m) for m, _, end in table)) for table in tables}
    assert len(clogged) > 5
    assert len(unclogged) > 5
    assert clogged != unclogged


def test_a_share_of_the_members_takes_part_and_at_least_one() -> None:
    assert len(drawn("r1", options="with share=50%")) == 2
    assert len(drawn("r1", options="with share=1%")) == 1


def test_what_is_sent_over_a_clogged_border_arrives_when_it_is_open_again() -> None:
    with make() as world:
        planned(world, "at 0s swizzle-clog r1/az1/a for 10s", span_ns=minutes(1))
        world.run_for(seconds(1))
        told = talk(world, "r1/az1/a", "r1/az1/b", 3, seconds(1))
        assert told == []
        assert len(talk(world, "r1/az1/b", "r1/az2/a", 3, ms(1))) == 3
        world.run_for(seconds(10))
        heard = toy(world, "r1/az1/b").heard
        assert [number for _, number in heard] == [0, 1, 2]
        assert {round(time_ns / seconds(1)) for time_ns, _ in heard} == {10}


def test_a_message_between_two_clogged_members_waits_for_the_later_one_only() -> None:
    with make() as world:
        planned(world, "at 0s swizzle-clog r1,r2 for 80s", span_ns=minutes(2))
        world.run_for(seconds(30))
        last_ns = max(stretch.end_ns for stretch in time_table(world))
        kernel = world.kernel
        told = talk(world, "r1/front", "r2/front", 1, seconds(60))
        assert told == [(last_ns - seconds(30) + LINK_NS, 0)]
        assert kernel.lost == 0


def test_within_a_member_everything_flows() -> None:
    with make() as world:
        planned(world, "at 0s swizzle-clog r1,r2 for 80s", span_ns=minutes(2))
        world.run_for(seconds(30))
        assert talk(world, "r1/az1/a", "r1/az2/a", 1, ms(1)) == [(LINK_NS, 0)]


def test_all_is_open_at_the_end_and_nothing_is_left_behind() -> None:
    with make() as world:
        planned(world, "at 0s swizzle-clog r1 for 80s", span_ns=minutes(2))
        world.run_for(seconds(80))
        assert world.network.rules == ()
        ways = [(source, target) for source in NAMES for target in NAMES if source != target]
        assert {len(talk(world, *way, 1, ms(1))) for way in ways} == {1}


def test_without_a_planned_end_it_takes_its_own_time() -> None:
    with make() as world:
        fault = FAULTS["swizzle-clog"]("r1")
        fault.inject(world)
        table = time_table(world)
        assert max(stretch.end_ns for stretch in table) == seconds(2) * len(table)
        fault.heal(world)
        fault.heal(world)
        assert world.network.rules == ()


@pytest.mark.parametrize("target", ["r1<->r2", "r1,", "r1,r1", ""])
def test_a_target_that_is_no_list_of_places_is_refused(target: str) -> None:
    wanted = "fault swizzle-clog wants a place, or different places as A,B,C as its target"
    with pytest.raises(ValueError, match=f"^{wanted}, not {target!r}$"):
        FAULTS["swizzle-clog"].check(target)
