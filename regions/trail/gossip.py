"""What one region's Trail actor owes the others: itself and its trails, told until acknowledged.

Trails are changed in their home region; every other region keeps a shadow of each.
What does not belong here: what a trail is (trails.py).
Source: CloudTrail User Guide, "Multi-Region trails": shadow trails in all other regions.
"""

from collections.abc import Iterable
from typing import Final

from regions.trail.archive import Archive
from regions.trail.messages import RegionJoined, RegionWelcomed, ShadowKept, TrailShadow
from regions.trail.trails import TrailSettings
from sim.actor import Actor
from sim.clock import Timer
from sim.units import seconds
from sim.wire import Message

#: Shadows are told again after the first pause, doubling up to the second; chosen.
TELL_NS: Final = seconds(1)
TELL_MAX_NS: Final = seconds(60)


class Gossip:
    """Sends what is owed, again and again.

    Args:
      actor: the Trail actor; its messages and timers are used.
      archive: what it knows.
    """

    def __init__(self, actor: Actor, archive: Archive) -> None:
        self._actor = actor
        self._archive = archive
        self._owed: dict[tuple[str, str], Message] = {}  #: (actor, subject) -> not acknowledged yet
        self._telling: Timer | None = None
        self._tellings = 0

    def greet(self) -> None:
        """Tell every other region that this one is there, and of its trails."""
        me = self._archive.regions[self._archive.region]
        for region in self.others():
            self._owed[region.trail, me.region] = me
            self._actor.send(region.trail, me)
            self._tell(region.trail, self._archive.trails.own())

    def spread(self, changed: Iterable[TrailSettings]) -> None:
        """Tell every other region of changed trails."""
        for region in self.others():
            self._tell(region.trail, changed)

    def welcome(self, region: RegionJoined) -> None:
        """Answer a region that has joined; its disk may be new, so it hears of all trails."""
        self._actor.send(region.trail, RegionWelcomed(region=region.region))
        self._tell(region.trail, self._archive.trails.own())

    def acknowledged(self, sender: str, message: ShadowKept | RegionWelcomed) -> None:
        """Another region has that now."""
        if isinstance(message, RegionWelcomed):
            self._owed.pop((sender, message.region), None)
            return
        owed = self._owed.get((sender, message.arn))
        if isinstance(owed, TrailShadow) and owed.settings.version <= message.version:
            del self._owed[sender, message.arn]

    def others(self) -> list[RegionJoined]:
        """Return every other region, sorted by name."""
        regions = self._archive.regions
        return [regions[r] for r in sorted(regions) if r != self._archive.region]

    def _tell(self, trail: str, settings: Iterable[TrailSettings]) -> None:
        """Tell one region of trails, and all that are owed again later, until they acknowledge.

        Only that one hears at once: of many regions that start together each greets all others,
        and telling everything to everybody each time would grow with their cube.
        """
        for one in settings:
            shadow = TrailShadow(settings=one)
            self._owed[trail, one.arn] = shadow
            self._actor.send(trail, shadow)
        self._tellings = 0
        if self._telling is not None:
            self._telling.cancel()
        self._telling = self._actor.after(TELL_NS, self._tell_again) if self._owed else None

    def _tell_again(self) -> None:
        self._telling = None
        for (to, _), message in self._owed.items():
            self._actor.send(to, message)
        if self._owed:
            self._tellings += 1
            pause_ns = min(TELL_NS << min(self._tellings, 10), TELL_MAX_NS)
            self._telling = self._actor.after(pause_ns, self._tell_again)
