"""Checksums of objects: as they came, of parts taken together, and as answers show them.

What does not belong here: computing one of a body (api/checksums.py).
Source: Amazon S3 User Guide, "Checking object integrity" and "Full object and composite checksum
types"; combining CRCs: the matrix method of zlib's crc32_combine, written for any reflected CRC.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from regions.api.checksums import ALGORITHMS, checksum
from regions.s3.changes import Digest

FULL_OBJECT, COMPOSITE = "FULL_OBJECT", "COMPOSITE"

#: Reflected polynomials of the algorithms whose checksums can be joined.
_POLYNOMIALS: Final = {
    "CRC32": 0xEDB88320,
    "CRC32C": 0x82F63B78,
    "CRC64NVME": 0x9A6C9329AC4BC9B5,
}
#: Only of whole objects. Source: User Guide, table of supported types.
_FULL_ONLY: Final = frozenset({"CRC64NVME"})


def member_of(algorithm: str) -> str:
    """Return the member that carries a checksum, such as ``ChecksumCRC32``."""
    return f"Checksum{algorithm}"


def kinds_of(algorithm: str) -> tuple[str, ...]:
    """Return which types of checksums an algorithm has for uploads, the default one first."""
    if algorithm in _FULL_ONLY:
        return (FULL_OBJECT,)
    return (COMPOSITE, FULL_OBJECT) if algorithm in _POLYNOMIALS else (COMPOSITE,)


def given(parameters: Mapping[str, Any]) -> Digest | None:
    """Return the checksum that came with a body, which the edge has compared already."""
    for algorithm in ALGORITHMS:
        value = parameters.get(member_of(algorithm))
        if value is not None:
            return Digest(algorithm=algorithm, value=value, kind=FULL_OBJECT)
    return None


def computed(algorithm: str, body: bytes) -> Digest:
    """Return the checksum of a body."""
    found = checksum(algorithm, body)
    return Digest(algorithm=algorithm, value=found.value, kind=FULL_OBJECT)


def shown(digest: Digest | None) -> dict[str, Any]:
    """Return a checksum's members in an answer."""
    if digest is None:
        return {}
    return {member_of(digest.algorithm): digest.value, "ChecksumType": digest.kind}


def joined(algorithm: str, kind: str, parts: Sequence[tuple[Digest, int]]) -> Digest:
    """Return the checksum of an object of these parts, each with its size in bytes."""
    if kind == COMPOSITE:
        every = b"".join(b64decode(digest.value) for digest, _ in parts)
        value = f"{computed(algorithm, every).value}-{len(parts)}"
        return Digest(algorithm=algorithm, value=value, kind=COMPOSITE)
    width = ALGORITHMS[algorithm][0]
    values = ((int.from_bytes(b64decode(digest.value), "big"), size) for digest, size in parts)
    whole = _join_crcs(values, _POLYNOMIALS[algorithm], 8 * width)
    value = b64encode(whole.to_bytes(width, "big")).decode()
    return Digest(algorithm=algorithm, value=value, kind=FULL_OBJECT)


def _join_crcs(parts: Iterable[tuple[int, int]], polynomial: int, bits: int) -> int:
    """Return the CRC of data from the CRC and length of each of its parts."""
    whole = 0
    for value, size in parts:
        whole = _shifted(whole, size, polynomial, bits) ^ value
    return whole


def _shifted(value: int, size: int, polynomial: int, bits: int) -> int:
    """Return what a CRC register becomes when so many zero bytes follow."""
    # Row n of the matrix: what bit n becomes after one more bit of zeros.
    rows = [polynomial, *(1 << place for place in range(bits - 1))]
    left = 8 * size
    while left:
        if left & 1:
            value = _times(rows, value)
        rows = [_times(rows, row) for row in rows]
        left >>= 1
    return value


def _times(rows: Sequence[int], vector: int) -> int:
    found, place = 0, 0
    while vector:
        if vector & 1:
            found ^= rows[place]
        vector >>= 1
        place += 1
    return found
