"""Blocks that mend themselves: every damage is noticed, and every small one is undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions.armour import COLUMNS, Opened, append, block_bytes, read_block, seal, unseal
from sim.actor import Actor
from sim.disk import SECTOR_BYTES
from sim.world import SimWorld

LENGTHS = (0, 1, 300, 492, 493, 1_500, 492 * COLUMNS, 492 * COLUMNS + 1, 10_000)


def block(length: int) -> bytes:
    return bytes(place * 7 % 251 for place in range(length))


def file_of(*lengths: int, name: str = "f") -> bytes:
    raw = b""
    for length in lengths:
        raw += seal(name, len(raw), block(length))
    return raw


@pytest.mark.parametrize("length", LENGTHS)
def test_a_block_reads_as_it_was_written(length: int) -> None:
    assert unseal("f", file_of(length)) == Opened(blocks=(block(length),))


def test_blocks_follow_each_other() -> None:
    found = unseal("f", file_of(*LENGTHS))
    assert found == Opened(blocks=tuple(block(length) for length in LENGTHS))


@pytest.mark.parametrize("length", LENGTHS)
def test_any_one_bad_sector_is_mended_with_the_bytes_it_had(length: int) -> None:
    raw = file_of(300, length, 5_000)
    blocks = (block(300), block(length), block(5_000))
    for at in range(0, len(raw), SECTOR_BYTES):
        bad = raw[:at] + bytes(SECTOR_BYTES) + raw[at + SECTOR_BYTES :]
        found = unseal("f", bad)
        assert found == Opened(blocks=blocks, mended=((at, raw[at : at + SECTOR_BYTES]),))


@pytest.mark.parametrize("length", [5_000, 10_000, 33_333])
def test_any_stretch_as_long_as_a_column_is_mended(length: int) -> None:
    raw = file_of(length)
    pieces = -(-length // 492)
    column = -(-pieces // COLUMNS) * SECTOR_BYTES
    for at in range(0, len(raw) - column + 1, SECTOR_BYTES):
        found = unseal("f", raw[:at] + b"\xaa" * column + raw[at + column :])
        assert (found.data, found.lost, found.torn) == (block(length), 0, False)


def test_a_sector_that_belongs_elsewhere_is_a_bad_one() -> None:
    raw, other = file_of(3_000), file_of(3_000, name="g")
    sector = slice(SECTOR_BYTES, 2 * SECTOR_BYTES)
    for foreign in (other[sector], raw[:SECTOR_BYTES]):
        found = unseal("f", raw[:SECTOR_BYTES] + foreign + raw[2 * SECTOR_BYTES :])
        assert (found.data, found.mended) == (block(3_000), ((SECTOR_BYTES, raw[sector]),))


def test_what_cannot_be_mended_is_counted_and_the_rest_is_read() -> None:
    raw = file_of(100, 200, 300)
    found = unseal("f", raw[:1_024] + b"\xaa" * 1_024 + raw[2_048:])
    assert found == Opened(blocks=(block(100), block(300)), lost=1)
    assert unseal("f", raw[:2_048] + b"\xaa" * 1_024).lost == 1


def test_a_write_that_was_cut_off_is_torn_and_not_lost() -> None:
    raw = file_of(100, 9_000)
    for end in range(1_024, len(raw), SECTOR_BYTES):
        for rest in (b"", bytes(len(raw) - end)):
            found = unseal("f", raw[:end] + rest)
            assert (found.blocks[0], found.lost) == (block(100), 0)
            assert found.torn == (found.data == block(100) and bool(raw[:end][1_024:] + rest))


@given(st.lists(st.integers(0, 3_000), max_size=4), st.data())
def test_damage_never_makes_other_bytes(lengths: list[int], data: st.DataObject) -> None:
    raw = bytearray(file_of(*lengths))
    if raw:
        for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
            raw[at] ^= data.draw(st.integers(1, 255))
    found = unseal("f", bytes(raw))
    whole = [block(length) for length in lengths]
    remaining = iter(whole)
    assert all(any(each == other for other in remaining) for each in found.blocks)
    assert found.lost or found.torn or list(found.blocks) == whole


def test_only_whole_sectors_can_be_continued() -> None:
    with pytest.raises(AssertionError, match=r"(?m)^file 'f' has 7 bytes, which are no whole sectors$"):
        seal("f", 7, b"")


@pytest.mark.parametrize("length", LENGTHS)
def test_one_block_in_the_middle_of_a_file_is_read_and_mended_alone(length: int) -> None:
    with SimWorld(seed=1) as world:
        disk = world.disk(world.start(Actor, None, name="d"))
        for each in (300, length, 5_000):
            append(disk, "f", block(each))
        at = block_bytes(300)
        healthy = disk.load("f")
        for sector in range(at // SECTOR_BYTES, (at + block_bytes(length)) // SECTOR_BYTES):
            disk.lose_sector("f", sector)
            assert read_block(disk, "f", at, length) == block(length)
            assert disk.load("f") == healthy
        assert read_block(disk, "f", at, length + 1) is None
        for sector in range(at // SECTOR_BYTES, (at + block_bytes(length)) // SECTOR_BYTES):
            disk.lose_sector("f", sector)
        assert read_block(disk, "f", at, length) is None
