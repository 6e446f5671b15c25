"""The files of a simulated disk in memory; what was not written for long is kept compressed.

Nothing shows which files are: only memory and time tell. Long runs write gigabytes of records that
nobody reads before the end.
What does not belong here: what is durable (disk.py).
"""

import zlib
from collections.abc import Collection, Iterator
from typing import Final

#: A disk with less than this many bytes of warm files compresses nothing; chosen: ordinary runs
#: never come this far.
WARM_BYTES: Final = 8 * 2**20
#: After this many bytes of writes the warm files are looked at again; chosen.
ROUND_BYTES: Final = 8 * 2**20
#: Files shorter than this stay as they are; chosen: they would hardly become shorter.
_SMALL_BYTES: Final = 4096
#: Fast, and enough for records, which repeat themselves.
_LEVEL: Final = 1


class Attic:
    """Name to content of all files of one disk."""

    def __init__(self, warm_bytes: int = WARM_BYTES) -> None:
        self._warm: dict[str, bytearray] = {}
        self._cold: dict[str, tuple[int, bytes]] = {}  #: size, and the content compressed
        self._sizes: dict[str, int] = {}  #: of the warm files when they were looked at last
        self._warm_bytes = warm_bytes

    # As a dictionary of bytearrays.

    def get(self, name: str) -> bytearray | None:
        """Return the content of a file, to be changed in place; None if there is none."""
        content = self._warm.get(name)
        return self._thaw(name) if content is None and name in self._cold else content

    def __getitem__(self, name: str) -> bytearray:
        content = self.get(name)
        if content is None:
            raise KeyError(name)
        return content

    def __setitem__(self, name: str, content: bytearray) -> None:
        self._cold.pop(name, None)
        self._warm[name] = content

    def __contains__(self, name: object) -> bool:
        return name in self._warm or name in self._cold

    def __iter__(self) -> Iterator[str]:
        yield from self._warm
        yield from self._cold

    def pop(self, name: str) -> bytearray | None:
        """Take a file away and return its content; None if there is none."""
        content = self.get(name)
        self._warm.pop(name, None)
        return content

    def clear(self) -> None:
        """Take all files away."""
        self._warm.clear()
        self._cold.clear()

    # Without warming anything.

    def read(self, name: str) -> bytes:
        """Return a whole file, empty if absent; a cold one stays cold."""
        content = self._warm.get(name)
        if content is not None:
            return bytes(content)
        cold = self._cold.get(name)
        return b"" if cold is None else zlib.decompress(cold[1])

    def size(self, name: str) -> int:
        """Return the length of a file in bytes, 0 if absent."""
        content = self._warm.get(name)
        if content is not None:
            return len(content)
        cold = self._cold.get(name)
        return 0 if cold is None else cold[0]

    def sizes(self) -> dict[str, int]:
        """Return the length of every file."""
        found = {name: len(content) for name, content in self._warm.items()}
        return found | {name: size for name, (size, _) in self._cold.items()}

    # What is cold.

    def chill(self, busy: Collection[str]) -> None:
        """Compress what has not changed its size since the last time, if there is enough.

        Args:
          busy: names of files that must stay warm.
        """
        warm, before = self._warm, self._sizes
        self._sizes = {name: len(content) for name, content in warm.items()}
        if sum(self._sizes.values()) < self._warm_bytes:
            return
        for name, size in self._sizes.items():
            if size == before.get(name) and size >= _SMALL_BYTES and name not in busy:
                self._cold[name] = size, zlib.compress(warm.pop(name), _LEVEL)

    def _thaw(self, name: str) -> bytearray:
        size, packed = self._cold.pop(name)
        content = self._warm[name] = bytearray(zlib.decompress(packed))
        assert len(content) == size, f"{name} has another size than before"
        return content
