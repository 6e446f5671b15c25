"""Which records a sink has passed on: one mark for each, which survives snapshots and power cuts.

What does not belong here: files and their plans (deliveries.py), and who is told (sinks/).
Source: layout chosen, as that of deliveries.py.
"""

from collections.abc import Callable, Iterable

from regions.trail.deliveries import to_runs
from regions.trail.history import History
from regions.trail.kept import Kept


class Marks:
    """The sequences of records that need no further try."""

    def __init__(self) -> None:
        self._marks = bytearray()
        self._cursor = 0  #: everything before was judged under the present settings

    def judge_again(self) -> None:
        """Settings have changed: look at all records once more."""
        self._cursor = 0

    def missing(self, wanted: Callable[[Kept], bool], history: History, head: int) -> list[Kept]:
        """Return the records below ``head`` that are wanted and not marked, in order of arrival.

        Args:
          wanted: must say the same of a record until ``judge_again()``.
        """
        marks = self._marks
        marks.extend(bytes(max(0, head - len(marks))))
        first = marks.find(0, self._cursor, head)
        if first < 0:
            return []
        found = [e for e in history.since(first, head) if not marks[e.sequence] and wanted(e)]
        self._cursor = found[0].sequence if found else head
        return found

    def mark(self, runs: tuple[int, ...]) -> None:
        """Count these records as done with."""
        marks = self._marks
        for place in range(0, len(runs), 2):
            first, count = runs[place], runs[place + 1]
            marks.extend(bytes(max(0, first + count - len(marks))))
            marks[first : first + count] = b"\x01" * count

    def runs(self) -> tuple[int, ...]:
        """Return all that is marked as (first, count) pairs, flat."""
        marks, runs, place = self._marks, [], 0
        while (first := marks.find(1, place)) >= 0:
            end = marks.find(0, first)
            place = len(marks) if end < 0 else end
            runs += [first, place - first]
        return tuple(runs)

    def forget_from(self, head: int) -> None:
        """Unmark sequences that a power cut took back; they will be given out again."""
        del self._marks[head:]


def runs_of(events: Iterable[Kept]) -> tuple[int, ...]:
    """Return the sequences of some records as runs."""
    return to_runs(sorted(event.sequence for event in events))
