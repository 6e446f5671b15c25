"""A process crash: the actors of a place are dead for as long as the fault lasts.

Model: as a power cut, but named for a process; the disk loses what was not flushed. A role
(``REGION/@leader``) is looked up as the fault begins. The fault holds what it crashed: whatever
else happens there meanwhile, it boots when the last fault that holds it has ended. Limits: the
operating system's cache dies with the process, which is harsher than a real process crash.
"""

from typing import ClassVar

from sim.faults.fault import Fault, names_in
from sim.world import World


class Crash(Fault):
    """One actor (or ``REGION/@leader``) dies; with the end it is started again."""

    name: ClassVar[str] = "crash"
    cuts_power: ClassVar[bool] = True

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self.held: tuple[str, ...] = ()  #: whom it holds without power now

    def inject(self, world: World) -> None:
        """Crash what the target names at this moment, and hold it down."""
        self.held = names_in(world, world.resolve(self.target))
        for name in self.held:
            world.hold_down(name, self)

    def heal(self, world: World) -> None:
        """Let go of all that it holds."""
        for name in self.held:
            world.let_up(name, self)
        self.held = ()
