"""The events of event data stores on the lake's disk: files by store and day, checked and mended.

=============================  ===================================================================
file                           content (journal entries in blocks that mend themselves, armour.py)
=============================  ===================================================================
events:STORE:DAY:EPOCH         events that arrived on that day of that incarnation, StoredEvent
result:QUERY                   the rows of a query's result, JSON
=============================  ===================================================================

An event stands in a store once, by its eventID, however often it is handed in. A file goes when
all that it may hold is older than the store's retention.
What does not belong here: which events a store wants (stores.py), flushing (lake.py).
Source: layout chosen, as that of the trail's records.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from regions import armour
from regions.trail.journal import entries, entry
from sim.disk import Disk
from sim.units import days
from sim.wire import Codec, Message

_EVENTS: Final = "events"
_RESULT: Final = "result:"

Row = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent(Message):
    """One event as it lies in a store."""

    event_id: str
    time_ns: int  #: calendar
    text: str  #: the event, a JSON object


_CODEC: Final = Codec({1: StoredEvent})


def _key(event_id: str) -> bytes:
    """Return an event id as it is remembered: the 16 bytes of a UUID take a third of its text."""
    try:
        return bytes.fromhex(event_id.replace("-", ""))
    except ValueError:
        return event_id.encode("utf-8", "replace")


class Shelf:
    """All events of one store."""

    def __init__(self, store_id: str) -> None:
        self.store_id = store_id
        self.bytes = 0  #: of their JSON
        self.files: list[str] = []
        self.loaded = False  #: whether a table has what is in the files
        self.waiting: list[str] = []  #: events that came after that
        self._known: set[bytes] = set()

    @property
    def count(self) -> int:
        """How many events there are."""
        return len(self._known)

    def remember(self, event: StoredEvent) -> bool:
        """Count an event; False if it is there already."""
        key = _key(event.event_id)
        if key in self._known:
            return False
        self._known.add(key)
        self.bytes += len(event.text)
        return True


class EventFiles:
    """Reads and writes the files of all stores of a lake.

    Args:
      disk: of the lake's actor.
      epoch: its incarnation.
      note: told what the disk had lost, in words.
    """

    def __init__(self, disk: Disk, epoch: int, note: Callable[[str], None]) -> None:
        self._disk, self._epoch, self._note = disk, epoch, note
        self._shelves: dict[str, Shelf] = {}

    def restore(self) -> None:
        """Find out what is there; call it once."""
        for file in sorted(self._disk.files()):
            if file.startswith(f"{_EVENTS}:"):
                shelf = self.shelf(file.split(":")[1])
                shelf.files.append(file)
                for event in self._read(file):
                    shelf.remember(event)

    def shelf(self, store_id: str) -> Shelf:
        """Return a store's events, made on first need."""
        found = self._shelves.get(store_id)
        if found is None:
            found = self._shelves[store_id] = Shelf(store_id)
        return found

    def _read(self, file: str) -> Iterable[StoredEvent]:
        found = armour.read(self._disk, file)
        if found.finding:
            self._note(f"{file}: {found.finding}")
        return [_CODEC.decode(part) for part in entries(found.data)]

    def add(self, store_id: str, events: Iterable[StoredEvent], now_ns: int) -> int:
        """Write those events that are new; return how many. Durable after the next flush."""
        shelf = self.shelf(store_id)
        fresh = [event for event in events if shelf.remember(event)]
        if fresh:
            file = f"{_EVENTS}:{store_id}:{now_ns // days(1):08}:{self._epoch:012}"
            if file not in shelf.files:
                shelf.files.append(file)
            data = b"".join(entry(_CODEC.encode(event)) for event in fresh)
            armour.append(self._disk, file, data)
            if shelf.loaded:
                shelf.waiting += [event.text for event in fresh]
        return len(fresh)

    def to_load(self, store_id: str) -> list[str]:
        """Return the events that a table lacks; from now on it counts as having them."""
        shelf = self.shelf(store_id)
        if shelf.loaded:
            waiting, shelf.waiting = shelf.waiting, []
            return waiting
        shelf.loaded = True
        seen: set[str] = set()
        found: list[str] = []
        for file in shelf.files:
            for event in self._read(file):
                if event.event_id not in seen:
                    seen.add(event.event_id)
                    found.append(event.text)
        return found

    def forget_before(self, store_id: str, oldest_ns: int) -> None:
        """Remove files in which nothing is young enough.

        An event arrives after it took place, so a day's file has none of a later day.
        """
        shelf = self.shelf(store_id)
        for file in list(shelf.files):
            if int(file.split(":")[2]) < oldest_ns // days(1):
                shelf.files.remove(file)
                self._disk.remove(file)

    def drop(self, store_id: str) -> None:
        """Remove all events of a store."""
        for file in self._shelves.pop(store_id, Shelf(store_id)).files:
            self._disk.remove(file)

    # Results of queries.

    def keep_result(self, query_id: str, rows: list[Row]) -> None:
        """Write the rows of a result; durable after the next flush."""
        self.drop_result(query_id)
        text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        armour.append(self._disk, f"{_RESULT}{query_id}", text.encode("utf-8", "replace"))

    def result(self, query_id: str) -> list[list[list[str]]] | None:
        """Return the rows of a result as lists of pairs; None if they cannot be read any more."""
        file = f"{_RESULT}{query_id}"
        if file not in self._disk.files():
            return None
        found = armour.read(self._disk, file)
        if found.finding:
            self._note(f"{file}: {found.finding}")
        rows: list[list[list[str]]] = [] if found.lost or found.torn else json.loads(found.data)
        return None if found.lost or found.torn else rows

    def drop_result(self, query_id: str) -> None:
        """Remove a result."""
        if f"{_RESULT}{query_id}" in self._disk.files():
            self._disk.remove(f"{_RESULT}{query_id}")

    def results(self) -> list[str]:
        """Return the ids of the queries whose results are there."""
        return [f.removeprefix(_RESULT) for f in self._disk.files() if f.startswith(_RESULT)]
