"""The contract of every disk; each factory of MAKERS gives one that must keep it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import Disk, SimWorld, seconds
from sim.file_disk import FileDisk, Mode
from sim.kernel_syncs import KernelSyncs
from tests.sim.drives import Pumped


@dataclass
class Bench:
    """A disk under test, and what lets its flushes complete."""

    disk: Disk
    settle: Callable[[], None]


@contextmanager
def sim_disk() -> Iterator[Bench]:
    with SimWorld() as world:
        yield Bench(world.disk("host"), lambda: world.run_for(seconds(1)))


@contextmanager
def file_disk(mode: Mode) -> Iterator[Bench]:
    done: SimpleQueue[Callable[[], None]] = SimpleQueue()
    with TemporaryDirectory() as folder:
        disk = FileDisk("host", Path(folder), mode, done.put)

        def settle() -> None:
            while disk.waiting:
                done.get(timeout=60)()

        yield Bench(disk, settle)
        disk.close()


@contextmanager
def synced_by_the_system(mode: Mode) -> Iterator[Bench]:
    syncs = KernelSyncs.open()
    if syncs is None:
        pytest.skip("this system has no syncs of its own that one can wait for")
    drive = Pumped(syncs)
    with TemporaryDirectory() as folder:
        disk = FileDisk("host", Path(folder), mode, drive.finish, drive=drive)

        def settle() -> None:
            while disk.waiting:
                drive.pump()

        yield Bench(disk, settle)
        disk.close()
    syncs.close()


MAKERS = {
    "SimDisk": sim_disk,
    "FileDisk-always": partial(file_disk, "always"),
    "FileDisk-batch": partial(file_disk, "batch"),
    "FileDisk-always-system": partial(synced_by_the_system, "always"),
    "FileDisk-batch-system": partial(synced_by_the_system, "batch"),
}


@pytest.fixture(params=MAKERS)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with MAKERS[request.param]() as made:
        yield made


def test_a_write_is_visible_at_once(bench: Bench) -> None:
    bench.disk.write("f", 0, b"hello")
    assert bench.disk.load("f") == b"hello"
    assert bench.disk.size("f") == 5
    assert bench.disk.files() == ("f",)


def test_an_absent_file_is_empty(bench: Bench) -> None:
    assert (bench.disk.load("f"), bench.disk.size("f"), bench.disk.files()) == (b"", 0, ())


def test_a_write_over_bytes_replaces_just_these_and_may_reach_further(bench: Bench) -> None:
    bench.disk.write("f", 0, b"abcdef")
    bench.disk.write("f", 2, b"XY")
    bench.disk.write("f", 5, b"ZZZ")
    assert bench.disk.load("f") == b"abXYeZZZ"


def test_a_gap_behind_the_end_reads_as_zeros(bench: Bench) -> None:
    bench.disk.write("f", 0, b"ab")
    bench.disk.write("f", 4, b"cd")
    assert bench.disk.load("f") == b"ab\0\0cd"


def test_append_says_where_it_wrote(bench: Bench) -> None:
    assert [bench.disk.append("f", data) for data in (b"abc", b"", b"de")] == [0, 3, 3]
    assert bench.disk.load("f") == b"abcde"


def test_a_part_of_a_file_can_be_read(bench: Bench) -> None:
    bench.disk.write("f", 0, b"abcdef")
    parts = [
        bench.disk.read(*part) for part in (("f", 1, 3), ("f", 4, 9), ("f", 7, 1), ("g", 0, 1))
    ]
    assert parts == [b"bcd", b"ef", b"", b""]


def test_truncate_cuts_and_never_lengthens(bench: Bench) -> None:
    bench.disk.write("f", 0, b"abcdef")
    bench.disk.truncate("f", 9)
    assert bench.disk.load("f") == b"abcdef"
    bench.disk.truncate("f", 2)
    assert bench.disk.load("f") == b"ab"
    bench.disk.truncate("absent", 2)
    assert bench.disk.files() == ("f",)


def test_remove_deletes_and_forgives_what_is_absent(bench: Bench) -> None:
    bench.disk.write("f", 0, b"a")
    bench.disk.remove("f")
    bench.disk.remove("f")
    assert bench.disk.files() == ()


def test_replace_takes_the_place_of_the_other_file(bench: Bench) -> None:
    bench.disk.write("new", 0, b"new")
    bench.disk.write("f", 0, b"old")
    bench.disk.replace("new", "f")
    assert (bench.disk.files(), bench.disk.load("f")) == (("f",), b"new")
    bench.disk.replace("f", "f")
    assert bench.disk.load("f") == b"new"
    with pytest.raises(FileNotFoundError, match=r"'new'$"):
        bench.disk.replace("new", "f")


def test_files_are_listed_in_order_of_name(bench: Bench) -> None:
    for name in ("b", "a", "c"):
        bench.disk.append(name, b"x")
    assert bench.disk.files() == ("a", "b", "c")


def test_flushes_complete_later_each_once_and_in_order(bench: Bench) -> None:
    done: list[int] = []
    for number in range(3):
        bench.disk.append("f", b"x")
        bench.disk.flush(lambda number=number: done.append(number))
    bench.disk.flush()
    assert done == []
    bench.settle()
    assert done == [0, 1, 2]


def test_a_completion_may_write_and_flush_again(bench: Bench) -> None:
    done: list[bytes] = []

    def again() -> None:
        bench.disk.append("f", b"2")
        bench.disk.flush(lambda: done.append(bench.disk.load("f")))

    bench.disk.append("f", b"1")
    bench.disk.flush(again)
    bench.settle()
    assert done == [b"12"]


def test_statistics_count_writes_bytes_and_flushes(bench: Bench) -> None:
    bench.disk.append("f", b"abc")
    bench.disk.write("f", 1, b"X")
    bench.disk.flush()
    bench.settle()
    found = bench.disk.statistics()
    assert {name: found[name] for name in ("writes", "bytes_written", "flushes")} == {
        "writes": 2,
        "bytes_written": 4,
        "flushes": 1,
    }


NAMES = st.sampled_from(["a", "b", "c"])
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), NAMES, st.integers(0, 20), st.binary(max_size=8)),
    st.tuples(st.just("append"), NAMES, st.binary(max_size=8)),
    st.tuples(st.just("truncate"), NAMES, st.integers(0, 20)),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.just("replace"), NAMES, NAMES),
    st.tuples(st.just("flush")),
)


class Reference:
    """What a disk shows, in the plainest words."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}

    def apply(self, operation: tuple) -> None:
        match operation:
            case ("write", name, offset, data):
                old = self.content.get(name, b"")
                old += bytes(max(0, offset - len(old)))
                self.content[name] = old[:offset] + data + old[offset + len(data) :]
            case ("append", name, data):
                self.content[name] = self.content.get(name, b"") + data
            case ("truncate", name, size):
                if name in self.content:
                    self.content[name] = self.content[name][:size]
            case ("remove", name):
                self.content.pop(name, None)
            case ("replace", old, new):
                self.content[new] = self.content.pop(old)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
@given(st.lists(OPERATIONS, max_size=25))
def test_a_disk_shows_what_a_plain_reference_shows(
    make: Callable[[], Iterator[Bench]], operations: list[tuple]
) -> None:
    reference = Reference()
    with make() as bench:
        for operation in operations:
            name, *arguments = operation
            if name == "replace" and arguments[0] not in reference.content:
                with pytest.raises(FileNotFoundError):
                    bench.disk.replace(*arguments)
                continue
            getattr(bench.disk, name)(*arguments)
            reference.apply(operation)
            shown = {file: bench.disk.load(file) for file in bench.disk.files()}
            assert shown == reference.content
        bench.settle()
        shown = {file: bench.disk.load(file) for file in bench.disk.files()}
        assert shown == reference.content
