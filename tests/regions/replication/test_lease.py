"""Reads by a lease: one round of answers allows the reads of the next tenth of a second.

Goal: a leader with a lease reads without a message, and while it has one nobody else is elected,
whatever votes were promised before and whoever has restarted since.
Method: three members led by hand; a is the leader, b its one follower, c is cut off and stands for
election. Each planted bug lets c win too early, and a read of a then shows too little.
"""

from collections.abc import Callable
from typing import Any

import pytest
from raft_group import Broken, Group

from regions.replication.effects import Options
from regions.replication.leader import Leader
from regions.replication.raft import Raft
from sim.units import ms

OPTIONS = Options(name="", members=())


def founded() -> Group:
    """Return a group that a leads."""
    for seed in range(100):
        group = Group("abc", seed=seed)
        group.quiet_down()
        if group.leaders == {1: "a"}:
            return group
    raise AssertionError("a never wins")


def exchange(group: Group, *pairs: tuple[str, str]) -> None:
    """Deliver everything between some members, and flush them, until nothing moves."""
    moved = True
    while moved:
        moved = False
        for one, other in pairs:
            for source, target in ((one, other), (other, one)):
                if group.wires[source, target]:
                    group.deliver(source, target)
                    moved = True
        for name in {name for pair in pairs for name in pair}:
            if group.members[name].up and group.members[name].flushes.due:
                group.flush(name)
                moved = True


def under_way(group: Group) -> int:
    return sum(len(wire) for wire in group.wires.values())


def test_reads_of_one_lease_need_one_round() -> None:
    group = founded()
    group.read("a")
    assert under_way(group) == 2
    exchange(group, ("a", "b"))
    first_ns, others = group.now_ns, under_way(group)
    group.now_ns = first_ns + OPTIONS.lease_ns - 1
    group.read("a")
    assert (len(group.readable), under_way(group)) == (2, others)
    group.now_ns += 1
    group.read("a")
    assert (len(group.readable), under_way(group)) == (2, others + 2)


def test_a_lease_counts_from_the_begin_of_its_round() -> None:
    group = founded()
    group.read("a")
    group.now_ns += OPTIONS.lease_ns
    exchange(group, ("a", "b"))
    assert len(group.readable) == 1
    group.read("a")
    assert len(group.readable) == 1


def test_clocks_that_are_a_tenth_wrong_either_way_keep_loyalty_longer_than_a_lease() -> None:
    assert OPTIONS.lease_ns / 0.9 < OPTIONS.loyal_ns / 1.1
    assert OPTIONS.loyal_ns <= OPTIONS.election_low_ns


def elect_c_by_an_old_promise() -> None:
    """b has told c that it would vote for it; then it answers a round of a."""
    group = founded()
    group.propose("a", b"before")
    group.settle()
    group.now_ns += OPTIONS.election_low_ns
    group.members["c"].core.wake(group.now_ns)
    group.perform(group.members["c"])
    group.fire("c")
    group.deliver("c", "b")  # c asks whether it would get the vote,
    group.now_ns += ms(1)
    group.read("a")
    exchange(group, ("a", "b"))  # a gets its lease,
    exchange(group, ("b", "c"))  # and c asks for the vote.
    group.now_ns += ms(10)
    finish(group)


def elect_c_after_a_restart_of_b() -> None:
    """b answers a round of a and forgets it."""
    group = founded()
    group.propose("a", b"before")
    group.settle()
    for wire in group.wires.values():
        wire.clear()
    group.now_ns += OPTIONS.election_low_ns
    group.members["c"].core.wake(group.now_ns)
    group.perform(group.members["c"])
    group.now_ns = group.members["c"].timer[0]  # type: ignore[index]
    group.read("a")
    exchange(group, ("a", "b"))
    group.crash("b")
    group.start("b")
    for source in ("a", "c"):  # Both tell b how far they are, so its caution is at rest;
        group.deliver("b", source)
        group.deliver(source, "b")  # what a sends it to follow is late.
    group.fire("c")
    exchange(group, ("b", "c"))
    group.now_ns += ms(10)
    finish(group)


def finish(group: Group) -> None:
    """Let c, if it leads, commit something; then a reads."""
    if group.members["c"].core.role.name == "leader":
        group.propose("c", b"after")
        exchange(group, ("b", "c"))
        assert group.committed[max(group.committed)].data == b"after"
    reads = len(group.readable)
    group.read("a")
    assert len(group.readable) == reads + 1, "a has no lease: the story is another one"


STORIES = [elect_c_by_an_old_promise, elect_c_after_a_restart_of_b]


@pytest.mark.parametrize("story", STORIES)
def test_while_there_is_a_lease_nobody_else_is_elected(story: Callable[[], None]) -> None:
    story()


def loyal_to_nobody(_raft: Raft, _asker: str) -> bool:
    return False


def forgets_its_loyalty(raft: Raft, now_ns: int) -> None:
    begin(raft, now_ns)
    raft.loyal_until_ns = 0


begin = Raft.start


@pytest.mark.parametrize(
    ("story", "name", "bug"),
    [
        (elect_c_by_an_old_promise, "loyal", loyal_to_nobody),
        (elect_c_after_a_restart_of_b, "start", forgets_its_loyalty),
    ],
)
def test_without_loyalty_the_read_shows_too_little(
    monkeypatch: pytest.MonkeyPatch, story: Callable[[], None], name: str, bug: Any
) -> None:
    monkeypatch.setattr(Raft, name, bug)
    with pytest.raises(Broken, match=r"^a reads at \d+, too early$"):
        story()


def test_after_its_lease_another_member_is_elected_and_the_old_leader_reads_nothing() -> None:
    group = founded()
    group.read("a")
    exchange(group, ("a", "b"))
    group.now_ns += OPTIONS.election_low_ns
    for name in "bc":
        group.members[name].core.wake(group.now_ns)
        group.perform(group.members[name])
    group.now_ns += OPTIONS.election_high_ns
    group.fire("c")
    exchange(group, ("b", "c"))
    assert group.members["c"].core.role.name == "leader"
    group.propose("c", b"after")
    exchange(group, ("b", "c"))
    group.read("a")
    assert len(group.readable) == 1
    assert isinstance(group.members["a"].core.role, Leader)
