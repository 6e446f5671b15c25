"""What event data stores want of a region's data events: part of the Trail actor's state.

What does not belong here: telling those who record such events (data_events.py), and what lakes
are told (sinks/lakes.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from regions.lake.messages import DataWish
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeWants(Message):
    """A lake's stores want these data events, in place of what they wanted before."""

    lake: str
    wishes: tuple[DataWish, ...]


#: Ids on the Trail actor's disk, beside those of archive.py.
WISH_FRAMES: Final[dict[int, type[Any]]] = {783: DataWish, 784: LakeWants}


class LakeWishes:
    """The wishes of all lakes that have some."""

    def __init__(self) -> None:
        self._by_lake: dict[str, tuple[DataWish, ...]] = {}

    @property
    def wishes(self) -> tuple[DataWish, ...]:
        """All of them."""
        return tuple(wish for wishes in self._by_lake.values() for wish in wishes)

    def of(self, lake: str) -> tuple[DataWish, ...]:
        """Return the wishes of one lake."""
        return self._by_lake.get(lake, ())

    def apply(self, change: Any) -> None:
        """Take one change over."""
        assert isinstance(change, LakeWants), change
        self._by_lake.pop(change.lake, None)
        if change.wishes:
            self._by_lake[change.lake] = change.wishes

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        for lake, wishes in self._by_lake.items():
            yield LakeWants(lake=lake, wishes=wishes)
