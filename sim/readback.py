"""Reads back what was written to a doubtful disk, before anybody relies on it.

A flush that completes says nothing about *where* a drive put the bytes; reading them back does.
What is found to differ is written again. A flush that lies is not found out this way: the drive's
cache answers the read.
What does not belong here: which disk is doubtful (disk.py), who waits for a flush (actor.py).
Source: write-verify of ATA and SCSI drives; Bairavasundaram et al., FAST'08, on lost and
misdirected writes.
"""

from dataclasses import dataclass, replace

from sim.disk import Disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One write that no flush has confirmed yet."""

    number: int
    file: str
    offset: int
    data: bytes

    def overlaps(self, other: "Written") -> bool:
        """Say whether both wrote some same byte."""
        return (
            self.file == other.file
            and self.offset < other.offset + len(other.data)
            and other.offset < self.offset + len(self.data)
        )


class ReadBack:
    """What one incarnation wrote to its disk while that was doubtful."""

    def __init__(self) -> None:
        self._written: list[Written] = []
        self._number = 0

    def __bool__(self) -> bool:
        return bool(self._written)

    @property
    def newest(self) -> int:
        """The number of the newest write, for ``wrong``."""
        return self._number

    def wrote(self, file: str, offset: int, data: bytes) -> None:
        """Remember a write."""
        if data:
            self._number += 1
            self._written.append(Written(number=self._number, file=file, offset=offset, data=data))

    def cut(self, file: str, size: int = 0) -> None:
        """Forget what was written behind a size: the file was cut, or removed."""
        kept = []
        for each in self._written:
            if each.file == file and each.offset + len(each.data) > size:
                if each.offset >= size:
                    continue
                each = replace(each, data=each.data[: size - each.offset])  # noqa: PLW2901
            kept.append(each)
        self._written = kept

    def renamed(self, old: str, new: str) -> None:
        """Follow a file to its new name, whose own bytes are gone."""
        self.cut(new)
        self._written = [
            replace(each, file=new) if each.file == old else each for each in self._written
        ]

    def wrong(self, disk: Disk, upto: int) -> list[Written]:
        """Return the writes up to a number that read otherwise, and forget all of these.

        A write that a later one touches is left to the later one's turn.
        """
        due = [each for each in self._written if each.number <= upto]
        found = [
            each
            for each in due
            if disk.read(each.file, each.offset, len(each.data)) != each.data
            and not any(o.number > each.number and o.overlaps(each) for o in self._written)
        ]
        self._written = [each for each in self._written if each.number > upto]
        return found
