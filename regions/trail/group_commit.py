"""One flush at a time, and everything written meanwhile shares the next one.

What does not belong here: what is written, or who waits for it.
Source: group commit as in databases; chosen because a flush costs about 0.5 ms.
"""

from collections.abc import Callable

from sim.disk import Disk

Then = Callable[[], None]


class GroupCommit:
    """Calls back once what was written is durable; after a power cut nobody is called."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._waiting: list[Then] = []
        self._dirty = False  #: something was written after the running flush began
        self._flushing = False

    def append(self, file: str, data: bytes, then: Then | None = None) -> None:
        """Append to a file; ``then()`` follows when it is durable."""
        self._disk.append(file, data)
        self.durable(then)

    def durable(self, then: Then | None = None) -> None:
        """Make everything changed so far durable; ``then()`` follows."""
        self._dirty = True
        if then is not None:
            self._waiting.append(then)
        if not self._flushing:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._dirty, self._flushing = False, True
        self._disk.flush(lambda: self._flushed(waiting))

    def _flushed(self, waiting: list[Then]) -> None:
        # Whoever is called back may write at once: that waits for the next flush.
        for then in waiting:
            then()
        self._flushing = False
        if self._dirty:
            self._flush()
