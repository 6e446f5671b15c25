"""Checksummed frames in a file that only grows, and what damage leaves of them.

One entry: length of the payload (4 bytes, big-endian) ‖ CRC-32 of the payload (4 bytes) ‖ payload.
Reading goes on behind an entry that is torn or rotted, at the next place where an entry checks.
Files are never written again by a later incarnation, so a torn tail needs no repair.
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
    """Yield the payloads of a file that are intact."""
    for _, payload in _spans(data):
        yield payload


def intact_size(data: bytes) -> int:
    """Return where the last readable entry of a file ends."""
    size = 0
    for position, payload in _spans(data):
        size = position + _HEAD.size + len(payload)
    return size


def damaged_bytes(data: bytes) -> int:
    """Return how many bytes before the end of the last readable entry belong to none."""
    readable = sum(_HEAD.size + len(payload) for payload in entries(data))
    return intact_size(data) - readable


def _spans(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + _HEAD.size <= len(data):
        payload = _payload_at(data, position)
        if payload is None:
            position += 1
        else:
            yield position, payload
            position += _HEAD.size + len(payload)


def _payload_at(data: bytes, position: int) -> bytes | None:
    length, checksum = _HEAD.unpack_from(data, position)
    position += _HEAD.size
    # An empty payload is what zeros of an unwritten block look like.
    if not 0 < length <= len(data) - position:
        return None
    payload = data[position : position + length]
    return payload if zlib.crc32(payload) == checksum else None
