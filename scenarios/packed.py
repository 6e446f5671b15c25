"""A long list of records that takes little room: walked from front to back, never changed.

Few rows are kept as they are; many are compressed in blocks, and made anew at each walk.
What does not belong here: what the rows mean.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

import msgpack

#: A list of up to so many rows is not compressed; chosen: an ordinary run has fewer.
PLAIN_ROWS: Final = 10_000
#: Rows of one block; chosen.
BLOCK_ROWS: Final = 4_096

Row = TypeVar("Row")


class Packed(Generic[Row]):
    """Rows of one dataclass, whose fields are plain values.

    Args:
      made: the dataclass.
      plain: how many rows are kept as they are.
      block: how many are compressed together.
    """

    def __init__(self, made: type[Row], plain: int = PLAIN_ROWS, block: int = BLOCK_ROWS) -> None:
        kind: Any = made
        self._kind = kind
        self._values = attrgetter(*(field.name for field in fields(kind)))
        self._plain_max, self._size = plain, block
        self._blocks: list[bytes] = []
        self._rows: list[Row] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        for block in self._blocks:
            for values in msgpack.unpackb(zlib.decompress(block), use_list=False):
                yield self._kind(*values)
        yield from self._rows

    def where(self, wanted: Callable[[Sequence[Any]], bool]) -> Iterator[Row]:
        """Yield the rows that are wanted; others are not even made.

        Args:
          wanted: is shown the values of a row, in the order of its fields.
        """
        for block in self._blocks:
            for values in msgpack.unpackb(zlib.decompress(block), use_list=False):
                if wanted(values):
                    yield self._kind(*values)
        yield from (row for row in self._rows if wanted(self._values(row)))

    def extend(self, rows: Iterable[Row]) -> None:
        """Put rows behind the last one."""
        before = len(self._rows)
        self._rows.extend(rows)
        self._count += len(self._rows) - before
        if self._count > self._plain_max:
            while len(self._rows) >= self._size:
                values = [self._values(row) for row in self._rows[: self._size]]
                self._blocks.append(zlib.compress(msgpack.packb(values), 1))
                del self._rows[: self._size]
