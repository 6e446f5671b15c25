"""A fault that the order service's own data centre has seen: the mains voltage dips for hours.

Model: every so often a drawn share of what stands in the place loses power and boots at once.
Limits: the dips come at regular times, and disks survive all of them.
"""

from collections.abc import Mapping
from typing import ClassVar

from sim import Fault, Option, Timer, World


class BrownOut(Fault):
    """The voltage of a place dips again and again; at each dip some of it loses power."""

    name: ClassVar[str] = "brown-out"
    options: ClassVar[Mapping[str, Option]] = {
        "every": Option("20s", "duration", "time between two dips", least="1s"),
        "share": Option("30%", "share", "how much of the place a dip takes down"),
        "down": Option("2s", "duration", "how long it stays down", least="1ms"),
    }
    #: What it hits loses its power, so records and writes that were not flushed may be lost.
    cuts_power: ClassVar[bool] = True
    #: Where `nines swarm --fault brown-out` has it strike.
    strikes: ClassVar[tuple[str, ...]] = ("az",)

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._down: list[str] = []
        self._timer: Timer | None = None

    def inject(self, world: World) -> None:
        """Dip for the first time."""
        self._dip(world)

    def heal(self, world: World) -> None:
        """Give everything its power back, and let the voltage be."""
        if self._timer is not None:
            self._timer.cancel()
        self._up(world)

    def _dip(self, world: World) -> None:
        dice = world.rng("fault", self.name, self.target)
        for name in world.names(world.resolve(self.target)):
            if dice.random() < self.share("share"):
                world.hold_down(name, self)
                self._down.append(name)
        self._timer = world.at(world.now_ns + self.duration_ns("down"), self._up_for_now, world)

    def _up_for_now(self, world: World) -> None:
        self._up(world)
        self._timer = world.at(world.now_ns + self.duration_ns("every"), self._dip, world)

    def _up(self, world: World) -> None:
        for name in self._down:
            world.let_up(name, self)
        self._down.clear()
