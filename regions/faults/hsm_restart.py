"""HSMs that are restarted, as for a change of firmware.

Model: each HSM of the place loses power for ``down``, one after the other every ``gap``, or all
at once without one; with the power its memory is gone, so it comes back in no domain and its host
admits it. Limits: nobody waits until the one before has joined again; ``gap`` stands for that.
"""

from collections.abc import Mapping
from typing import ClassVar

from regions.faults.affliction import DomainFault, of_kind
from sim.clock import Timer
from sim.options import Option
from sim.world import World


class HsmRestart(DomainFault):
    """The HSMs of a place restart, one after the other or all at once."""

    name: ClassVar[str] = "hsm-restart"
    hits: ClassVar[str] = "hsm"
    place: ClassVar[str] = "a region, an AZ, one HSM, or `safe/REGION`"
    options: ClassVar[Mapping[str, Option]] = {
        "down": Option("90s", "duration", "how long each one is without power", least="0s"),
        "gap": Option("0s", "duration", "between the starts of two restarts", least="0s"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._timers: list[Timer] = []
        self._dark: list[str] = []

    def inject(self, world: World) -> None:
        """Restart the first, and plan the others."""
        now_ns, gap_ns = world.now_ns, self.duration_ns("gap")
        for place, name in enumerate(of_kind(world, self.target, self.hits)):
            at_ns = now_ns + place * gap_ns
            self._timers.append(world.at(at_ns, self._stop, world, name))

    def heal(self, world: World) -> None:
        """Let those that are down start now; those that are left stay as they are."""
        for timer in self._timers:
            timer.cancel()
        for name in tuple(self._dark):
            self._start(world, name)

    def _stop(self, world: World, name: str) -> None:
        self._dark.append(name)
        world.hold_down(name, self)
        at_ns = world.now_ns + self.duration_ns("down")
        self._timers.append(world.at(at_ns, self._start, world, name))

    def _start(self, world: World, name: str) -> None:
        self._dark.remove(name)
        world.let_up(name, self)
