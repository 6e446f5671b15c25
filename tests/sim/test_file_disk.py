"""The live disk: what survives a process, what a failed host makes of it, and names on the host."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import flusher
from sim.disk import DiskError, DiskFault, OutOfSpace
from sim.file_disk import OPEN_MAX, FileDisk
from sim.host_names import given_name, host_name
from sim.rng import stream
from sim.space import Space

Completions = SimpleQueue[Callable[[], None]]


class Rig:
    """A disk on a folder, and the queue by which its completions come."""

    def __init__(self, folder: Path, mode: str = "always", **options: Any) -> None:
        self.done: Completions = SimpleQueue()
        self.failures: list[str] = []
        self.disk = FileDisk(
            "a/disk", folder, mode, self.done.put, failed=self.failures.append, **options
        )

    def settle(self) -> None:
        while self.disk.waiting:
            self.done.get(timeout=60)()

    def flush(self) -> None:
        self.disk.flush(lambda: None)
        self.settle()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.disk.close()


class Calls:
    """Records, in order, the host's calls that make things durable."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[str] = []
        self._real = {name: getattr(os, name) for name in ("fdatasync", "fsync")}
        replace = Path.replace

        def renamed(old: Path, new: Path) -> Path:
            self.seen.append(f"rename {old.name} {new.name}")
            return replace(old, new)

        for name in self._real:
            monkeypatch.setattr(os, name, lambda fd, name=name: self._sync(name, fd))
        monkeypatch.setattr(Path, "replace", renamed)

    def _sync(self, name: str, fd: int) -> None:
        self.seen.append(f"{name} {Path(f'/proc/self/fd/{fd}').readlink().name}")
        self._real[name](fd)


