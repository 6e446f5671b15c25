"""An HSM notices tampering and erases itself.

Model: from one instant to the next its domain keys and its identity are gone; it runs on and
refuses every command, also after a power cycle, until it is serviced at the end. Then a new
device stands there: it greets its host and is admitted like any other. In the safe even the
battery-backed identity is gone: the operator has an AZ list the new device.
Limits: service takes no time of its own, and every attempt at tampering is noticed.
"""

from typing import ClassVar

from regions.ailments import DEVICE, TAMPERED
from regions.faults.affliction import Affliction
from sim.world import World


class HsmTamper(Affliction):
    """The HSMs of a place zeroize; serviced at the end, they join as new devices."""

    name: ClassVar[str] = "hsm-tamper"
    hits: ClassVar[str] = "hsm"
    place: ClassVar[str] = "a region, an AZ, one HSM, or `safe/REGION`"
    ailment: ClassVar[str] = TAMPERED

    def heal(self, world: World) -> None:
        """Put new devices in and boot them, where there is power."""
        serviced = self._ill
        super().heal(world)
        for name in serviced:
            cell = world.kernel.cells[name]
            if TAMPERED not in cell.ails:
                world.ail(name, DEVICE, cell.ails.get(DEVICE, 0) + 1)
            if world.is_up(name):
                world.crash(name)
                world.restart(name)
