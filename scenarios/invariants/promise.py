"""What the promises of this package have in common: an arena, and a moment to examine it.

What does not belong here: any particular promise.
"""

from scenarios.arena import Arena
from sim.check.invariant import Invariant


class Promise(Invariant):
    """A promise about a world of regions."""

    def attach(self, arena: Arena) -> None:
        """Subscribe to what is to be watched, before the first message."""

    def examine(self, arena: Arena) -> None:
        """Use the service after every fault has healed; what this calls is recorded as well."""

    def conclude(self, arena: Arena) -> None:
        """Compare what is left after the last quiet stretch, without calling the API."""
