"""The log as a member holds it in memory: a base, consecutive entries, and rotted slots.

What does not belong here: how entries lie on disk (log.py) and who may append them (raft.py).
Source: Ongaro (2014), sections 3.5 and 4.1 (a group is in force as soon as it stands in the log,
and no longer when it is cut off); slots that keep their place: Alagappan et al. (FAST'18).
"""

from collections.abc import Iterable

from regions.replication.group import Group, decode_group
from regions.replication.messages import Entry


class Entries:
    """Entries ``base_index + 1 .. last_index`` without gaps.

    A *hole* is a slot whose data rotted but whose index and term are known: it counts for votes,
    since it was flushed and acknowledged, but it can be neither sent, applied nor acknowledged.
    """

    __slots__ = ("_list", "base_index", "base_term", "groups", "holes", "last_index", "last_term")

    def __init__(self, base_index: int = 0, base_term: int = 0) -> None:
        self.base_index = base_index  #: state up to here lies in a snapshot
        self.base_term = base_term
        self._list: list[Entry] = []
        self.last_index = base_index
        self.last_term = base_term
        self.holes: dict[int, int] = {}  #: index -> term; their slots hold empty data
        #: (since which index, group), oldest first: one known from before, and those in the log.
        self.groups: list[tuple[int, Group]] = [(base_index, Group())]

    def __len__(self) -> int:
        return len(self._list)

    @property
    def group(self) -> Group:
        """The newest group of the log, committed or not: the one in force."""
        return self.groups[-1][1]

    def group_at(self, index: int) -> Group:
        """Return the group that was in force after an index."""
        known = [group for since, group in self.groups if since <= index]
        return known[-1] if known else self.groups[0][1]

    def know_group(self, index: int, group: Group) -> None:
        """Learn from a snapshot, or from how the group was founded, what held after an index."""
        self.groups = [(index, group), *(known for known in self.groups if known[0] > index)]

    def _note_group(self, entry: Entry) -> None:
        if entry.config:
            self.groups.append((entry.index, decode_group(entry.data)))
            self.groups.sort(key=_since)

    def term_at(self, index: int) -> int | None:
        """Return the term of a slot, or None if it is not held."""
        offset = index - self.base_index - 1
        if 0 <= offset < len(self._list):
            return self._list[offset].term
        return self.base_term if offset == -1 else None

    def get(self, index: int) -> Entry | None:
        """Return a healthy entry, or None."""
        offset = index - self.base_index - 1
        if 0 <= offset < len(self._list) and index not in self.holes:
            return self._list[offset]
        return None

    def slice(self, first: int, last: int) -> tuple[Entry, ...]:
        """Return the entries ``first..last``, which must be held."""
        assert first > self.base_index, f"entry {first} is compacted away"
        return tuple(self._list[first - self.base_index - 1 : last - self.base_index])

    def all(self) -> tuple[Entry, ...]:
        """Return every entry, holes as empty ones."""
        return tuple(self._list)

    def batch(self, first: int, entries_max: int, bytes_max: int) -> tuple[Entry, ...]:
        """Return entries from ``first`` on for one message: at least one, if there is one."""
        start = first - self.base_index - 1
        found = self._list[start : start + entries_max]
        size = 0
        for count, entry in enumerate(found):
            size += len(entry.data)
            if size > bytes_max and count:
                return tuple(found[:count])
        return tuple(found)

    def append(self, entry: Entry) -> None:
        """Add the next entry."""
        assert entry.index == self.last_index + 1, f"entry {entry.index} leaves a gap"
        assert entry.term >= self.last_term, f"entry {entry.index} goes back in terms"
        self._list.append(entry)
        self.last_index, self.last_term = entry.index, entry.term
        if entry.config:
            self._note_group(entry)

    def extend(self, entries: Iterable[Entry]) -> None:
        """Add the next entries."""
        for entry in entries:
            self.append(entry)

    def add_hole(self, index: int, term: int) -> None:
        """Add the next slot as a rotted one."""
        self.append(Entry(index=index, term=term, data=b""))
        self.holes[index] = term

    def fill(self, entry: Entry) -> bool:
        """Put an entry into the hole of its index and term; say whether there was one."""
        if self.holes.get(entry.index) != entry.term:
            return False
        del self.holes[entry.index]
        self._list[entry.index - self.base_index - 1] = entry
        self._note_group(entry)
        return True

    def first_hole(self) -> int:
        """Return the lowest rotted slot, or one past the last entry."""
        return min(self.holes) if self.holes else self.last_index + 1

    def truncate(self, last: int) -> None:
        """Forget everything after ``last``."""
        assert last >= self.base_index, f"slot {last} lies in the snapshot"
        del self._list[last - self.base_index :]
        self.last_index = last
        self.last_term = self._list[-1].term if self._list else self.base_term
        for index in [i for i in self.holes if i > last]:
            del self.holes[index]
        while len(self.groups) > 1 and self.groups[-1][0] > last:
            self.groups.pop()

    def compact(self, upto: int) -> None:
        """Forget entries up to and including ``upto``, which a snapshot covers."""
        term = self.term_at(upto)
        assert term is not None, f"slot {upto} is not held"
        del self._list[: upto - self.base_index]
        self.base_index, self.base_term = upto, term
        for index in [i for i in self.holes if i <= upto]:
            del self.holes[index]
        while len(self.groups) > 1 and self.groups[1][0] <= upto:
            del self.groups[0]

    def reset(self, index: int, term: int) -> None:
        """Begin anew after a snapshot, whose group is the only one that is known."""
        self.groups = [(index, self.group_at(index))]
        self._list.clear()
        self.holes.clear()
        self.base_index = self.last_index = index
        self.base_term = self.last_term = term


def _since(known: tuple[int, Group]) -> int:
    return known[0]