def test_a_flush_syncs_each_changed_file_once_and_then_its_folder(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(monkeypatch)
    rig.disk.append("f", b"1")
    rig.disk.append("g", b"1")
    rig.disk.append("f", b"2")
    rig.flush()
    rig.disk.append("g", b"2")
    rig.flush()
    assert calls.seen == ["fdatasync f", "fdatasync g", f"fsync {tmp_path.name}", "fdatasync g"]


def test_flushes_that_wait_share_one_sync(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    # Goal: however many wait while one is under way, one more sync serves them all.
    rig.disk.append("f", b"0")
    rig.flush()
    held: SimpleQueue[None] = SimpleQueue()
    begun: SimpleQueue[None] = SimpleQueue()
    real, syncs = os.fdatasync, []

    def slow(fd: int) -> None:
        syncs.append(fd)
        begun.put(None)
        held.get(timeout=60)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", slow)
    done: list[int] = []
    for number in range(20):
        rig.disk.append("f", b"x")
        rig.disk.flush(lambda number=number: done.append(number))
        if number == 0:
            begun.get(timeout=60)
    held.put(None)
    held.put(None)
    rig.settle()
    assert (done, len(syncs)) == (list(range(20)), 2)


def test_on_a_slow_drive_flushes_that_have_company_wait_for_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Method: a clock on which each sync takes as long as the test says.
    now, slept = [0], list[float]()
    real = os.fdatasync
    begun: SimpleQueue[None] = SimpleQueue()
    may: SimpleQueue[int] = SimpleQueue()

    def timed(fd: int) -> None:
        begun.put(None)
        now[0] += may.get(timeout=60)
        real(fd)

    monkeypatch.setattr(os, "fdatasync", timed)
    monkeypatch.setattr(flusher.time, "monotonic_ns", lambda: now[0])
    monkeypatch.setattr(flusher.time, "sleep", slept.append)

    def flushes(count: int, sync_ns: int) -> list[float]:
        """Have one flush, and the others while it is under way; return the waits since."""
        slept.clear()
        for number in range(count):
            rig.disk.append("f", b"x")
            rig.disk.flush(lambda: None)
            if number == 0:
                begun.get(timeout=60)
        may.put(sync_ns)
        if count > 1:
            may.put(sync_ns)
            begun.get(timeout=60)
        rig.settle()
        return slept.copy()

    slow, quick = flusher.LONG_NS, flusher.LONG_NS - 1
    assert [flushes(1, slow), flushes(3, slow), flushes(1, quick)] == [[], [], [200e-6]]
    assert [flushes(1, slow), flushes(3, quick), flushes(1, quick)] == [[], [], []]


def test_a_file_is_synced_before_it_is_renamed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.disk.append("f", b"old")
    rig.flush()
    calls = Calls(monkeypatch)
    rig.disk.append("new", b"1")
    rig.disk.replace("new", "f")
    assert calls.seen == ["fdatasync new", "rename new f"]


def test_a_file_that_was_flushed_is_renamed_without_waiting(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.disk.append("new", b"1")
    rig.flush()
    calls = Calls(monkeypatch)
    rig.disk.replace("new", "f")
    assert calls.seen == ["rename new f"]


def test_in_batch_mode_a_flush_completes_before_the_sync_and_the_sync_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path, "batch")
    synced: SimpleQueue[str] = SimpleQueue()
    may: SimpleQueue[None] = SimpleQueue()
    real = os.fdatasync

    def late(fd: int) -> None:
        may.get(timeout=60)
        real(fd)
        synced.put("synced")

    monkeypatch.setattr(flusher.os, "fdatasync", late)
    rig.disk.append("f", b"1")
    rig.flush()
    with pytest.raises(Empty):
        synced.get_nowait()
    may.put(None)
    assert synced.get(timeout=60) == "synced"
    rig.disk.close()


def test_a_new_disk_on_the_folder_finds_what_an_abandoned_one_wrote(tmp_path: Path) -> None:
    # Method: the first object is left alone, as a killed process leaves its files.
    first = Rig(tmp_path)
    first.disk.append("f", b"written, not flushed")
    first.disk.append("a/b:c", b"odd name")
    second = Rig(tmp_path)
    assert {file: second.disk.load(file) for file in second.disk.files()} == {
        "f": b"written, not flushed",
        "a/b:c": b"odd name",
    }
    second.disk.close()


KILLED = """
import sys
from pathlib import Path
from queue import SimpleQueue
from sim.file_disk import FileDisk

queue = SimpleQueue()
disk = FileDisk("d", Path(sys.argv[1]), sys.argv[2], queue.put)

def more(number):
    print(number, flush=True)
    disk.append("f", b"%08d" % (number + 1))
    disk.flush(lambda: more(number + 1))

more(0)
while True:
    queue.get()()
"""


@pytest.mark.parametrize("mode", ["always", "batch"])
def test_what_a_flush_confirmed_survives_sigkill(tmp_path: Path, mode: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), mode], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        confirmed = [int(child.stdout.readline()) for _ in range(50)]
        child.send_signal(signal.SIGKILL)
        confirmed += [int(line) for line in child.stdout.read().splitlines()]
    rig = Rig(tmp_path)
    held = rig.disk.load("f")
    stored = [int(held[at : at + 8]) for at in range(0, len(held), 8)]
    assert stored[: confirmed[-1]] == confirmed[1:]
    rig.disk.close()


def failing(code: int) -> Callable[..., Any]:
    def call(*_: object) -> Any:
        raise OSError(code, os.strerror(code))

    return call


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.EIO, DiskError),
        (errno.EROFS, DiskError),
        (errno.ENOSPC, OutOfSpace),
        (errno.EDQUOT, OutOfSpace),
    ],
)
def test_a_failed_write_names_disk_file_and_reason_and_changes_nothing(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[DiskError]
) -> None:
    rig.disk.append("f", b"abc")
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", failing(code))
        with pytest.raises(DiskError, match=f"^disk a/disk: file 'f': {os.strerror(code)}$") as e:
            rig.disk.append("f", b"def")
    assert (type(e.value), rig.disk.load("f"), rig.disk.size("f")) == (kind, b"abc", 3)


