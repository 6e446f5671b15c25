"""What event data stores want of a region beside what history has: part of the Trail's state.

What does not belong here: telling those who record such events (data_events.py), and what lakes
are told (sinks/lakes.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from regions.lake.messages import DataWish, InsightWish
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeWants(Message):
    """A lake's stores want data events and Insights, in place of what they wanted before."""

    lake: str
    wishes: tuple[DataWish | InsightWish, ...]


#: Ids on the Trail actor's disk, beside those of archive.py.
WISH_FRAMES: Final[dict[int, type[Any]]] = {783: DataWish, 784: LakeWants, 785: InsightWish}


class LakeWishes:
    """The wishes of all lakes that have some."""

    def __init__(self) -> None:
        self._by_lake: dict[str, tuple[DataWish | InsightWish, ...]] = {}
        self.data: tuple[DataWish, ...] = ()  #: all wishes of data events
        self.insights: tuple[InsightWish, ...] = ()  #: all wishes of Insights

    def of(self, lake: str) -> tuple[DataWish | InsightWish, ...]:
        """Return the wishes of one lake."""
        return self._by_lake.get(lake, ())

    def apply(self, change: Any) -> None:
        """Take one change over."""
        assert isinstance(change, LakeWants), change
        self._by_lake.pop(change.lake, None)
        if change.wishes:
            self._by_lake[change.lake] = change.wishes
        every = [wish for wishes in self._by_lake.values() for wish in wishes]
        self.data = tuple(wish for wish in every if isinstance(wish, DataWish))
        self.insights = tuple(wish for wish in every if isinstance(wish, InsightWish))

    def changes(self) -> Iterable[Message]:
        """Yield changes that make this state out of an empty one."""
        for lake, wishes in self._by_lake.items():
            yield LakeWants(lake=lake, wishes=wishes)
