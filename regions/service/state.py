"""The state of a service on its disk: every change in a journal, now and then written afresh.

====================  ===========================================================================
file                  content (journal entries in blocks that mend themselves, see armour.py)
====================  ===========================================================================
state:NUMBER          the changes that rebuild the state, StateEnd, and every change since; the
                      highest number that holds a StateEnd counts
====================  ===========================================================================

What does not belong here: what a change means (each service's own state), or when a caller is
answered (service.py).
Source: layout chosen, as that of the trail's state.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from regions import armour
from regions.trail.group_commit import GroupCommit, Then
from regions.trail.journal import entries, entry
from sim.disk import Disk
from sim.wire import Codec, Message

#: The journal is written afresh when it has grown by this, and to twice what it was; chosen.
GROWN_BYTES: Final = 256 * 1024
_PREFIX: Final = "state:"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateEnd(Message):
    """The state before this is whole; changes follow."""


class State(Protocol):
    """What one service knows: a pure value that changes by messages."""

    def apply(self, change: Message) -> None:
        """Take a change over; it was checked before, so it cannot fail."""

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""


def state_codec(frames: dict[int, type]) -> Codec:
    """Return the codec of a service's journal: its changes, and StateEnd as id 899."""
    return Codec({**frames, 899: StateEnd})


class Journal:
    """Keeps a state and its disk alike.

    Args:
      disk: of the service's actor; other files on it are left alone.
      codec: made by ``state_codec``.
      note: told what the disk had lost, in words.
    """

    def __init__(self, disk: Disk, codec: Codec, note: Callable[[str], None]) -> None:
        self._disk = disk
        self._codec = codec
        self._note = note
        self._commit = GroupCommit(disk)
        self._file = ""
        self._fresh = 0  #: size of the file when it was new

    def restore(self, state: State) -> None:
        """Fill an empty state from the disk, and begin a new file with it."""
        files = self._files()
        for file in reversed(files):
            found = armour.read(self._disk, file)
            if found.finding:
                self._note(f"{file}: {found.finding}")
            changes = [self._codec.decode(part) for part in entries(found.data)]
            if any(isinstance(change, StateEnd) for change in changes):
                for change in changes:
                    if not isinstance(change, StateEnd):
                        state.apply(change)
                break
        number = int(files[-1].removeprefix(_PREFIX)) if files else 0
        self._begin(number + 1, state)

    def keep(self, changes: Iterable[Message], state: State, then: Then | None = None) -> None:
        """Write changes that the state has taken over already; ``then()`` when they are durable."""
        data = b"".join(entry(self._codec.encode(change)) for change in changes)
        if data:
            armour.append(self._disk, self._file, data)
        self._commit.durable(then)
        size = self._disk.size(self._file)
        if size > max(2 * self._fresh, self._fresh + GROWN_BYTES):
            self._begin(int(self._file.removeprefix(_PREFIX)) + 1, state)

    def durable(self, then: Then) -> None:
        """Call ``then()`` once everything written so far is durable."""
        self._commit.durable(then)

    def _files(self) -> list[str]:
        found = [file for file in self._disk.files() if file.startswith(_PREFIX)]
        return sorted(found, key=lambda file: int(file.removeprefix(_PREFIX)))

    def _begin(self, number: int, state: State) -> None:
        """Write the whole state into a file of its own; the older ones go when it is durable."""
        old = self._files()
        self._file = f"{_PREFIX}{number}"
        armour.append(self._disk, self._file, b"".join(self._whole(state)))
        self._fresh = self._disk.size(self._file)

        def replaced() -> None:
            for file in old:
                self._disk.remove(file)

        self._commit.durable(replaced)

    def _whole(self, state: State) -> Iterator[bytes]:
        for change in state.changes():
            yield entry(self._codec.encode(change))
        yield entry(self._codec.encode(StateEnd()))