def test_a_file_that_could_not_be_written_was_never_made(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", failing(errno.ENOSPC))
        with pytest.raises(OutOfSpace):
            rig.disk.append("f", b"def")
    assert (rig.disk.files(), list(tmp_path.iterdir())) == ((), [])
    rig.disk.append("f", b"x")
    rig.flush()


def test_without_file_descriptors_the_error_names_the_file(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", failing(errno.EMFILE))
    with pytest.raises(DiskError, match=r"^disk a/disk: file 'f': Too many open files$"):
        rig.disk.append("f", b"1")
    assert rig.disk.files() == ()


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_of_which_only_a_part_fits_leaves_nothing(rig: Rig) -> None:
    # Method: the host's own limit on file sizes makes the first write a short one.
    rig.disk.append("f", bytes(1_000))
    with (
        file_size_limit(1_500),
        pytest.raises(OutOfSpace, match=r"^disk a/disk: file 'f': File too large$"),
    ):
        rig.disk.append("f", b"x" * 1_000)
    assert rig.disk.load("f") == bytes(1_000)
    assert rig.disk.append("f", b"y" * 1_000) == 1_000


def test_a_full_host_gets_the_reserve_once_and_the_disk_is_short(tmp_path: Path) -> None:
    # Method: the host's limit on file sizes plays the full drive, so the reserve does not help.
    folder = tmp_path / "files"
    folder.mkdir()
    with Space(tmp_path / "reserve", 4_096) as space:
        rig = Rig(folder, space=space)
        assert ((tmp_path / "reserve").stat().st_size, rig.disk.short) == (4_096, False)
        with file_size_limit(1):
            for _ in range(2):
                with pytest.raises(OutOfSpace):
                    rig.disk.append("f", b"ab")
            assert (tmp_path / "reserve").stat().st_size == 0
            assert rig.disk.short
        rig.disk.close()


def test_a_failed_sync_is_never_tried_again_and_poisons_the_disk(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.disk.append("f", b"flushed")
    rig.flush()
    done: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", failing(errno.EIO))
        rig.disk.append("f", b"lost")
        rig.disk.flush(lambda: done.append("wrongly"))
        rig.done.get(timeout=60)()
    text = "disk a/disk: file 'f' could not be synced: Input/output error"
    assert rig.failures == [text]
    for operation in (
        lambda: rig.disk.append("f", b"x"),
        lambda: rig.disk.load("f"),
        rig.disk.flush,
        lambda: rig.disk.remove("f"),
    ):
        with pytest.raises(DiskError, match=f"^{text}$"):
            operation()
    assert done == []


def test_after_the_power_cut_a_poisoned_disk_reads_what_the_drive_holds(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.disk.append("f", b"flushed")
    rig.flush()
    dropped: list[tuple[int, int, int]] = []
    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", failing(errno.EIO))
        patched.setattr(os, "posix_fadvise", lambda _, *rest: dropped.append(rest))
        rig.disk.append("f", b"!")
        rig.disk.flush()
        rig.done.get(timeout=60)()
        rig.disk.power_cut()
    assert dropped == [(0, 0, os.POSIX_FADV_DONTNEED)]
    assert rig.disk.load("f").startswith(b"flushed")
    rig.disk.append("f", b"on")
    rig.flush()


def test_a_power_cut_drops_completions_and_keeps_bytes(rig: Rig) -> None:
    done: list[str] = []
    rig.disk.append("f", b"kept")
    rig.disk.flush(lambda: done.append("wrongly"))
    rig.disk.power_cut()
    rig.disk.flush(lambda: done.append("rightly"))
    rig.settle()
    assert (done, rig.disk.load("f")) == (["rightly"], b"kept")


def test_many_files_need_few_descriptors(rig: Rig) -> None:
    for number in range(4 * OPEN_MAX):
        rig.disk.append(f"{number:03}", b"%d" % number)
        rig.flush()
    assert len(rig.disk._open) == OPEN_MAX
    assert [rig.disk.load(file) for file in rig.disk.files()] == [
        b"%d" % number for number in range(4 * OPEN_MAX)
    ]


def test_a_closed_disk_has_closed_every_descriptor(tmp_path: Path) -> None:
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208
    rig = Rig(tmp_path)
    for number in range(20):
        rig.disk.append(f"{number:03}", b"x")
    rig.disk.flush()
    rig.disk.remove("003")
    rig.disk.close()
    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_faults_change_the_real_bytes(rig: Rig, tmp_path: Path) -> None:
    rig.disk.append("f", b"\xff" * 1_100)
    rig.disk.append("g", b"\xff")
    assert rig.disk.sectors() == 4
    assert [rig.disk.sector_at(number) for number in range(4)] == [
        ("f", 0), ("f", 1), ("f", 2), ("g", 0)
    ]  # fmt: skip
    rig.disk.lose_sector("f", 2)
    rig.disk.rot("g", 0, rng=stream(1, "rot"))
    stored = (tmp_path / "f").read_bytes()
    assert stored == b"\xff" * 1_024 + bytes(76)
    assert (tmp_path / "g").read_bytes()[0].bit_count() == 7
    with pytest.raises(ValueError, match=r"^disk a/disk: 'f' has no sector 3$"):
        rig.disk.lose_sector("f", 3)
    with pytest.raises(ValueError, match=r"^disk a/disk: 'g' has no bytes 1\+1$"):
        rig.disk.rot("g", 1)
    rig.disk.wipe()
    assert (rig.disk.files(), list(tmp_path.iterdir())) == ((), [])


class Astray(DiskFault):
    def stray(self, disk: Any) -> tuple[str, int]:  # noqa: ARG002
        return "victim", 0


def test_a_misdirected_write_lands_on_other_sectors(rig: Rig) -> None:
    rig.disk.append("victim", b"v" * 600)
    rig.disk.append("f", b"a" * 10)
    rig.disk.faults.append(Astray())
    assert rig.disk.append("f", b"b" * 10) == 10
    assert rig.disk.load("f") == b"a" * 10 + bytes(10)
    assert rig.disk.load("victim") == b"a" * 10 + b"b" * 10 + bytes(492) + b"v" * 88


class Lies(DiskFault):
    lies = True


def test_a_lying_flush_syncs_nothing_and_the_first_honest_one_all(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(monkeypatch)
    rig.disk.faults.append(Lies())
    rig.disk.append("f", b"1")
    rig.flush()
    assert calls.seen == []
    rig.disk.faults.clear()
    rig.flush()
    assert calls.seen[0] == "fdatasync f"


class Waits(DiskFault):
    def flush_ns(self, flush_ns: int, waiting_bytes: int) -> int:
        return flush_ns + 1_000 * waiting_bytes


def test_a_slow_drive_delays_the_completion(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(flusher.time, "sleep", slept.append)
    rig.disk.faults.append(Waits())
    rig.disk.append("f", bytes(70))
    rig.flush()
    assert slept == [70e-6]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("log", "log"),
        ("us-east-1/use1-az1/recorder", "us-east-1%2Fuse1-az1%2Frecorder"),
        ("own::000001:000002", "own::000001:000002"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("50%", "50%25"),
        ("ä\n", "%C3%A4%0A"),
    ],
)
def test_a_name_on_the_host_leads_nowhere_else(name: str, found: str) -> None:
    assert (host_name(name), given_name(found)) == (found, name)


@given(st.text(min_size=1, max_size=20))
def test_every_name_comes_back(name: str) -> None:
    assert given_name(host_name(name)) == name


@pytest.mark.parametrize("found", ["a b", ".x", "%2f", "%41"])
def test_what_we_never_wrote_is_no_name(found: str) -> None:
    assert given_name(found) is None


def test_a_name_that_is_too_long_is_refused(rig: Rig) -> None:
    with pytest.raises(
        DiskError, match=r"^disk a/disk: the name '\?{40}' has 300 bytes; expected 1–255$"
    ):
        rig.disk.append("?" * 100, b"")
