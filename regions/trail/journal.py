"""Checksummed frames in a file that only grows, and what a power cut leaves of them.

One entry: length of the payload (4 bytes, big-endian) ‖ CRC-32 of the payload (4 bytes) ‖ payload.
Files are never written again by a later incarnation, so a torn tail needs no repair: reading
stops at the first entry that does not check.
What does not belong here: what the payloads mean, or when to flush (group_commit.py).
Source: layout chosen; CRC-32 as in ``zlib``.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

_HEAD: Final = struct.Struct(">II")


def entry(payload: bytes) -> bytes:
    """Return a payload of 1 byte to 4 GiB framed for appending."""
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def entries(data: bytes) -> Iterator[bytes]:
    """Yield the payloads of a file up to the first entry that is torn or damaged."""
    position, size = 0, len(data)
    while position + _HEAD.size <= size:
        length, checksum = _HEAD.unpack_from(data, position)
        position += _HEAD.size
        payload = data[position : position + length]
        # An empty payload is what zeros of an unwritten block look like.
        if length == 0 or len(payload) != length or zlib.crc32(payload) != checksum:
            return
        yield payload
        position += length


def intact_size(data: bytes) -> int:
    """Return how many bytes of a file the readable entries take."""
    return sum(_HEAD.size + len(payload) for payload in entries(data))
