"""The provider launches a region in a running world.

Model: the new region's actors start in three AZs, agree on a domain key, and serve after some
seconds; routers, AZs and the other regions' trail services learn of it at once. Trails over all
regions cover it without a call by anybody. The end undoes nothing. Limits: every customer may use
it at once, as regions are that need no opt-in; us-east-1 cannot come later where services have the
S3 API beside them, since global services live there.
Source: CloudTrail User Guide, "Multi-Region trails": a new region is included by itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from regions.faults.affliction import DomainFault
from regions.layout import Topology, TopologyError, default_azs
from regions.names import REGIONS
from regions.topology import LAUNCH_REGION
from sim.options import Option
from sim.world import World

#: What stands for the AZs that every new region has.
USUAL = "usual"


class LaunchRegion(DomainFault):
    """One more region begins to serve."""

    name: ClassVar[str] = "launch-region"
    hits: ClassVar[str] = "region"
    place: ClassVar[str] = "a region that is not there yet"
    stops: ClassVar[bool] = False
    makes_place: ClassVar[bool] = True
    options: ClassVar[Mapping[str, Option]] = {
        "azs": Option(USUAL, "word", "its AZ ids, joined by +; usual: the first three"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self.azs: tuple[str, ...] = ()
        if self.word("azs") != USUAL:
            self.azs = tuple(self.word("azs").split("+"))
        for az in self.azs:
            if az not in REGIONS[target]:
                known = ", ".join(REGIONS[target])
                raise ValueError(f"option azs of {self.name}: {az!r} is not one of {known}")

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is no region."""
        if target not in REGIONS:
            raise ValueError(f"fault {cls.name} wants a region as its target, not {target!r}")

    def grown(self, topology: Topology) -> Topology:
        """Return a topology with the region that is launched.

        Raises:
          TopologyError: there is no such AZ.
        """
        azs = self.azs or default_azs(self.target)
        return replace(topology, regions={**topology.regions, self.target: azs})

    def inject(self, world: World) -> None:
        """Launch it.

        Raises:
          ValueError: it is there already, or cannot be built so.
        """
        launch = world.orders.get(LAUNCH_REGION)
        if launch is None:
            raise ValueError("no region can be launched in a world that has none")
        try:
            launch(self.target, self.azs)
        except TopologyError as error:
            raise ValueError(str(error)) from error

    def heal(self, world: World) -> None:
        """Leave the region where it is."""
