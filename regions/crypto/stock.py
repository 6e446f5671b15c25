"""Random bytes drawn ahead, for what becomes public: one pass of the generator serves many.

What does not belong here: keys, and anything else that stays secret. Bytes in stock outlive the
generator's step, so a glance into the memory would show what is handed out next.
Source: NIST SP 800-90A Rev. 1, section 7.3.2: a request may be for more than one use.
"""

from collections.abc import Callable
from typing import Final

#: Bytes drawn at a time; chosen: nonces of sixteen blobs.
STOCK_BYTES: Final = 448


class Stock:
    """Hands out nonces and initialization vectors, each byte once.

    Args:
      generate: ``generate(size)`` of the generator.
    """

    __slots__ = ("_generate", "_kept", "_next")

    def __init__(self, generate: Callable[[int], bytes]) -> None:
        self._generate = generate
        self._kept, self._next = b"", 0

    def draw(self, size: int) -> bytes:
        """Return the next ``size`` bytes, at most ``STOCK_BYTES``."""
        assert 1 <= size <= STOCK_BYTES, f"request of {size} bytes"
        if self._next + size > len(self._kept):
            self._kept = self._generate(STOCK_BYTES)
            self._next = 0
        begin = self._next
        self._next = begin + size
        return self._kept[begin : self._next]
