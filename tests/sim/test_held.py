"""A disk without room ends nobody: changes wait, reads see them, flushes complete with room."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import Actor, SimWorld, seconds
from sim.disk import DiskFault, OutOfSpace
from sim.faults import FAULTS
from sim.held import HELD_BYTES_MAX

NAME = "zone/writer"


class Writer(Actor):
    """Does with its disk what the test says; notes which flushes completed."""

    def save(self, file: str, data: bytes) -> None:
        self.disk.append(file, data)
        self.disk.flush(lambda: self.note("saved", file=file, data=data.decode()))


@pytest.fixture
def world() -> Iterator[SimWorld]:
    with SimWorld(keep="all") as made:
        made.start(Writer, None, name=NAME)
        yield made


def actor(world: SimWorld) -> Any:
    return world.kernel.cells[NAME].actor


def full(world: SimWorld, free: int = 0) -> Any:
    fault = FAULTS["disk-full"]("zone", free=str(free))
    fault.inject(world)
    return fault


def notes(world: SimWorld, *kinds: str) -> list[str]:
    return [f"{e.kind} {e.body.decode()}" for e in world.trace.events() if e.kind in kinds]


def test_what_finds_no_room_waits_and_is_saved_in_order_when_there_is_room(
    world: SimWorld,
) -> None:
    writer, fault = actor(world), full(world, 1)
    writer.save("f", b"1")
    writer.save("f", b"2")
    writer.save("g", b"3")
    world.run_for(seconds(30))
    assert notes(world, "saved", "abort") == ["saved file=f data=1"]
    assert (writer.disk.full, world.disk(NAME).load("f")) == (True, b"1")
    fault.heal(world)
    world.run_for(seconds(2))
    assert notes(world, "saved", "abort") == [
        "saved file=f data=1",
        "saved file=f data=2",
        "saved file=g data=3",
    ]
    assert (writer.disk.full, world.disk(NAME).load("f")) == (False, b"12")
    assert notes(world, "disk") == [
        f"disk full=disk {NAME}: no space left for 1 bytes",
        "disk full=no more",
    ]


def test_reads_see_what_waits(world: SimWorld) -> None:
    writer = actor(world)
    writer.disk.append("f", b"abc")
    writer.disk.append("old", b"o")
    full(world)
    writer.disk.append("f", b"def")
    writer.disk.truncate("f", 5)
    writer.disk.write("f", 0, b"X")
    writer.disk.append("new", b"n")
    writer.disk.replace("new", "g")
    disk = writer.disk
    assert (disk.load("f"), disk.read("f", 1, 3), disk.size("f")) == (b"Xbcde", b"bcd", 5)
    assert (disk.load("g"), disk.load("old"), disk.files()) == (b"n", b"o", ("f", "g", "old"))
    with pytest.raises(FileNotFoundError):
        disk.replace("new", "x")


def test_what_is_removed_meanwhile_makes_room(world: SimWorld) -> None:
    # Goal: a removal does not wait behind the writes that wait for the space it frees.
    writer = actor(world)
    writer.disk.append("published", b"x" * 10)
    full(world)
    writer.save("f", b"1")
    writer.disk.remove("published")
    world.run_for(seconds(2))
    assert notes(world, "saved", "abort") == ["saved file=f data=1"]


def test_a_power_cut_loses_what_waits(world: SimWorld) -> None:
    full(world).heal(world)
    fault = full(world)
    actor(world).save("f", b"1")
    world.crash(NAME)
    world.restart(NAME)
    fault.heal(world)
    world.run_for(seconds(5))
    assert (world.disk(NAME).files(), notes(world, "saved")) == ((), [])


def test_too_much_that_waits_ends_the_process(world: SimWorld) -> None:
    full(world)
    actor(world).disk.append("f", bytes(HELD_BYTES_MAX + 1))
    with pytest.raises(BaseException, match=r"^$"):
        actor(world).disk.append("f", b"x")
    assert notes(world, "abort") == [
        f"abort reason={HELD_BYTES_MAX + 1} bytes wait for room on the disk"
    ]


class Small(DiskFault):
    """Lets so many more writes pass that make a file longer."""

    left = 0

    def admit(self, disk: Any, what: str, grows_by: int) -> None:  # noqa: ARG002
        if grows_by:
            if not self.left:
                raise OutOfSpace("no room")
            self.left -= 1


NAMES = st.sampled_from(["a", "b", "c"])
OPERATIONS = st.one_of(
    st.tuples(st.just("write"), NAMES, st.integers(0, 20), st.binary(max_size=8)),
    st.tuples(st.just("append"), NAMES, st.binary(max_size=8)),
    st.tuples(st.just("truncate"), NAMES, st.integers(0, 20)),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.just("replace"), NAMES, NAMES),
    st.tuples(st.just("room"), st.integers(0, 3)),
)


def applied(disk: Any, operation: tuple) -> None:
    name, *arguments = operation
    try:
        getattr(disk, name)(*arguments)
    except FileNotFoundError:
        assert (name, arguments[0] in disk.files()) == ("replace", False)


@given(st.lists(OPERATIONS, max_size=25))
def test_a_disk_that_is_full_at_times_shows_what_a_large_one_shows(
    operations: list[tuple],
) -> None:
    # Method: the same changes to a full disk and to a healthy one, with room now and then.
    with SimWorld() as world:
        world.start(Writer, None, name=NAME)
        disk, healthy = actor(world).disk, world.disk("host")
        small = Small()
        world.disk(NAME).faults.append(small)

        def shown(of: Any) -> dict[str, bytes]:
            return {file: of.load(file) for file in of.files()}

        for operation in operations:
            if operation[0] == "room":
                small.left += operation[1]
                world.run_for(seconds(1))
                continue
            for each in (disk, healthy):
                applied(each, operation)
            assert shown(disk) == shown(healthy)
        small.left = 1_000
        done: list[Callable[[], None]] = []
        disk.flush(lambda: done.append(print))
        world.run_for(seconds(2))
        assert (shown(world.disk(NAME)), len(done)) == (shown(healthy), 1)
