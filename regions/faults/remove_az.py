"""A region gives up an AZ that is in good health.

Model: its node is removed from the region's log, and with that no call reaches it and no record is
kept there; it goes on for ``DRAIN_NS``, so that what its recorder holds is published, and loses
its power for good. The end undoes nothing. Limits: two AZs are left of three without a question,
and then both are needed.
Source: single-server changes, Ongaro (2014), chapter 4.
"""

from typing import ClassVar, Final

from regions.faults.membership import MemberChange, Request, check_place, hold_for_good
from regions.replication.messages import ChangeMembers
from sim.units import minutes
from sim.world import World

#: Between removal and the end of power; chosen, twice what copies of records are held (ledger.py).
DRAIN_NS: Final = minutes(4)


class RemoveAz(MemberChange):
    """An AZ leaves its region for good, and is then switched off."""

    name: ClassVar[str] = "remove-az"
    place: ClassVar[str] = "an AZ"
    stops: ClassVar[bool] = True

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is not one AZ."""
        check_place(cls.name, target)

    def inject(self, world: World) -> None:
        """Ask for the removal, and switch the AZ off some time after it."""

        def removed() -> None:
            world.at(world.now_ns + DRAIN_NS, hold_for_good, world, self.target, self)

        change = ChangeMembers(remove=f"{self.target}/node")
        Request(world, self.target.partition("/")[0], (change,), removed)
