"""What all faults of disks have in common: the disks of a place, one illness on each.

What does not belong here: any particular illness, and what it does to a disk (sim/disk.py).
"""

from sim.disk import DiskFault
from sim.faults.fault import Fault, names_in
from sim.rng import Stream
from sim.world import World


class _OfDisks(Fault):
    """A fault whose options are amounts."""

    @classmethod
    def check_option(cls, name: str, text: str) -> None:
        """Raise ValueError for a negative amount, too."""
        super().check_option(name, text)
        if text.startswith("-"):
            raise ValueError(f"option {name} of {cls.name}: {text!r} is negative")


class OnDisks(_OfDisks):
    """The disks of every actor in a place, or of one actor, are ill; with the end they are not."""

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._ill: list[tuple[str, DiskFault]] = []

    def inject(self, world: World) -> None:
        """Put one illness on each disk."""
        for name in names_in(world, world.resolve(self.target)):
            # A second fault of this kind at this place has dice of its own.
            rng = world.rng("fault", self.name, self.target, str(world.now_ns), name)
            illness = self.illness(world, name, rng)
            world.disk(name).faults.append(illness)
            self._ill.append((name, illness))

    def illness(self, world: World, name: str, rng: Stream) -> DiskFault:
        """Return what is put on the disk of one actor."""
        raise NotImplementedError

    def heal(self, world: World) -> None:
        """Take away what was put there, and no other's."""
        for name, illness in self._ill:
            disk = world.disk(name)
            disk.faults = [fault for fault in disk.faults if fault is not illness]
        self._ill.clear()


class Decay(_OfDisks):
    """Something on the disks of a place decays at once; what is gone does not come back."""

    def inject(self, world: World) -> None:
        """Let every disk of the place decay."""
        for name in names_in(world, world.resolve(self.target)):
            rng = world.rng("fault", self.name, self.target, str(world.now_ns), name)
            self.decay(world, name, rng)

    def decay(self, world: World, name: str, rng: Stream) -> None:
        """Let the disk of one actor decay."""
        raise NotImplementedError

    def heal(self, world: World) -> None:
        """End it: nothing more decays."""
