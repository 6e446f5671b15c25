"""What is due when: keys ordered by a calendar time, the earliest first.

What does not belong here: what is done when a time has come (jobs/).
"""

from bisect import bisect_left, insort


class Schedule:
    """At most one time per key; equal times are ordered by key id."""

    __slots__ = ("_due_ns", "_order")

    def __init__(self) -> None:
        self._due_ns: dict[str, int] = {}
        self._order: list[tuple[int, str]] = []  # the same, sorted

    def first(self) -> tuple[int, str] | None:
        """Return the earliest time and its key, or None."""
        return self._order[0] if self._order else None

    def due_ns(self, key_id: str) -> int | None:
        """Return the time set for a key, or None."""
        return self._due_ns.get(key_id)

    def put(self, key_id: str, due_ns: int) -> None:
        """Set, or set anew, the time of a key."""
        self.drop(key_id)
        self._due_ns[key_id] = due_ns
        insort(self._order, (due_ns, key_id))

    def set(self, key_id: str, due_ns: int | None) -> None:
        """Set the time of a key, or forget it when there is none."""
        if due_ns is None:
            self.drop(key_id)
        else:
            self.put(key_id, due_ns)

    def drop(self, key_id: str) -> None:
        """Forget a key's time, if it has one."""
        due_ns = self._due_ns.pop(key_id, None)
        if due_ns is not None:
            del self._order[bisect_left(self._order, (due_ns, key_id))]
