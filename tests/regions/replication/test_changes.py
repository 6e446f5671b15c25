"""Members come and go: the promises of consensus under random changes, and the traps of changing.

Goal: with members admitted and removed under crashes, splits, lost and late messages, rot and
wiped disks, election safety, leader completeness and state-machine safety hold; once all is healed
those who are left agree, every learner is admitted, and the group sleeps. Each planted bug must be
seen to break a promise. Method: changing_group.ChangingGroup on random schedules; the traps that
chance seldom finds are laid by hand.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from changing_group import ChangingGroup
from raft_group import Broken, Group

from regions.replication import storage
from regions.replication.effects import Options
from regions.replication.entries import Entries
from regions.replication.group import Group as Members
from regions.replication.leader import Leader
from regions.replication.messages import Entry
from regions.replication.raft import Raft
from sim.units import seconds


def run(names: str, spares: str, seed: int, steps: int, *, damage: bool) -> ChangingGroup:
    group = ChangingGroup(names, spares=spares, seed=seed)
    group.quiet_down()
    for _ in range(steps):
        group.random_step(damage=damage)
    group.quiet_down()
    return group


@pytest.mark.parametrize("damage", [False, True], ids=["crashes", "damage"])
def test_members_come_and_go_and_every_promise_holds(damage: bool) -> None:
    groups = [run("abc", "defgh", seed, 2_000, damage=damage) for seed in range(20)]
    groups += [run("abcd", "ef", seed, 2_000, damage=damage) for seed in range(15)]
    assert sum(group.group.version for group in groups) > 120
    assert sum(len(group.group.gone) for group in groups) > 15
    assert sum(len(group.leaders) for group in groups) > 60
    assert sum(len(group.committed) for group in groups) > 900


@pytest.mark.campaign
def test_many_changes_keep_every_promise() -> None:
    for seed in range(1_000, 2_000):
        run("abc", "defgh", seed, 2_500, damage=bool(seed % 2))
        run("abcde", "fgh", seed, 2_500, damage=bool(seed % 2))


# Planted bugs that chance finds.


def counts_the_old_group(raft: Raft) -> None:
    """Counts by the newest group that is committed."""
    in_force(raft)
    old = raft.entries.group_at(raft.commit)
    raft.majority, raft.counted = old.majority, raft.name in old.voters


def counts_learners(leader: Leader) -> None:
    """Lets learners have a vote."""
    meet_peers(leader)
    for peer, progress in leader._peers.items():
        progress.listed = peer in leader.raft.group.members


def forgets_the_group(snapshot: Any) -> bytes:
    """Writes snapshots without the group."""
    return encode_snapshot(replace(snapshot, group=Members()))


in_force, meet_peers = Raft._in_force, Leader._meet_peers
encode_snapshot = storage.encode_snapshot


@pytest.mark.parametrize(
    ("where", "name", "bug", "promise"),
    [
        (Leader, "_may_change", lambda _: True, "completeness|safety|never|converge|committed"),
        (Raft, "_in_force", counts_the_old_group, "completeness|safety|never|converge|committed"),
        (Leader, "_meet_peers", counts_learners, "completeness|safety|never|converge|committed"),
        (storage, "encode_snapshot", forgets_the_group, "safety|never|converge|committed"),
    ],
    ids=["two-at-once", "old-group", "learner-votes", "snapshot-without-group"],
)
def test_a_planted_bug_in_changing_is_caught(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, bug: Callable[..., Any], promise: str
) -> None:
    monkeypatch.setattr(where, name, bug)
    found = "nothing broke in 120 schedules"
    for seed in range(60):
        try:
            run("abc", "de", seed, 1_500, damage=True)
            run("abc", "defgh", seed, 2_000, damage=False)
        except AssertionError as broken:
            found = str(broken)
            break
    assert any(word in found for word in promise.split("|")), found


# Traps laid by hand.


def settle_among(group: Group, names: str, until: Callable[[], bool] = lambda: False) -> None:
    """Deliver and flush among these until nothing is under way; all else waits."""
    moved = True
    while moved:
        moved = False
        for source, target in group.wires:
            within = source in names and target in names
            if within and group.wires[source, target] and not until():
                group.deliver(source, target)
                moved = True
        for name in names:
            if group.members[name].flushes.due and not until():
                group.flush(name)
                moved = True


def lose_what_is_under_way(group: Group) -> None:
    for wire in group.wires.values():
        wire.clear()


def elect(group: Group, name: str, voters: str) -> None:
    """Let much time pass, and have one elected by these; what it sends then is under way."""
    lose_what_is_under_way(group)
    group.now_ns += seconds(5)
    core = group.members[name].core
    while core.role.name != "leader":
        group.fire(name)
        settle_among(group, voters, until=lambda: core.role.name == "leader")


def two_leaders_change_the_group() -> tuple[Group, int | str | None]:
    """Let a leader take in e, which nobody else hears of, and the next one remove that leader.

    Source: Ongaro, "bug in single-server membership changes", raft-dev, 10 July 2015.
    """
    group = Group("abcd", spares="e")
    group.settle()
    elect(group, "a", "abcd")
    settle_among(group, "abcd")
    group.start("e")
    group.change("a", add="e")
    settle_among(group, "abcd")
    settle_among(group, "ae")
    assert group.members["a"].core.group.voters == (*"abcde",)
    elect(group, "b", "bcd")
    found = group.change("b", remove="a")
    settle_among(group, "bc")
    return group, found


def test_a_leader_changes_nothing_before_it_has_committed_an_entry_of_its_own() -> None:
    group, found = two_leaders_change_the_group()
    assert found == "an entry of its own term is not committed yet"
    group.quiet_down()
    assert group.group.voters == (*"abcd", "e")


def test_without_an_own_entry_two_majorities_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgets_the_own_term(leader: Leader) -> bool:
        return leader.raft.entries.groups[-1][0] <= leader.raft.commit

    monkeypatch.setattr(Leader, "_may_change", forgets_the_own_term)
    monkeypatch.setattr(Leader, "_works", lambda *_: True)  # It stands in the way of this trap too.
    group, found = two_leaders_change_the_group()
    assert found == 4
    group.crash("a")
    group.start("a")
    with pytest.raises(Broken, match=r"^leader completeness: a lacks entry 3$"):
        elect(group, "a", "ade")


def a_joined_member_loses_its_disk() -> Group:
    """Commit an entry with a and d alone, where d came later, and wipe d."""
    group = Group("abc", spares="d")
    group.settle()
    elect(group, "a", "abc")
    group.settle()
    group.start("d")
    group.change("a", add="d")
    group.settle()
    group.change("a", remove="c")
    group.settle()
    group.propose("a", b"precious")
    settle_among(group, "ad")
    assert group.committed[max(group.committed)].data == b"precious"
    group.crash("d")
    group.members["d"].disk.wipe()
    group.start("d")
    return group


def test_a_joined_member_that_lost_its_disk_has_no_vote_until_it_has_caught_up() -> None:
    group = a_joined_member_loses_its_disk()
    lose_what_is_under_way(group)
    group.now_ns += seconds(5)
    for _ in range(10):
        group.fire("b")
        settle_among(group, "bd")
    assert group.members["b"].core.role.name == "candidate"
    group.quiet_down()
    assert group.members["d"].core.voter


def test_a_joined_member_that_takes_its_wiped_disk_for_a_new_one_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def believes(self: Options, **fields: Any) -> None:
        construct(self, **{**fields, "new": not fields["members"]})

    construct = Options.__init__
    monkeypatch.setattr(Options, "__init__", believes)
    group = a_joined_member_loses_its_disk()
    with pytest.raises(Broken, match=r"^leader completeness: b lacks entry 5$"):
        elect(group, "b", "bd")


def test_a_group_is_in_force_from_its_entry_on_and_until_that_is_cut_off() -> None:
    first, second = Members((*"abc",)), Members((*"abc",), learners=("d",), version=1)
    entries = Entries()
    entries.know_group(0, first)
    entries.append(Entry(index=1, term=1, data=b"x"))
    entries.append(Entry(index=2, term=1, data=second.encode(), config=True))
    entries.append(Entry(index=3, term=2, data=b"y"))
    assert [entries.group_at(index) for index in (0, 1, 2, 3)] == [first, first, second, second]
    entries.truncate(2)
    assert entries.group == second
    entries.truncate(1)
    assert entries.group == first


def test_a_group_comes_back_with_its_rotted_entry() -> None:
    group = Members((*"abc",), version=3)
    entries = Entries()
    entries.add_hole(1, 1)
    assert entries.group == Members()
    entries.fill(Entry(index=1, term=1, data=group.encode(), config=True))
    assert entries.group == group
    entries.append(Entry(index=2, term=1, data=b"x"))
    entries.compact(2)
    assert entries.group_at(2) == group
    entries.reset(9, 4)
    entries.know_group(9, Members((*"ab",), gone=("c",), version=4))
    assert entries.groups == [(9, Members((*"ab",), gone=("c",), version=4))]


def test_what_cannot_be_changed_is_refused_with_the_reason() -> None:
    group = Group("abc", spares="d")
    group.settle()
    elect(group, "a", "abc")
    group.settle()
    assert group.change("b", remove="a") is None
    assert group.change("a", remove="z") == "z is no member"
    assert group.change("a", remove="c") == 2
    assert group.change("a", remove="b") == "another change is not committed yet"
    assert group.change("a", remove="c") == 2
    group.settle()
    again = "c was a member once, and a name is not used again"
    assert group.change("a", add="c") == again
    group.quiet_down()
    group.now_ns += seconds(60)
    nobody = "too few of those who would stay have answered lately"
    assert group.change("a", remove="a") == nobody
    group.settle()
    assert group.change("a", remove="a") == 3
    group.settle()
    group.fire("b")
    group.settle()
    assert group.change("b", remove="b") == "b is the only voter"
