"""Bodies on disk: sealed, cut into chunks, mended, and never served wrong."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions import armour
from regions.s3 import bodies
from regions.s3.bodies import Damaged, Span, file_of, read_chunks, seal_chunks, spans
from regions.s3.changes import Piece
from sim.actor import Actor
from sim.disk import SimDisk
from sim.world import SimWorld

MASTER, SALT = b"m" * 32, b"s" * 16
CHUNK = 100


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "CHUNK_BYTES", CHUNK)


@pytest.fixture
def disk() -> Iterator[SimDisk]:
    with SimWorld(seed=1) as world:
        yield world.disk(world.start(Actor, None, name="d"))


def body_of(size: int) -> bytes:
    return bytes(place * 7 % 251 for place in range(size))


def written(disk: SimDisk, size: int, number: int = 1, salt: bytes = SALT) -> Piece:
    for sealed in seal_chunks(MASTER, salt, body_of(size)):
        armour.append(disk, file_of(number), sealed)
    return Piece(file=number, size=size, salt=salt)


def read(disk: SimDisk, piece: Piece, first: int, last: int, master: bytes = MASTER) -> bytes:
    return b"".join(read_chunks(disk, master, piece, first, last))


@pytest.mark.parametrize("size", [1, 99, 100, 101, 1_000, 1_050])
def test_any_stretch_of_a_body_is_read_without_the_rest(disk: SimDisk, size: int) -> None:
    piece, body = written(disk, size), body_of(size)
    cuts = sorted({0, 1, 98, 99, 100, 101, 250, size - 1} & set(range(size)))
    for first in cuts:
        for last in cuts:
            if first <= last:
                assert read(disk, piece, first, last) == body[first : last + 1]
    assert body_of(8) not in disk.load(file_of(1)) or size < 8


def test_small_damage_is_mended_and_more_is_told(disk: SimDisk) -> None:
    piece = written(disk, 250)
    healthy = disk.load(file_of(1))
    disk.lose_sector(file_of(1), 2)
    assert read(disk, piece, 0, 249) == body_of(250)
    assert disk.load(file_of(1)) == healthy
    disk.lose_sector(file_of(1), 2)
    disk.lose_sector(file_of(1), 3)
    assert read(disk, piece, 0, 99) == body_of(100)
    with pytest.raises(Damaged, match=r"^body:1: chunk 1 is lost$"):
        read(disk, piece, 0, 100)


def test_a_body_opens_under_its_own_key_in_its_own_place_and_length_only(disk: SimDisk) -> None:
    piece = written(disk, 250)
    other = Piece(file=1, size=250, salt=b"o" * 16)
    for wrong, master in ((piece, b"w" * 32), (other, MASTER)):
        with pytest.raises(Damaged, match=r"^body:1: chunk 0: sealed text of 116 bytes does not"):
            read(disk, wrong, 0, 0, master)
    with pytest.raises(Damaged, match="chunk 0"):
        read(disk, Piece(file=1, size=200, salt=SALT), 0, 0)
    for sealed in reversed(list(seal_chunks(MASTER, SALT, body_of(200)))):
        armour.append(disk, file_of(2), sealed)
    with pytest.raises(Damaged, match=r"^body:2: chunk 0"):
        read(disk, Piece(file=2, size=200, salt=SALT), 0, 0)


def test_equal_bodies_are_sealed_to_other_bytes() -> None:
    first, second = ([*seal_chunks(MASTER, salt, bytes(300))] for salt in (b"a" * 16, b"b" * 16))
    assert len({*first, *second}) == len(first) + len(second)


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.data())
def test_spans_name_the_bytes_of_pieces_that_follow_each_other(
    sizes: list[int], data: st.DataObject
) -> None:
    pieces = tuple(Piece(file=n, size=size, salt=b"") for n, size in enumerate(sizes))
    whole = [(piece.file, place) for piece in pieces for place in range(piece.size)]
    first = data.draw(st.integers(0, len(whole) - 1))
    last = data.draw(st.integers(first, len(whole) - 1))
    found = list(spans(pieces, first, last))
    named = [(s.piece.file, place) for s in found for place in range(s.first, s.last + 1)]
    assert named == whole[first : last + 1]
    assert all(isinstance(span, Span) and span.first <= span.last for span in found)
    assert all(a.piece.file < b.piece.file for a, b in pairwise(found))
