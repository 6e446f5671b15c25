"""One AZ of a life: what was done to its power and its host, and what is due to happen to it.

What does not belong here: whether its copy can be read (look.py), and when things happen (life.py).
"""

from typing import Final

from regions.faults import FAULTS, Fault
from sim.rng import Stream
from sim.world import SimWorld

LIT: Final = "lit"
DARK: Final = "dark"
GONE: Final = "gone"


class Place:
    """One AZ.

    Args:
      name: ``REGION/AZ``.
    """

    def __init__(self, world: SimWorld, name: str) -> None:
        self._world = world
        self.name = name
        self.az, self.node = f"{name}/az", f"{name}/node"
        self.power = LIT
        self.host = True  #: the node's machine works, and its disk is not lost
        self.left: float | None = None  #: years of repair that are left; None: none is under way
        self._dead: list[Fault] = []  #: the faults that keep its host down
        self._dark: Fault | None = None
        self._gone: Fault | None = None

    @property
    def well(self) -> bool:
        """Whether nothing is wrong that can be seen from outside."""
        return self.power == LIT and self.host

    def _begin(self, name: str, target: str) -> Fault:
        fault = FAULTS[name](target)
        fault.inject(self._world)
        return fault

    def lose_host(self) -> None:
        """The host of the replica dies with its disk."""
        self.host = False
        self._dead = [self._begin("site-loss", self.node), self._begin("crash", self.az)]

    def new_host(self) -> None:
        """Boot a host with an empty disk; in an AZ without power it boots with the others."""
        self.host, self.left = True, None
        for fault in self._dead:
            fault.heal(self._world)
        self._dead = []

    def darken(self) -> None:
        """Cut the power of the whole AZ."""
        self.power = DARK
        self._dark = self._begin("power-off", self.name)

    def light(self) -> None:
        """Give it back."""
        self.power = LIT
        assert self._dark is not None, f"{self.name} has power"
        self._dark.heal(self._world)
        self._dark = None

    def destroy(self) -> None:
        """Lose everything in the AZ."""
        self._gone = self._begin("site-loss", self.name)
        if self.host:
            self.lose_host()
        if self._dark is not None:
            self._dark.heal(self._world)
            self._dark = None
        self.power, self.left = GONE, None

    def rebuild(self) -> None:
        """Put new hardware there; the replica's host is still to come."""
        assert self._gone is not None, f"{self.name} stands"
        self._gone.heal(self._world)
        self._gone, self.power = None, LIT

    def heal(self) -> None:
        """Give back all that was taken."""
        if self._gone is not None:
            self.rebuild()
        if self._dark is not None:
            self.light()
        if self._dead:
            self.new_host()

    def rot(self, key_id: str, token: bytes, rng: Stream) -> bool:
        """Flip a bit of each of the disk's records of a key, in its token where that stands."""
        disk, found = self._world.disk(self.node), False
        for file in disk.files():
            stored = disk.load(file)
            for record in (token, key_id.encode()):
                at = stored.find(record)
                if at >= 0:
                    disk.rot(file, at + rng.randrange(len(record)), rng=rng)
                    found = True
                    break
        return found
