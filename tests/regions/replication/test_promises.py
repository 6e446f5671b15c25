"""Random schedules of crashes, power cuts, partitions, lost and late messages, rot and wiped disks.

Goal: election safety, log matching, leader completeness and state-machine safety hold after every
event, reads are linearizable, and once all is healed every member holds the same log and sleeps.
Method: raft_group.Group picks each next event from a seed. Each planted bug must be seen to break
a promise; a checker that never fired proves nothing.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from raft_group import Broken, Group

from regions.replication import storage
from regions.replication.effects import Readable
from regions.replication.follower import Follower
from regions.replication.leader import Leader
from regions.replication.log import Hard, Scan
from regions.replication.messages import Append, AskVote
from regions.replication.raft import Raft
from regions.replication.storage import Storage


def run(names: str, seed: int, steps: int, **parts: Any) -> Group:
    group = Group(names, seed=seed, **parts)
    for _ in range(steps):
        group.random_step()
    group.quiet_down()
    return group


@pytest.mark.parametrize("start", range(0, 120, 30))
def test_three_members_keep_every_promise(start: int) -> None:
    groups = [run("abc", seed, 1_500) for seed in range(start, start + 30)]
    assert sum(len(g.committed) for g in groups) > 300
    assert sum(len(g.leaders) for g in groups) > 60
    assert sum(len(g.readable) for g in groups) > 30


def test_five_members_keep_every_promise() -> None:
    groups = [run("abcde", seed, 3_100) for seed in range(15)]
    assert sum(len(g.committed) for g in groups) > 100


def test_one_member_alone_keeps_every_promise() -> None:
    group = Group("a", seed=1)
    for _ in range(300):
        if group.members["a"].up and group.members["a"].core.role.name == "leader":
            group.propose("a", b"x")
        group.random_step_alone()
    group.quiet_down()
    assert len(group.committed) > 5


@pytest.mark.campaign
def test_many_schedules_keep_every_promise() -> None:
    for seed in range(1_000, 3_000):
        run("abc", seed, 1_500)
    for seed in range(1_000, 1_500):
        run("abcde", seed, 2_500)


# Planted bugs.


class VotesTwice(Raft):
    """Forgets its vote as soon as it is cast."""

    vote = property(lambda _: "", lambda _self, _vote: None)  # type: ignore[assignment]


class AnswersBeforeFlush(Storage):
    """Says that a change is durable when it is only in the drive's cache."""

    def persist(self, token: int, **change: Any) -> None:
        super().persist(token, **change)
        self._done(token)


class Careless(Raft):
    """Helps to elect anybody right after a start; caution hides what one member forgets."""

    def may_elect(self, _term: int, _last: tuple[int, int]) -> bool:
        return True


class TrustsBlankDisk(Raft):
    """Votes at once, whatever its disk has lost."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if not self.voter:
            self.voter = True
            self.role = Follower(self)


class IgnoresLostVote(Raft):
    """Counts in majorities and votes as soon as it hears a leader, having learnt nothing."""

    def follow(self, term: int, leader: str) -> None:
        self.voter = True
        super().follow(term, leader)


def seeds_until_broken(seeds: int = 250, steps: int = 1_500, **parts: Any) -> str:
    for seed in range(seeds):
        try:
            run("abc", seed, steps, **parts)
        except AssertionError as broken:
            return str(broken)
    return f"nothing broke in {seeds} schedules"


@pytest.mark.parametrize(
    ("parts", "promises"),
    [
        ({"core": VotesTwice}, ("election safety", "both lead", "leader completeness")),
        (
            {"storage": AnswersBeforeFlush, "core": Careless},
            ("completeness", "safety", "converge", "committed"),
        ),
        ({"core": TrustsBlankDisk}, ("completeness", "safety", "converge", "committed")),
        ({"core": IgnoresLostVote}, ("completeness", "safety", "converge", "committed")),
    ],
    ids=["votes-twice", "answers-before-flush", "trusts-blank-disk", "ignores-lost-vote"],
)
def test_a_planted_bug_in_a_member_is_caught(parts: Any, promises: tuple[str, ...]) -> None:
    found = seeds_until_broken(**parts)
    assert any(promise in found for promise in promises), found


def commits_old_terms(leader: Leader) -> None:
    raft = leader.raft
    held = sorted([raft.durable, *(p.match for p in leader._peers.values())], reverse=True)
    leader._own_term = True
    if held[raft.majority - 1] > raft.commit:
        raft.advance(held[raft.majority - 1])


def reads_without_asking(leader: Leader, ticket: int) -> bool:
    leader.raft.out.append(Readable((ticket,), leader.raft.commit))
    return True


def takes_rot_for_a_tear(raw: bytes, hard: Hard) -> Scan:
    found = scan(raw, hard)
    found.entries.truncate(found.entries.first_hole() - 1)
    return replace(found, proof=0, lost="", rotted=(), clean=False)


def commits_what_was_not_compared(self: Follower, sender: str, message: Append) -> bool:
    taken = take(self, sender, message)
    raft = self.raft
    raft.advance(max(raft.commit, min(message.commit, raft.entries.last_index)))
    return taken


def believes_any_log(_raft: Raft, _message: AskVote) -> bool:
    return True


scan, take = storage.scan, Follower._take


@pytest.mark.parametrize(
    ("where", "name", "bug", "promise"),
    [
        (Leader, "_commit", commits_old_terms, "completeness|safety|committed|not held|too early"),
        (Leader, "read", reads_without_asking, "too early"),
        (storage, "scan", takes_rot_for_a_tear, "completeness|safety|committed|converge"),
        (
            Follower,
            "_take",
            commits_what_was_not_compared,
            "completeness|safety|committed|matching",
        ),
        (Raft, "up_to_date", believes_any_log, "completeness|committed"),
    ],
    ids=["old-terms", "stale-reads", "rot-as-tear", "blind-commit", "blind-vote"],
)
def test_a_planted_bug_in_a_step_is_caught(
    monkeypatch: pytest.MonkeyPatch, where: Any, name: str, bug: Callable[..., Any], promise: str
) -> None:
    monkeypatch.setattr(where, name, bug)
    found = seeds_until_broken()
    assert any(word in found for word in promise.split("|")), found


def test_a_broken_promise_says_which_one() -> None:
    group = Group("abc")
    group.quiet_down()
    leader = next(m for m in group.members.values() if m.core.role.name == "leader")
    group.leaders[leader.core.term] = "somebody else"
    with pytest.raises(Broken, match=r"^election safety: two leaders of term 1$"):
        group._elected(leader, leader.core)
