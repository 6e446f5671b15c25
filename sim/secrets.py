"""A registry of bytes that must not be seen, which only checkers read.

A vault announces each secret as it comes into being; a checker asks whether a frame or a disk
block shows one. What does not belong here: what a secret is for.
"""

from typing import Final

#: Shorter values would be found by accident, and need not contain an aligned word.
SECRET_BYTES_MIN: Final = 16
_WORD_BYTES: Final = 8
#: How many clean blocks are remembered; chosen: more than are written between two replicas.
_CLEAN_KEPT: Final = 32


class Secrets:
    """Known secrets by kind.

    Wherever 16 bytes stand in a block, one of the 8 words that begin in their first half is
    aligned. So each secret is indexed by those 8 words, and a block is read word by word only.
    """

    def __init__(self) -> None:
        self._words: dict[int, list[tuple[str, bytes]]] = {}
        self._known: set[bytes] = set()
        #: What was asked for so far: kinds together, and the words of all their secrets.
        self._asked: dict[tuple[str, ...], set[int]] = {}
        #: Blocks found clean lately, and how many secrets were known then: replicas write the same
        #: bytes one after the other.
        self._clean: dict[tuple[bytes, tuple[str, ...]], int] = {}
        self.count = 0
        self.repeated: list[str] = []  #: kinds of secrets that came into being a second time

    def add(self, kind: str, secret: bytes) -> None:
        """Register a secret of at least 16 bytes; shorter ones are not looked for."""
        if len(secret) < SECRET_BYTES_MIN:
            return
        if secret in self._known:
            self.repeated.append(kind)
            return
        self._known.add(secret)
        for start in range(_WORD_BYTES):
            (word,) = memoryview(secret[start : start + _WORD_BYTES]).cast("Q")
            self._words.setdefault(word, []).append((kind, secret))
            for kinds, words in self._asked.items():
                if kind in kinds:
                    words.add(word)
        self.count += 1

    def find(self, data: bytes, kinds: tuple[str, ...]) -> str | None:
        """Return the kind of a secret of those kinds that stands in ``data``, or None."""
        if self._clean.get((data, kinds)) == self.count:
            return None
        words = self._asked.get(kinds)
        if words is None:
            words = self._asked[kinds] = {
                word
                for word, secrets in self._words.items()
                if any(kind in kinds for kind, _ in secrets)
            }
        aligned = memoryview(data[: len(data) // _WORD_BYTES * _WORD_BYTES]).cast("Q")
        found = None if words.isdisjoint(aligned) else self._confirm(data, aligned, kinds)
        if found is None:
            self._clean[data, kinds] = self.count
            if len(self._clean) > _CLEAN_KEPT:
                del self._clean[next(iter(self._clean))]
        return found

    def _confirm(self, data: bytes, aligned: memoryview, kinds: tuple[str, ...]) -> str | None:
        """Return the kind of a secret that stands whole where one of its words does."""
        for word in aligned:
            for kind, secret in self._words.get(word, ()):
                if kind in kinds and secret in data:
                    return kind
        return None
