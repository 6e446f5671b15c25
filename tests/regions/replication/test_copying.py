"""Copying what is committed without a leader: one member's core, told what others would send.

Goal: a copy leaves the member in a term that its log allows, never undoes what a leader does, and
asks on until there is no more.
"""

import pytest

from regions.replication.copying import NO_LEADER
from regions.replication.effects import Options, Send
from regions.replication.entries import Entries
from regions.replication.forcing import force, standing
from regions.replication.group import Group
from regions.replication.log import Hard
from regions.replication.messages import (
    Append,
    CommittedCopy,
    CopyCommitted,
    Entry,
    InstallSnapshot,
)
from regions.replication.raft import Raft
from regions.replication.storage import Boot

NAMES = ("a", "b", "c")


def blank() -> Raft:
    """Return a member whose disk was replaced."""
    boot = Boot(hard=Hard(), entries=Entries(), snapshot=None)
    raft = Raft(Options(name="a", members=NAMES), boot, 1)
    raft.start(0)
    raft.out.clear()
    return raft


def snapshot(index: int, term: int) -> InstallSnapshot:
    group = Group(NAMES).encode()
    return InstallSnapshot(term=NO_LEADER, index=index, last_term=term, data=b"s", group=group)


def entry(index: int, term: int) -> Entry:
    return Entry(index=index, term=term, data=b"x")


def asked(raft: Raft) -> list[CopyCommitted]:
    sent, raft.out = raft.out, []
    return [one.message for one in sent if isinstance(one, Send) and one.to == "c"
            and isinstance(one.message, CopyCommitted)]  # fmt: skip


def test_a_copied_snapshot_leaves_a_term_in_which_the_log_can_go_on() -> None:
    raft = blank()
    raft.receive(0, "c", snapshot(5, 7))
    assert (raft.term, raft.delivered, raft.voter) == (7, 5, False)
    assert asked(raft) == [CopyCommitted(after=5)]
    assert standing(raft).term == 7
    assert force(raft, 0, 8) == 6


def test_copied_entries_leave_a_term_in_which_the_log_can_go_on() -> None:
    raft = blank()
    raft.receive(0, "c", CommittedCopy(entries=(entry(1, 3), entry(2, 4)), commit=3))
    assert (raft.term, raft.delivered, raft.voter) == (4, 2, False)
    assert asked(raft) == [CopyCommitted(after=2)]
    raft.receive(0, "c", CommittedCopy(entries=(entry(3, 4),), commit=3))
    assert (raft.delivered, asked(raft)) == (3, [])


def test_copied_entries_replace_what_was_never_committed() -> None:
    raft = blank()
    raft.receive(0, "c", Append(term=1, previous_index=0, previous_term=0, commit=0,
                                entries=(entry(1, 1), entry(2, 1))))  # fmt: skip
    raft.set_leader("")
    raft.receive(0, "b", CommittedCopy(entries=(entry(1, 1), entry(2, 2)), commit=2))
    assert [raft.entries.term_at(index) for index in (1, 2)] == [1, 2]
    assert raft.delivered == 2


def test_whoever_follows_a_leader_copies_from_nobody_else() -> None:
    raft = blank()
    raft.receive(0, "b", Append(term=1, previous_index=0, previous_term=0, commit=0))
    raft.receive(0, "c", CommittedCopy(entries=(entry(1, 3),), commit=1))
    raft.receive(0, "c", snapshot(5, 7))
    assert (raft.delivered, raft.entries.last_index) == (0, 0)


@pytest.mark.parametrize("term", [0, 4])
def test_a_group_is_forced_only_in_a_later_term(term: int) -> None:
    raft = blank()
    raft.receive(0, "c", snapshot(5, 4))
    assert force(raft, 0, term) == f"term {term} is not later than 4, in which a is"
