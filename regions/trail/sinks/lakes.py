"""Event data stores of any region: their lakes are told that there are records, and read them.

A lake that has said that it wants none is told nothing until it asks again; one that says nothing
is told once more, with growing pauses. So a quiet region says nothing, and no news is lost.
What does not belong here: which records a store wants (lake/), and pages (trail.py).
Source: CloudTrail User Guide, "CloudTrail Lake event data stores": they need no trail.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from regions.lake.messages import DataWish, FollowHistory, HistoryGrew, InsightWish
from regions.trail.kept import Kept
from regions.trail.lake_wishes import WISH_FRAMES, LakeWants, LakeWishes
from regions.trail.sink import Host, Sink
from sim.clock import Timer
from sim.units import seconds
from sim.wire import Message

#: News is told again after the first pause, doubling up to the second; chosen.
TELL_NS: Final = seconds(1)
TELL_MAX_NS: Final = seconds(60)


class LakesSink(Sink):
    """Tells lakes of news; who follows is learned anew after a restart, what they want is kept."""

    name = "lakes"
    frames: ClassVar[Mapping[int, type[Any]]] = WISH_FRAMES
    state: LakeWishes

    @staticmethod
    def new_state() -> LakeWishes:
        """Return the state of a sink that no lake has wanted anything of."""
        return LakeWishes()

    def __init__(self, host: Host, state: Any) -> None:
        super().__init__(host, state)
        self._follow: dict[str, bool] = dict.fromkeys(host.lakes, False)  #: -> it was told
        self._timer: Timer | None = None
        self._tellings = 0

    def resume(self) -> None:
        """Tell every lake: who has wanted news before this start is not known any more."""
        if self.host.archive.head:
            self._news()

    def arrived(self, events: Sequence[Kept]) -> None:
        """Tell the lakes that follow, unless they were told since they have read."""
        del events
        self._news()

    def heard(self, sender: str, message: Message) -> None:
        """A lake reads on, or wants to hear no more."""
        wishes: tuple[DataWish | InsightWish, ...] = ()
        if isinstance(message, FollowHistory):
            self._follow[sender] = False
            wishes = message.wishes
        else:
            self._follow.pop(sender, None)
        if wishes != self.state.of(sender):
            self.host.change([LakeWants(lake=sender, wishes=wishes)])

    def _news(self) -> None:
        fresh = [lake for lake, told in self._follow.items() if not told]
        for lake in fresh:
            self._follow[lake] = True
            self.host.send(lake, HistoryGrew(region=self.host.archive.region))
        if fresh:
            self._tellings = 0
            self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        pause_ns = min(TELL_NS << min(self._tellings, 10), TELL_MAX_NS)
        self._timer = self.host.after(pause_ns, self._tell_again)

    def _tell_again(self) -> None:
        self._timer = None
        late = [lake for lake, told in self._follow.items() if told]
        for lake in late:
            self.host.send(lake, HistoryGrew(region=self.host.archive.region))
        if late:
            self._tellings += 1
            self._arm()
