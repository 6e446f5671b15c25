"""What a lake and the Trail actors that it follows say to each other.

====================  =============================  ==============================================
message               who to whom                    answer
====================  =============================  ==============================================
FollowHistory         lake asks any region's trail   HistoryPage, once all that is on it is durable
HistoryGrew           trail to a lake, one way       FollowHistory or HistoryUnwanted, one way back
HistoryUnwanted       lake to a trail, one way       none
====================  =============================  ==============================================

A trail tells a lake of news once, and again with growing pauses until the lake has read on or has
said that it wants none: so nothing is lost with a message, and nothing is said in quiet time.
What does not belong here: pages of history (trail/messages.py).
"""

from dataclasses import dataclass
from typing import Any, Final

from regions.trail.selectors import Selectors
from sim.wire import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class DataWish(Message):
    """Some event data store wants these data events, which are kept for who wants them alone."""

    account: str
    selectors: Selectors


@dataclass(frozen=True, slots=True, kw_only=True)
class InsightWish(Message):
    """Some event data store wants Insights of an account."""

    account: str
    since_ns: int  #: calendar time from when it has wanted them
    types: tuple[str, ...]  #: InsightType of each


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowHistory(Message):
    """Read the records of your region in order of arrival, and tell me when there are more."""

    after: int = 0  #: ``next`` of the page before
    since_ns: int = 0  #: calendar; without a page before: from the first event of then on
    #: All that stores of the lake want now beside what history has anyway.
    wishes: tuple[DataWish | InsightWish, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryGrew(Message):
    """There are records that you have not read."""

    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryUnwanted(Message):
    """Tell me nothing of your region until I ask again."""


#: Wire ids 780–785 without 784 (trail/lake_wishes.py), of 780–799. Ids are never reused.
LAKE_FRAMES: Final[dict[int, type[Any]]] = {
    780: FollowHistory,
    781: HistoryGrew,
    782: HistoryUnwanted,
    783: DataWish,
    785: InsightWish,
}
