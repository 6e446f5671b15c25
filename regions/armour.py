"""Blocks on disk that notice and mend what a drive did to them: checksums, places and a parity.

For what a region has only once, where no peer could give back what rotted. A file is a sequence of
blocks, each of whole sectors:

====  =====  ==================================================================================
 at   bytes  sector
====  =====  ==================================================================================
   0    492  a piece of the block, or the XOR of pieces
 492      4  CRC-32 of the file's name
 496      4  number of the sector in the file
 500      4  number of the block's first sector
 504      4  length of the block in bytes
 508      4  CRC-32 of bytes 0–507
====  =====  ==================================================================================

The pieces of a block stand in up to eight columns of equal height, one after the other; then comes
a parity column, each piece of it the XOR of the pieces of its row. One bad sector in each row can
be mended, so a stretch of bad sectors as long as a column, and a short block even if all of one of
its two sectors is lost. A sector that was meant for another place is a bad one.
What does not belong here: flushing, and what blocks mean.
Source: layout chosen; parity as in RAID 4; checksums with places as in Krioukov et al., "Parity
Lost and Parity Regained" (FAST'08).
"""

import struct
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from sim.disk import SECTOR_BYTES, Disk

_PIECE: Final = 492
#: Columns of pieces; more cost less space and mend less: chosen, an eighth more bytes.
COLUMNS: Final = 8
_MARK: Final = struct.Struct(">IIII")
_CRC: Final = struct.Struct(">I")
_CRC_AT: Final = SECTOR_BYTES - _CRC.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a file still says."""

    blocks: tuple[bytes, ...]  #: the readable ones, in order
    mended: tuple[tuple[int, bytes], ...] = ()  #: (place, sector): to be written again
    lost: int = 0  #: blocks, or stretches of the file, that cannot be mended
    torn: bool = False  #: the file ends in a block that was never completely written

    @property
    def data(self) -> bytes:
        """All readable blocks together."""
        return b"".join(self.blocks)

    @property
    def finding(self) -> str:
        """What was found beside healthy sectors, for the trace; empty if nothing was."""
        parts = [f"sectors mended: {len(self.mended)}"] * bool(self.mended)
        parts += [f"blocks unreadable: {self.lost}"] * bool(self.lost)
        return ", ".join(parts + ["a torn end"] * self.torn)


def _shape(length: int) -> tuple[int, int]:
    """Return how many pieces a block of that length has, and how many rows."""
    pieces = max(1, -(-length // _PIECE))
    return pieces, -(-pieces // min(COLUMNS, pieces))


def _parity(data: bytes, rows: int) -> bytes:
    """Return the parity column: the XOR of all columns, the short last one filled with zeros."""
    width, found = rows * _PIECE, 0
    for at in range(0, len(data), width):
        found ^= int.from_bytes(data[at : at + width].ljust(width, b"\0"), "big")
    return found.to_bytes(width, "big")


def _sector(piece: bytes, tag: int, number: int, first: int, length: int) -> bytes:
    body = piece.ljust(_PIECE, b"\0") + _MARK.pack(tag, number, first, length)
    return body + _CRC.pack(crc32(body))


def seal(file: str, size: int, data: bytes) -> bytes:
    """Return the sectors of a block.

    Args:
      file: the name under which it will be read.
      size: bytes that the file has already, a multiple of 512.
      data: 0 bytes to 4 GiB.
    """
    first, extra = divmod(size, SECTOR_BYTES)
    assert not extra, f"file {file!r} has {size} bytes, which are no whole sectors"
    tag, length = crc32(file.encode()), len(data)
    pieces, rows = _shape(length)
    parity = _parity(data, rows)
    found = [
        _sector(data[i * _PIECE : (i + 1) * _PIECE], tag, first + i, first, length)
        for i in range(pieces)
    ]
    # The parity goes on where the last column ends, so that neighbours are of different rows.
    for place in range(rows):
        row = (pieces + place) % rows
        piece = parity[row * _PIECE : (row + 1) * _PIECE]
        found.append(_sector(piece, tag, first + pieces + place, first, length))
    return b"".join(found)


def unseal(file: str, raw: bytes, begin: int = 0) -> Opened:
    """Read a file: check every sector, mend what can be mended, and say what cannot.

    Args:
      file: its name.
      raw: its bytes, or those of whole blocks of it.
      begin: number of the sector in the file with which they begin.
    """
    tag = crc32(file.encode())
    good: dict[int, bytes] = {}
    lengths: dict[int, int] = {}  #: first sector of a block -> its length
    end = begin + -(-len(raw) // SECTOR_BYTES)
    raw_at = begin * SECTOR_BYTES
    for number in range(begin, end):
        place = number * SECTOR_BYTES - raw_at
        sector = raw[place : place + SECTOR_BYTES]
        if sector[_CRC_AT:] != _CRC.pack(crc32(sector[:_CRC_AT])):
            continue
        its_file, its_number, first, length = _MARK.unpack_from(sector, _PIECE)
        if (its_file, its_number) == (tag, number):
            good[number] = sector
            lengths[first] = length
    blocks, mended, lost, at = [], [], 0, begin
    torn = False
    for first in sorted(lengths):
        length = lengths[first]
        pieces, rows = _shape(length)
        lost += first > at
        at = first + pieces + rows
        bad = [n for n in range(first, at) if n not in good]
        mends = _mend(good, bad, tag, first, length)
        if mends is None:
            torn = at >= end and _is_tail(raw, bad, at, raw_at)
            lost += not torn
            continue
        mended += [(number * SECTOR_BYTES, good[number]) for number in mends]
        data = b"".join(good[n][:_PIECE] for n in range(first, first + pieces))
        blocks.append(data[:length])
    if end > at:
        # No sector of it is readable: written and rotted, or never written.
        torn = not raw[at * SECTOR_BYTES - raw_at :].strip(b"\0")
        lost += not torn
    return Opened(blocks=tuple(blocks), mended=tuple(mended), lost=lost, torn=torn)


def append(disk: Disk, file: str, data: bytes) -> None:
    """Write a block behind the last one; durable after the next flush."""
    disk.append(file, seal(file, disk.size(file), data))


def read(disk: Disk, file: str) -> Opened:
    """Read a file and write again what could be mended; that is durable after the next flush."""
    found = unseal(file, disk.load(file))
    for at, sector in found.mended:
        disk.write(file, at, sector)
    return found


def block_bytes(length: int) -> int:
    """Return how many bytes of a file a block of that length takes."""
    pieces, rows = _shape(length)
    return (pieces + rows) * SECTOR_BYTES


def read_block(disk: Disk, file: str, at: int, length: int) -> bytes | None:
    """Read one block, and write again what could be mended; None if it cannot be read.

    Args:
      at: where in the file it begins.
      length: of the block; one of another length is not it.
    """
    found = unseal(file, disk.read(file, at, block_bytes(length)), at // SECTOR_BYTES)
    for place, sector in found.mended:
        disk.write(file, place, sector)
    if len(found.blocks) != 1 or len(found.blocks[0]) != length:
        return None
    return found.blocks[0]


def _mend(
    good: dict[int, bytes], bad: list[int], tag: int, first: int, length: int
) -> list[int] | None:
    """Add the bad sectors of a block to the good ones; None if two are of the same row."""
    pieces, rows = _shape(length)
    by_row = {(number - first) % rows: number for number in bad}
    if len(by_row) < len(bad):
        return None
    for row, number in by_row.items():
        found = 0
        for other in range(first + row, first + pieces + rows, rows):
            if other != number:
                found ^= int.from_bytes(good[other][:_PIECE], "big")
        good[number] = _sector(found.to_bytes(_PIECE, "big"), tag, number, first, length)
    return bad


def _is_tail(raw: bytes, bad: list[int], end: int, raw_at: int) -> bool:
    """Say whether the bad sectors are the last ones and were never written."""
    if bad != list(range(bad[0], end)):
        return False
    return not raw[bad[0] * SECTOR_BYTES - raw_at :].strip(b"\0")
