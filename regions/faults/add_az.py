"""A region grows by one AZ.

Model: a new AZ is launched, its node learns the region's log and is admitted as a voter, its HSMs
join the domain, the regional endpoint hands calls to it. The end undoes nothing. Limits: launching
takes no time.
Source: single-server changes, Ongaro (2014), chapter 4.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.faults.launch import launch_az, next_az
from regions.faults.membership import NEXT, MemberChange, Request, az_option
from regions.names import REGIONS
from regions.replication.messages import ChangeMembers
from sim.options import Option
from sim.world import World


class AddAz(MemberChange):
    """One more AZ of a region is launched and admitted."""

    name: ClassVar[str] = "add-az"
    place: ClassVar[str] = "a region"
    stops: ClassVar[bool] = False
    brings: ClassVar[str] = "az"
    options: ClassVar[Mapping[str, Option]] = {"az": az_option("the new AZ")}

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self.check_az(target, self.brings)

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is no region."""
        if target not in REGIONS:
            raise ValueError(f"fault {cls.name} wants a region as its target, not {target!r}")

    def inject(self, world: World) -> None:
        """Launch it, and ask for it to be admitted."""
        az = self.word("az")
        node = launch_az(world, self.target, next_az(world, self.target) if az == NEXT else az)
        Request(world, self.target, (ChangeMembers(add=node),), lambda: None)
