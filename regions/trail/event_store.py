"""Events of one region by their order of arrival; old ones are packed, so that months fit.

The newest events are objects. Older ones stand in blocks of equal length, compressed, each with the
words that occur in it, so that a look-up opens only blocks that may hold what it wants.
What does not belong here: what is looked up, and what is too old (history.py).
"""

import zlib
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

import msgpack

from regions.trail.kept import Kept

#: Events of one block; chosen: a block is opened in some milliseconds.
BLOCK_EVENTS: Final = 1024
#: So many of the newest events are never packed; chosen: the files of a busy hour.
FRESH_EVENTS: Final = 8 * BLOCK_EVENTS
#: Opened blocks that are remembered; chosen: a walk opens each block once.
_OPEN_BLOCKS: Final = 4
_LEVEL: Final = 6

_NAMES: Final = tuple(field.name for field in fields(Kept))
_values: Final = attrgetter(*_NAMES)


def words_of(event: Kept) -> Iterator[str]:
    """Yield every text that the attributes of a look-up are compared with."""
    yield event.name
    yield event.source
    yield event.username
    yield event.access_key_id
    for kind, arn in event.resources:
        yield kind
        yield arn
        yield arn.rpartition("/")[2]


class _Block:
    """Some neighbours, packed."""

    __slots__ = ("count", "gone", "packed", "words")

    def __init__(self, events: list[Kept]) -> None:
        rows = [_values(event) for event in events]
        self.packed = zlib.compress(msgpack.packb(rows), _LEVEL)
        self.count = len(events)
        self.words = frozenset(word for event in events for word in words_of(event))
        self.gone: set[int] = set()  #: sequences that were removed since

    def open(self) -> dict[int, Kept]:
        rows = msgpack.unpackb(zlib.decompress(self.packed), use_list=False)
        events = [_kept(row) for row in rows]
        return {event.sequence: event for event in events}


def _kept(row: tuple[Any, ...]) -> Kept:
    return Kept(**dict(zip(_NAMES, row, strict=True)))


class EventStore:
    """Sequence to event.

    Args:
      block: events of a block.
      fresh: how many of the newest events are not packed, at least.
    """

    def __init__(self, block: int = BLOCK_EVENTS, fresh: int = FRESH_EVENTS) -> None:
        self._size, self._fresh_max = block, fresh
        self._fresh: dict[int, Kept] = {}
        self._blocks: dict[int, _Block] = {}  #: by sequence // block
        self._open: dict[int, dict[int, Kept]] = {}
        self._count = 0
        self._next = 0  #: number of the first block that is not packed yet

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Kept]:
        for number in sorted(self._blocks):
            gone = self._blocks[number].gone
            yield from (e for e in self._opened(number).values() if e.sequence not in gone)
        yield from self._fresh.values()

    def add(self, event: Kept) -> None:
        """Take in an event of a new sequence, as a rule a higher one than all before."""
        self._fresh[event.sequence] = event
        self._count += 1
        if event.sequence >= (self._next + 1) * self._size + self._fresh_max:
            self._pack(event.sequence)

    def get(self, sequence: int) -> Kept | None:
        """Return one event, None if it is not there."""
        event = self._fresh.get(sequence)
        if event is not None:
            return event
        number = sequence // self._size
        block = self._blocks.get(number)
        if block is None or sequence in block.gone:
            return None
        return self._opened(number).get(sequence)

    def remove(self, sequence: int) -> None:
        """Forget an event that is there."""
        self._count -= 1
        if self._fresh.pop(sequence, None) is not None:
            return
        number = sequence // self._size
        block = self._blocks[number]
        block.gone.add(sequence)
        if len(block.gone) == block.count:
            del self._blocks[number]
            self._open.pop(number, None)

    def first(self, sequence: int) -> int | None:
        """Return a place at or behind a sequence before which there is nothing from it on."""
        numbers = [number for number in self._blocks if (number + 1) * self._size > sequence]
        if numbers:
            return max(sequence, min(numbers) * self._size)
        first = next(iter(self._fresh), None)
        return None if first is None else max(sequence, first)

    def might_hold(self, sequence: int, word: str) -> bool:
        """Say whether that event may have a word, without looking at the event itself."""
        block = self._blocks.get(sequence // self._size)
        return block is None or sequence in self._fresh or word in block.words

    def _opened(self, number: int) -> dict[int, Kept]:
        events = self._open.get(number)
        if events is None:
            if len(self._open) >= _OPEN_BLOCKS:
                del self._open[next(iter(self._open))]
            events = self._open[number] = self._blocks[number].open()
        return events

    def _pack(self, newest: int) -> None:
        """Pack all whole blocks that are old enough."""
        while newest >= (self._next + 1) * self._size + self._fresh_max:
            low = self._next * self._size
            events = [
                event
                for sequence in range(low, low + self._size)
                if (event := self._fresh.pop(sequence, None)) is not None
            ]
            if events:
                assert self._next not in self._blocks, "a block is packed once"
                self._blocks[self._next] = _Block(events)
            self._next += 1
