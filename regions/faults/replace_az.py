"""An AZ is lost for good, and another AZ of the region, a new place, takes its part.

Model: every actor of the AZ loses power and never gets it back; a new AZ is launched at the same
instant, its node is admitted to the region's log once the lost one is removed, its HSMs join the
domain, its recorder keeps copies. The end of the fault undoes nothing: whether the new AZ has been
admitted by then is seen in the trace (``members``).
Limits: nobody hesitates: people would take hours to call an AZ lost; launching takes no time.
Source: single-server changes, Ongaro (2014), chapter 4.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.faults.launch import launch_az, next_az
from regions.faults.membership import (
    NEXT,
    MemberChange,
    Request,
    az_option,
    check_place,
    hold_for_good,
)
from regions.replication.messages import ChangeMembers
from sim.options import Option
from sim.world import World


class ReplaceAz(MemberChange):
    """An AZ is lost for good; a new one is launched in its stead and admitted."""

    name: ClassVar[str] = "replace-az"
    place: ClassVar[str] = "an AZ"
    stops: ClassVar[bool] = True
    forgets: ClassVar[bool] = True
    brings: ClassVar[str] = "by"
    options: ClassVar[Mapping[str, Option]] = {"by": az_option("the AZ that takes its part")}

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self.check_az(target.partition("/")[0], self.brings)

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is not one AZ."""
        check_place(cls.name, target)

    def inject(self, world: World) -> None:
        """Lose the one, launch the other, and ask for both changes."""
        region = self.target.partition("/")[0]
        by = self.word("by")
        hold_for_good(world, self.target, self)
        node = launch_az(world, region, next_az(world, region) if by == NEXT else by)
        # The lost one goes first: a majority of those who are left is easier to have without it.
        changes = (ChangeMembers(remove=f"{self.target}/node"), ChangeMembers(add=node))
        Request(world, region, changes, lambda: None)
