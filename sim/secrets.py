"""A registry of bytes that must not be seen, which only checkers read.

A vault announces each secret as it comes into being; a checker asks whether a frame or a disk
block shows one. What does not belong here: what a secret is for.
"""

from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any, Final

#: Shorter values would be found by accident, and need not contain an aligned word.
SECRET_BYTES_MIN: Final = 16
_WORD_BYTES: Final = 8
#: At most one word in so many of a block is read; chosen: as many as keys of 32 bytes allow.
_STEP_MAX: Final = 3
#: Blocks up to this size are read by a struct made for their size, which is faster; chosen: most
#: frames are shorter, and the structs of all sizes together take little room.
_STRUCT_BYTES_MAX: Final = 1_024
#: How many clean blocks are remembered; chosen: more than are written between two replicas.
_CLEAN_KEPT: Final = 64


class _Index:
    """What finds secrets of some kinds in a block.

    Of a block one word in every ``stride`` bytes is read. Wherever a secret stands, such a word
    begins in its first ``stride`` bytes, and lies in it whole if it has ``stride + 7`` bytes or
    more; so each secret is indexed by the words at all of those places.
    """

    __slots__ = ("_readers", "_stride", "_words", "clean")

    def __init__(self, secrets: Iterable[bytes]) -> None:
        secrets = list(secrets)
        shortest = min(map(len, secrets), default=_STEP_MAX * _WORD_BYTES + 7)
        self._stride = min(_STEP_MAX, (shortest - 7) // _WORD_BYTES) * _WORD_BYTES
        self._words: set[int] = set()
        self._readers: dict[int, Callable[[bytes], tuple[Any, ...]]] = {}
        #: Blocks found clean since the last secret came: replicas write the same bytes one after
        #: the other, and a frame that is handed on is the same frame.
        self.clean: set[bytes] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: bytes) -> bool:
        """Index one more secret; return False if it is too short to be found by such steps."""
        if len(secret) < self._stride + 7:
            return False
        for start in range(_WORD_BYTES):
            words = secret[start : start + self._stride]
            end = len(words) // _WORD_BYTES * _WORD_BYTES
            self._words.update(memoryview(words[:end]).cast("Q"))
        self.clean.clear()
        return True

    def suspects(self, data: bytes) -> bool:
        """Say whether a word of a block is one of a secret; False is certain."""
        size = len(data)
        if size > _STRUCT_BYTES_MAX:
            aligned = memoryview(data[: size // _WORD_BYTES * _WORD_BYTES]).cast("Q")
            return not self._words.isdisjoint(aligned[:: self._stride // _WORD_BYTES])
        reader = self._readers.get(size)
        if reader is None:
            words = (size + self._stride - _WORD_BYTES) // self._stride
            gap = f"{self._stride - _WORD_BYTES}x"
            reader = self._readers[size] = Struct("=" + gap.join("Q" * words)).unpack_from
        return not self._words.isdisjoint(reader(data))


class Secrets:
    """Known secrets by kind."""

    def __init__(self) -> None:
        self._known: dict[bytes, str] = {}
        #: What was asked for so far: kinds together, and what finds their secrets.
        self._asked: dict[tuple[str, ...], _Index] = {}
        self.count = 0
        self.repeated: list[str] = []  #: kinds of secrets that came into being a second time

    def add(self, kind: str, secret: bytes) -> None:
        """Register a secret of at least 16 bytes; shorter ones are not looked for."""
        if len(secret) < SECRET_BYTES_MIN:
            return
        if secret in self._known:
            self.repeated.append(kind)
            return
        self._known[secret] = kind
        self.count += 1
        for kinds, index in list(self._asked.items()):
            if kind in kinds and not index.add(secret):
                del self._asked[kinds]  # Made anew, with smaller steps, when asked for next.

    def find(self, data: bytes, kinds: tuple[str, ...]) -> str | None:
        """Return the kind of a secret of those kinds that stands in ``data``, or None."""
        index = self._asked.get(kinds)
        if index is None:
            index = _Index(secret for secret, kind in self._known.items() if kind in kinds)
            self._asked[kinds] = index
        clean = index.clean
        if data in clean:
            return None
        if index.suspects(data):
            for secret, kind in self._known.items():
                if kind in kinds and secret in data:
                    return kind
        if len(clean) >= _CLEAN_KEPT:
            clean.clear()
        clean.add(data)
        return None
