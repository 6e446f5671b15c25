"""A member whose disk forgot what it promised, without a trace, costs the group nothing.

Method: whole groups under random schedules; the drive of one member lies about every flush, and
only this member crashes. Without caution after a start the same schedules break promises.
"""

import pytest
from raft_group import Broken, Group

from regions.replication.caution import CAUTION_NS, Caution
from sim.disk import DiskFault
from sim.units import ms

OTHERS = ("a", "c")


class Lies(DiskFault):
    lies = True


class OneLiar(Group):
    """Only b crashes, only its drive lies, and only its links are cut."""

    def crash(self, name: str) -> None:
        if name == "b":
            super().crash(name)

    def random_step(self, *, damage: bool = False) -> None:
        super().random_step(damage=damage)
        self.cut -= {OTHERS, OTHERS[::-1]}


def play(seed: int) -> Group:
    group = OneLiar("abc", seed=seed)
    group.quiet_down()  # The group is founded: everybody remembers that it may vote.
    group.members["b"].disk.faults.append(Lies())
    for _ in range(1_800):
        group.random_step()
    group.quiet_down()
    return group


def test_one_member_whose_flushes_lie_breaks_no_promise() -> None:
    groups = [play(seed) for seed in range(70)]
    assert sum(len(group.committed) for group in groups) > 1_000
    assert sum(len(group.leaders) for group in groups) > 90


def test_without_caution_such_a_member_breaks_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Caution, "allows", lambda *_: True)

    def breaks() -> str:
        for seed in range(300):
            try:
                play(seed)
            except (Broken, AssertionError) as broken:
                return str(broken)
        return "nothing broke"

    assert breaks().startswith("leader completeness: ")


def test_nobody_is_elected_with_less_than_any_other_member_shows() -> None:
    caution = Caution()
    caution.begin(0)
    others = ("a", "c")
    assert not caution.allows(ms(1), others, 9, (9, 9))  # Nobody was heard.
    caution.heard("a", 4, (3, 7))
    assert not caution.allows(ms(1), others, 9, (9, 9))  # One is silent.
    caution.heard("c", 5, (3, 5))
    assert not caution.allows(ms(1), others, 6, (3, 6))  # ``a`` has more.
    assert not caution.allows(ms(1), others, 5, (3, 7))  # The vote of that term may be cast.
    assert caution.allows(ms(1), others, 6, (3, 7))
    assert caution.allows(CAUTION_NS, others, 1, (0, 0))  # The others have elected somebody.
