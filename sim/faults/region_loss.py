"""Loss of a whole region: its AZs and all that stands beside them lose power together.

Model: as ``power-off`` of every place in the region at one instant, its endpoints, stores and
callers included; what stands elsewhere on the region's behalf is not hit. Disks keep what was
flushed. Limits: as of ``power-off``; the ways between other regions do not lead through it.
"""

from typing import ClassVar

from sim.faults.power_off import PowerOff


class RegionLoss(PowerOff):
    """A whole region loses power; with the end it boots from its disks."""

    name: ClassVar[str] = "region-loss"

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if the target is no region as a whole."""
        super().check(target)
        if "/" in target:
            raise ValueError(f"fault {cls.name} wants a whole region as its target, not {target!r}")
