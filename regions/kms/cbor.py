"""Concise binary objects: as much of CBOR as attestation documents are written in.

Integers, byte and text strings, arrays, maps, tags, booleans and null, each of definite length. The
rest (floats, indefinite lengths, other simple values) is refused, and so is whatever is too deep.
What does not belong here: what a document must contain (attestation.py).
Source: RFC 8949, sections 3 and 3.1.
"""

from typing import Any, Final

DEPTH_MAX: Final = 16
_SIMPLE: Final = {20: False, 21: True, 22: None}
#: Additional information to the number of bytes of the argument that follows.
_ARGUMENT_BYTES: Final = {24: 1, 25: 2, 26: 4, 27: 8}


class NotCbor(ValueError):
    """The bytes are not one object of the kinds above; the text says where they begin to differ."""


def decode(data: bytes) -> Any:
    """Return the one object that the bytes are; tags are passed over.

    Raises:
      NotCbor: they are not, or something follows the object.
    """
    value, end = _item(data, 0, DEPTH_MAX)
    if end != len(data):
        raise NotCbor(f"byte {end}: nothing is expected here")
    return value


def _item(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if not depth:
        raise NotCbor(f"byte {at}: more than {DEPTH_MAX} levels")
    kind, argument, at = _head(data, at)
    if kind in (0, 1):
        return (argument if kind == 0 else -1 - argument), at
    if kind in (2, 3):
        return _string(data, at, argument, kind)
    if kind == 4:
        return _array(data, at, argument, depth)
    if kind == 5:
        return _map(data, at, argument, depth)
    if kind == 6:
        return _item(data, at, depth - 1)
    return _SIMPLE[argument], at


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the major type and the argument of an item, and where its content begins."""
    if at >= len(data):
        raise NotCbor(f"byte {at}: the bytes end too early")
    kind, info = divmod(data[at], 32)
    if kind == 7:
        if info not in _SIMPLE:
            raise NotCbor(f"byte {at}: a float or simple value of kind {info}")
        return kind, info, at + 1
    if info < 24:
        return kind, info, at + 1
    size = _ARGUMENT_BYTES.get(info)
    if size is None:
        raise NotCbor(f"byte {at}: an indefinite or reserved length")
    raw = data[at + 1 : at + 1 + size]
    if len(raw) < size:
        raise NotCbor(f"byte {at}: the bytes end too early")
    return kind, int.from_bytes(raw, "big"), at + 1 + size


def _string(data: bytes, at: int, length: int, kind: int) -> tuple[bytes | str, int]:
    raw = data[at : at + length]
    if len(raw) < length:
        raise NotCbor(f"byte {at}: a string of {length} bytes, and {len(raw)} are left")
    if kind == 2:
        return raw, at + length
    try:
        return raw.decode(), at + length
    except UnicodeDecodeError:
        raise NotCbor(f"byte {at}: a text that is no UTF-8") from None


def _array(data: bytes, at: int, length: int, depth: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(length):
        value, at = _item(data, at, depth - 1)
        found.append(value)
    return found, at


def _map(data: bytes, at: int, length: int, depth: int) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {}
    for _ in range(length):
        begin = at
        name, at = _item(data, at, depth - 1)
        if not isinstance(name, int | str | bytes) or name in found:
            raise NotCbor(f"byte {begin}: a key that is repeated, or no number and no string")
        found[name], at = _item(data, at, depth - 1)
    return found, at
