"""One member's disk: group commit, rewriting, boot after power cuts, scrubbing.

Method: real storage on a SimDisk whose flushes complete when the test says so.
"""

import pytest
from raft_group import FlushQueue

from regions.replication.log import FILE_HEAD_BYTES, Hard, Snapshot
from regions.replication.messages import Entry
from regions.replication.storage import Boot, Scrubbed, Storage
from sim.disk import SimDisk
from sim.rng import stream

VOTER = Hard(term=1, vote="a", voter=True)


class Bench:
    def __init__(self, seed: int = 0) -> None:
        self.flushes = FlushQueue()
        self.disk = SimDisk("d", self.flushes, stream(seed, "disk"), lambda *_: None)  # type: ignore[arg-type]
        self.done: list[int] = []
        self.boot = self.start()

    def start(self) -> Boot:
        self.storage = Storage(self.disk, self.done.append)
        self.boot = self.storage.boot()
        return self.boot

    def power_cut(self) -> Boot:
        self.flushes.due.clear()
        self.disk.power_cut()
        return self.start()

    def flush(self) -> None:
        while self.flushes.due:
            fn, argument = self.flushes.due.popleft()
            fn(argument)

    def append(self, token: int, *entries: Entry, hard: Hard | None = None) -> None:
        self.boot.entries.extend(entries)
        self.storage.persist(token, entries=entries, hard=hard)


def entry(index: int, data: bytes = b"data") -> Entry:
    return Entry(index=index, term=1, data=data)


def test_a_blank_disk_boots_blank() -> None:
    boot = Bench().boot
    assert (boot.blank, boot.hard, boot.findings, boot.snapshot) == (True, Hard(), (), None)


def test_changes_during_a_flush_share_the_next_one() -> None:
    bench = Bench()
    bench.append(1, entry(1), hard=VOTER)
    bench.flush()
    before = bench.disk.statistics()["flushes"]
    for token in range(2, 12):
        bench.append(token, entry(token))
    bench.flush()
    assert bench.done == [1, 2, 11]
    assert bench.disk.statistics()["flushes"] - before == 2


@pytest.mark.parametrize("seed", range(40))
def test_what_was_done_survives_any_power_cut(seed: int) -> None:
    bench = Bench(seed)
    rng = stream(seed, "test")
    bench.append(1, entry(1), hard=VOTER)
    bench.flush()
    for token in range(2, 12):
        bench.append(token, entry(token, bytes(rng.randrange(1, 900))))
        if rng.random() < 0.5:
            fn, argument = bench.flushes.due.popleft()
            fn(argument)
    done = bench.done[-1]
    boot = bench.power_cut()
    assert boot.entries.last_index >= done
    assert (boot.hard.voter, boot.entries.holes) == (True, {})
    bench.append(20, entry(boot.entries.last_index + 1))
    bench.flush()
    again = bench.power_cut()
    assert again.entries.last_index == boot.entries.last_index
    assert again.findings == ()


@pytest.mark.parametrize("seed", range(40))
def test_a_rewritten_log_is_old_or_new_after_a_power_cut(seed: int) -> None:
    bench = Bench(seed)
    bench.append(1, *(entry(i) for i in range(1, 6)), hard=VOTER)
    bench.flush()
    bench.boot.entries.truncate(2)
    replaced = Entry(index=3, term=2, data=b"another")
    bench.boot.entries.append(replaced)
    lowered = Hard(term=2, voter=True, proof=2)
    bench.storage.persist(2, entries=(replaced,), rewrite=True, hard=lowered)
    for _ in range(seed % 3):
        fn, argument = bench.flushes.due.popleft()
        fn(argument)
    boot = bench.power_cut()
    assert boot.findings == ()
    assert [e.term for e in boot.entries.all()] in ([1] * 5, [1, 1, 2])


def test_the_snapshot_before_the_newest_stands_in_for_a_rotted_one() -> None:
    bench = Bench()
    bench.append(1, *(entry(i) for i in range(1, 9)), hard=VOTER)
    for index in (3, 6, 7):
        bench.storage.save_snapshot(Snapshot(index=index, term=1, data=b"%d" % index), list)
        bench.flush()
    assert bench.storage.snapshots == (6, 7)
    bench.disk.rot(bench.disk.files()[2], 20)
    boot = bench.power_cut()
    assert boot.snapshot == Snapshot(index=6, term=1, data=b"6")
    assert (boot.findings, boot.hard.voter) == (("snapshot 7 damaged",), True)


def test_a_log_that_meets_no_snapshot_costs_the_vote() -> None:
    bench = Bench()
    bench.append(1, *(entry(i) for i in range(1, 9)), hard=VOTER)
    bench.storage.save_snapshot(Snapshot(index=6, term=1, data=b"6"), list)
    bench.boot.entries.compact(6)
    bench.storage.persist(2, rewrite=True)
    bench.flush()
    bench.disk.rot(bench.disk.files()[1], 20)
    boot = bench.power_cut()
    assert boot.findings == ("snapshot 6 damaged", "the snapshot under entry 7 rotted")
    assert boot.hard == Hard(term=1, vote="?", voter=False)


def test_lost_term_and_vote_cost_the_vote_but_not_the_log() -> None:
    bench = Bench()
    bench.append(1, entry(1), entry(2), hard=VOTER)
    bench.flush()
    bench.disk.rot("state", 5)
    bench.disk.rot("state", 4_096 + 5)
    boot = bench.power_cut()
    assert boot.findings == ("2 copies of term and vote rotted", "term and vote are lost")
    assert (boot.hard.voter, boot.hard.vote, boot.entries.last_index) == (False, "?", 2)


def test_a_scrub_mends_what_rotted_from_memory() -> None:
    bench = Bench()
    bench.append(1, entry(1), entry(2), hard=VOTER)
    bench.flush()
    assert bench.storage.scrub() == Scrubbed()
    bench.disk.rot("log", FILE_HEAD_BYTES + 50)
    bench.disk.rot("state", 20)
    assert bench.storage.scrub() == Scrubbed(log=True, state=True)
    bench.flush()
    assert bench.storage.scrub() == Scrubbed()
    boot = bench.power_cut()
    assert (boot.findings, boot.entries.all()) == ((), (entry(1), entry(2)))


def test_a_scrub_removes_rotted_snapshots_and_names_them() -> None:
    bench = Bench()
    bench.append(1, entry(1), entry(2), hard=VOTER)
    bench.storage.save_snapshot(Snapshot(index=2, term=1, data=b"two"), list)
    bench.flush()
    bench.disk.rot(bench.disk.files()[1], 20)
    assert bench.storage.scrub() == Scrubbed(snapshots=(2,))
    assert bench.storage.snapshots == ()


def test_a_whole_snapshot_under_the_name_of_another_one_is_damage() -> None:
    bench = Bench()
    bench.append(1, entry(1), entry(2), hard=VOTER)
    for index, data in ((1, b"one"), (2, b"two")):
        bench.storage.save_snapshot(Snapshot(index=index, term=1, data=data), list)
        bench.flush()
    one, two = bench.disk.files()[1:3]
    bench.disk.write(two, 0, bench.disk.load(one))
    bench.flushes.due.clear()
    boot = bench.start()
    assert boot.findings == ("snapshot 2 damaged",)
    assert boot.snapshot == Snapshot(index=1, term=1, data=b"one")
