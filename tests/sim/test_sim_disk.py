"""What a power cut, rot and wiping do to a simulated disk."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import Actor, SimDisk, SimWorld, ms, us
from sim.disk import FLUSH_NS, SECTOR_BYTES


def shown(disk: SimDisk) -> dict[str, bytes]:
    return {file: disk.load(file) for file in disk.files()}


def test_a_flush_takes_its_time_and_flushes_queue_up() -> None:
    with SimWorld() as world:
        disk, done = world.disk("host"), []
        disk.flush(lambda: done.append(world.now_ns))
        disk.flush(lambda: done.append(world.now_ns))
        world.run_for(ms(10))
        disk.flush(lambda: done.append(world.now_ns))
        world.run_for(ms(10))
        assert done == [FLUSH_NS, 2 * FLUSH_NS, ms(10) + FLUSH_NS]


def test_what_was_flushed_survives_every_power_cut() -> None:
    for seed in range(30):
        with SimWorld(seed=seed) as world:
            disk = world.disk("host")
            disk.write("a", 0, b"x" * 5_000)
            disk.write("b", 0, b"y")
            disk.replace("b", "c")
            disk.truncate("a", 3_000)
            disk.flush()
            world.run_for(ms(1))
            disk.power_cut()
            assert shown(disk) == {"a": b"x" * 3_000, "c": b"y"}


def test_a_flush_covers_what_was_written_before_it_and_nothing_later() -> None:
    fates = set()
    for seed in range(60):
        with SimWorld(seed=seed) as world:
            disk = world.disk("host")
            disk.append("a", b"1")
            disk.flush()
            disk.append("a", b"2")
            world.run_for(ms(1))
            disk.power_cut()
            fates.add(disk.load("a"))
    assert fates == {b"1", b"12"}


def test_an_unflushed_write_survives_whole_or_torn_at_a_sector_or_not_at_all() -> None:
    # Goal: all fates occur and no other does. Method: 300 seeds over a write of a bit over 3 sectors.
    lengths = set()
    for seed in range(300):
        with SimWorld(seed=seed) as world:
            disk = world.disk("host")
            disk.write("a", 0, b"o" * 100)
            disk.flush()
            world.run_for(ms(1))
            disk.write("a", 100, b"n" * 1_500)
            disk.power_cut()
            content = disk.load("a")
            assert content == (b"o" * 100 + b"n" * 1_500)[: len(content)]
            lengths.add(len(content))
    assert lengths == {100, SECTOR_BYTES, 2 * SECTOR_BYTES, 3 * SECTOR_BYTES, 1_600}


def test_an_overwritten_sector_is_old_or_new() -> None:
    fates = set()
    for seed in range(100):
        with SimWorld(seed=seed) as world:
            disk = world.disk("host")
            disk.write("a", 0, b"o" * 1_024)
            disk.flush()
            world.run_for(ms(1))
            disk.write("a", 0, b"n" * 1_024)
            disk.power_cut()
            fates.add(disk.load("a"))
    assert fates == {b"o" * 1_024, b"n" * 512 + b"o" * 512, b"n" * 1_024}


def test_a_lost_replace_leaves_the_old_file_whole_whatever_was_written_after_it() -> None:
    # Goal: bytes meant for the renamed file never fall into the durable one it would have replaced.
    fates = set()
    for seed in range(200):
        with SimWorld(seed=seed) as world:
            disk = world.disk("host")
            disk.write("log", 0, b"old log")
            disk.write("tmp", 0, b"new")
            disk.flush()
            world.run_for(ms(1))
            disk.replace("tmp", "log")
            disk.append("log", b"+1")
            disk.power_cut()
            fates.add(tuple(sorted(shown(disk).items())))
    assert fates == {
        (("log", b"old log"), ("tmp", b"new")),
        (("log", b"old log"), ("tmp", b"new+1")),
        (("log", b"new"),),
        (("log", b"new+1"),),
    }


def test_a_power_cut_forgets_begun_flushes() -> None:
    with SimWorld() as world:
        disk, done = world.disk("host"), []
        disk.append("a", b"1")
        disk.flush(lambda: done.append("before"))
        world.run_for(us(499))
        disk.power_cut()
        disk.flush(lambda: done.append("after"))
        world.run_for(ms(5))
        assert done == ["after"]


def test_rot_flips_one_bit_in_each_byte_and_no_other() -> None:
    with SimWorld(seed=3) as world:
        disk = world.disk("host")
        disk.write("a", 0, bytes(10))
        disk.rot("a", 2, 3)
        content = disk.load("a")
        assert [byte.bit_count() for byte in content] == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]
        with pytest.raises(ValueError, match=r"^disk host: 'a' has no bytes 8\+3$"):
            disk.rot("a", 8, 3)


def test_a_wiped_disk_is_empty_and_works_on() -> None:
    with SimWorld() as world:
        disk, done = world.disk("host"), []
        disk.append("a", b"1")
        disk.flush(lambda: done.append("flushed"))
        disk.wipe()
        assert shown(disk) == {}
        disk.append("b", b"2")
        world.run_for(ms(1))
        disk.power_cut()
        assert done == ["flushed"]
        assert "a" not in shown(disk)


def test_a_power_cut_of_one_disk_moves_no_dice_of_another() -> None:
    def fate(*, other: bool) -> dict[str, bytes]:
        with SimWorld(seed=9) as world:
            world.start(Actor, None, name="a/one")
            world.start(Actor, None, name="a/other")
            for name in ("a/one", "a/other"):
                world.disk(name).write("f", 0, b"x" * 9_000)
            if other:
                world.crash("a/other")
            world.crash("a/one")
            return shown(world.disk("a/one"))

    assert fate(other=True) == fate(other=False)


def test_every_write_passes_the_taps() -> None:
    with SimWorld() as world:
        seen: list[tuple[str, str, int, bytes]] = []
        world.tap_blocks(lambda *block: seen.append(block))
        disk = world.disk("host")
        disk.append("f", b"ab")
        disk.write("f", 4, b"cd")
        assert seen == [("host", "f", 0, b"ab"), ("host", "f", 2, b"\0\0cd")]


# The model: all that a power cut may leave, from inodes and a journal.


@dataclass
class Inode:
    birth: str
    linked: bool
    content: bytearray = field(default_factory=bytearray)


def fates_of(change: tuple) -> list[int]:
    """Return how a change may end: bytes that survive of a write, 0 or 1 of a journal entry."""
    if change[0] != "write":
        return [0, 1]
    _, _, offset, data = change
    first = SECTOR_BYTES - offset % SECTOR_BYTES
    return sorted({0, len(data), *range(first, len(data), SECTOR_BYTES)})


def outcome(durable: dict[str, bytes], changes: list[tuple], fates: tuple[int, ...]) -> dict:
    """Return the files after a cut in which each change met its fate."""
    inodes = [Inode(name, True, bytearray(content)) for name, content in durable.items()]
    actual = {inode.birth: inode for inode in inodes}
    visible = dict(actual)
    for change, fate in zip(changes, fates, strict=True):
        kind, name, *rest = change
        if kind == "write":
            inode = visible.setdefault(name, Inode(name, False))
            if fate and not inode.linked and inode.birth not in actual:
                actual[inode.birth] = inode
                inode.linked = True
            if fate:
                offset, data = rest
                inode.content.extend(bytes(max(0, offset - len(inode.content))))
                inode.content[offset : offset + fate] = data[:fate]
        elif kind == "truncate":
            if name in visible and fate:
                del visible[name].content[rest[0] :]
        elif kind == "remove":
            if visible.pop(name, None) is not None and fate:
                actual.pop(name, None)
        else:
            inode = visible[rest[0]] = visible.pop(name)
            if fate:
                actual.pop(name, None)
                actual[rest[0]] = inode
                inode.linked = True
    return {name: bytes(inode.content) for name, inode in actual.items()}


def journal_is_a_prefix(changes: list[tuple], fates: tuple[int, ...]) -> bool:
    entries = [fate for change, fate in zip(changes, fates, strict=True) if change[0] != "write"]
    return entries == sorted(entries, reverse=True)


NAMES = st.sampled_from(["a", "b"])
CHANGES = st.one_of(
    st.tuples(
        st.just("write"), NAMES, st.integers(0, 700), st.integers(1, 700).map(lambda n: b"n" * n)
    ),
    st.tuples(st.just("truncate"), NAMES, st.integers(0, 700)),
    st.tuples(st.just("remove"), NAMES),
    st.tuples(st.just("replace"), NAMES, NAMES).filter(lambda c: c[1] != c[2]),
)


@given(
    st.dictionaries(NAMES, st.integers(1, 700).map(lambda n: b"o" * n), max_size=2),
    st.lists(CHANGES, max_size=5),
    st.integers(0, 2**32),
)
def test_a_power_cut_leaves_what_inodes_and_a_journal_could_leave(
    durable: dict[str, bytes], changes: list[tuple], seed: int
) -> None:
    with SimWorld(seed=seed) as world:
        disk = world.disk("host")
        for name, content in durable.items():
            disk.write(name, 0, content)
        disk.flush()
        world.run_for(ms(1))
        applied = []
        for number, change in enumerate(changes):
            kind, name, *rest = change
            size = disk.size(name)
            if kind == "write":
                data = bytes([number + 1]) * len(rest[1])
                disk.write(name, rest[0], data)
                # A gap belongs to the write that makes it.
                gap = max(0, rest[0] - size)
                applied.append(("write", name, rest[0] - gap, bytes(gap) + data))
            elif name in disk.files() and (kind != "truncate" or rest[0] < size):
                getattr(disk, kind)(name, *rest)
                applied.append(change)
        disk.power_cut()
        possible = [
            outcome(durable, applied, fates)
            for fates in itertools.product(*map(fates_of, applied))
            if journal_is_a_prefix(applied, fates)
        ]
        assert shown(disk) in possible
