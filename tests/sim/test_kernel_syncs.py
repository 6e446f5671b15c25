"""Syncs by the system instead of a thread: what is asked of it, and what its answers come to."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim import kernel_syncs
from sim.disk import DiskError, DiskFault
from sim.file_disk import FileDisk
from sim.flusher import COMPANY_NS, LONG_NS, WINDOW_NS
from sim.kernel_syncs import SLOTS, KernelSyncs
from tests.sim.drives import ByHand, Pumped

REAL = pytest.mark.skipif(KernelSyncs.open() is None, reason="this system has no such syncs")


@pytest.fixture
def syncs() -> Iterator[KernelSyncs]:
    opened = KernelSyncs.open()
    assert opened is not None
    yield opened
    opened.close()


def settle(syncs: KernelSyncs) -> None:
    while syncs.busy:
        for done, code in syncs.reap():
            done(code)


@REAL
def test_files_and_folders_are_synced_and_a_bad_descriptor_is_told(
    syncs: KernelSyncs, tmp_path: Path
) -> None:
    told: list[tuple[str, int]] = []
    file = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    os.pwrite(file, b"bytes", 0)
    syncs.sync(file, lambda code: told.append(("file", code)))
    settle(syncs)
    syncs.sync(folder, lambda code: told.append(("folder", code)), names=True)
    settle(syncs)
    os.close(file)
    syncs.sync(file, lambda code: told.append(("closed", code)))
    settle(syncs)
    os.close(folder)
    assert told == [("file", 0), ("folder", 0), ("closed", errno.EBADF)]


@REAL
def test_more_syncs_than_there_are_slots_wait_for_their_turn(
    syncs: KernelSyncs, tmp_path: Path
) -> None:
    told: list[int] = []
    file = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    for number in range(2 * SLOTS + 3):
        syncs.sync(file, lambda code, number=number: told.append(number + code))
    settle(syncs)
    os.close(file)
    assert sorted(told) == list(range(2 * SLOTS + 3))


@REAL
def test_after_its_end_nothing_is_told_and_nothing_left_open(tmp_path: Path) -> None:
    def descriptors() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    before = descriptors()
    opened = KernelSyncs.open()
    assert opened is not None
    opened.close()
    opened.close()
    file = os.open(tmp_path / "f", os.O_RDWR | os.O_CREAT)
    opened.sync(file, lambda _: pytest.fail("it has ended"))
    os.close(file)
    assert (opened.busy, descriptors()) == (False, before)


def test_a_system_that_forbids_them_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_syncs, "_SETUP", 999)  # No such call.
    assert KernelSyncs.open() is None


# What a flush asks for, with syncs led by hand.


class Rig:
    def __init__(self, folder: Path, mode: str = "always") -> None:
        self.drive = ByHand()
        self.failures: list[str] = []
        self.done: list[str] = []
        self.disk = FileDisk(
            "d", folder, mode, self.drive.finish, failed=self.failures.append, drive=self.drive
        )

    def flush(self, name: str) -> None:
        self.disk.flush(lambda: self.done.append(name))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_a_flush_syncs_its_files_then_their_names_and_then_completes(
    rig: Rig, tmp_path: Path
) -> None:
    rig.disk.append("f", b"1")
    rig.disk.append("g", b"1")
    rig.flush("first")
    order = [rig.drive.end(), rig.drive.end()]
    assert rig.done == []
    order.append(rig.drive.end())
    assert (order, rig.done) == (
        ["bytes of f", "bytes of g", f"names of {tmp_path.name}"],
        ["first"],
    )


def test_flushes_that_come_meanwhile_share_the_next_sync(rig: Rig) -> None:
    rig.disk.append("f", b"0")
    rig.flush("0")
    for number in "123":
        rig.disk.append("f", number.encode())
        rig.flush(number)
    rig.drive.end()
    rig.drive.end()
    assert (rig.done, [name for name, _ in rig.drive.asked]) == (["0"], ["bytes of f"])
    rig.drive.end()
    assert (rig.done, rig.drive.asked) == (["0", "1", "2", "3"], [])


def test_after_a_failed_sync_nothing_completes_until_the_power_is_cut(rig: Rig) -> None:
    rig.disk.append("f", b"1")
    rig.flush("lost")
    rig.disk.append("f", b"2")
    rig.flush("later")
    rig.drive.end(errno.EIO)
    why = "disk d: file 'f' could not be synced: Input/output error"
    assert (rig.done, rig.failures) == ([], [why])
    with pytest.raises(DiskError, match=why):
        rig.flush("refused")
    rig.disk.power_cut()
    rig.disk.append("f", b"3")
    rig.flush("again")
    rig.drive.end()
    assert rig.done == ["again"]


def test_in_batch_mode_a_flush_completes_at_once_and_its_sync_waits_for_others(
    tmp_path: Path,
) -> None:
    rig = Rig(tmp_path, "batch")
    for number in "12":
        rig.disk.append("f", number.encode())
        rig.flush(number)
    assert (rig.done, rig.drive.asked) == (["1", "2"], [])
    (wait_ns, begin), *others = rig.drive.waits
    begin()
    assert (wait_ns, others) == (WINDOW_NS, [])
    assert [name for name, _ in rig.drive.asked] == ["bytes of f"]


def test_on_a_slow_drive_flushes_that_have_company_wait_for_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0]
    monkeypatch.setattr("sim.sync_flusher.time.monotonic_ns", lambda: now[0])
    rig.disk.append("f", b"0")
    rig.flush("0")
    for name in "12":
        rig.disk.append("f", b"x")
        rig.flush(name)
    rig.drive.end()
    rig.drive.end()
    now[0] += LONG_NS
    rig.drive.end()
    assert rig.drive.waits == []
    rig.disk.append("f", b"y")
    rig.flush("3")
    assert ([wait_ns for wait_ns, _ in rig.drive.waits], rig.drive.asked) == ([COMPANY_NS], [])


class Slow(DiskFault):
    def flush_ns(self, base_ns: int, waiting_bytes: int) -> int:  # noqa: ARG002 - whatever is written
        return base_ns + 7_000


def test_a_fault_that_slows_the_disk_has_it_wait_after_the_sync(rig: Rig) -> None:
    rig.disk.faults.append(Slow())
    rig.disk.append("f", b"1")
    rig.flush("slow")
    rig.drive.end()
    rig.drive.end()
    (wait_ns, then), *_ = rig.drive.waits
    assert (rig.done, wait_ns) == ([], 7_000)
    then()
    assert rig.done == ["slow"]


def test_what_was_under_way_at_a_close_is_synced_by_it_and_told_to_nobody(rig: Rig) -> None:
    rig.disk.append("f", b"1")
    rig.flush("never")
    late: list[Callable[[int], None]] = [done for _, done in rig.drive.asked]
    rig.disk.close()
    late[0](0)
    assert rig.done == []


@REAL
def test_many_flushes_of_many_files_all_complete_in_order(
    syncs: KernelSyncs, tmp_path: Path
) -> None:
    drive, done = Pumped(syncs), list[int]()
    disk = FileDisk("d", tmp_path, "always", drive.finish, drive=drive)
    for number in range(200):
        disk.append(f"f{number % 7}", b"x")
        disk.flush(lambda number=number: done.append(number))
        if number % 10 == 0:
            drive.pump()
    while disk.waiting:
        drive.pump()
    disk.close()
    assert done == list(range(200))
