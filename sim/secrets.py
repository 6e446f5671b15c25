"""A registry of bytes that must not be seen, which only checkers read.

A vault announces each secret as it comes into being; a checker asks whether a frame or a disk
block shows one. What does not belong here: what a secret is for.
"""

from typing import Final

#: A secret is found by its first bytes, so that one look-up per position is enough.
PREFIX_BYTES: Final = 8
#: Shorter values would be found by accident.
SECRET_BYTES_MIN: Final = 16


class Secrets:
    """Known secrets by kind."""

    def __init__(self) -> None:
        self._by_prefix: dict[bytes, list[tuple[str, bytes]]] = {}
        self._known: set[bytes] = set()
        self.count = 0

    def add(self, kind: str, secret: bytes) -> None:
        """Register a secret of at least 16 bytes; shorter ones are not looked for."""
        if len(secret) < SECRET_BYTES_MIN or secret in self._known:
            return
        self._known.add(secret)
        self._by_prefix.setdefault(secret[:PREFIX_BYTES], []).append((kind, secret))
        self.count += 1

    def find(self, data: bytes, kinds: tuple[str, ...]) -> str | None:
        """Return the kind of the first secret of those kinds that stands in ``data``, or None."""
        prefixes, length = self._by_prefix, PREFIX_BYTES
        if not prefixes:
            return None
        for position in range(len(data) - SECRET_BYTES_MIN + 1):
            candidates = prefixes.get(data[position : position + length])
            if candidates is not None:
                for kind, secret in candidates:
                    if kind in kinds and data.startswith(secret, position):
                        return kind
        return None
