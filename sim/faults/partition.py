"""A cut network: messages between places are lost.

Model: ``A<->B`` cuts both ways, ``A->B`` one way, a lone ``A`` cuts A from everything else, the
host's own questions included. Messages on their way when the cut begins still arrive. Limits:
nothing is ever half cut: for loss and delay there are other faults.
"""

from typing import ClassVar

from sim.faults.fault import Fault, names_in
from sim.network import Partition as Rule
from sim.world import SimWorld


class Partition(Fault):
    """Messages between two places (``A<->B``, ``A->B``), or one and all others, are lost."""

    name: ClassVar[str] = "partition"

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self._rule: Rule | None = None

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if a place is missing."""
        places = target.replace("<->", "->").split("->")
        if len(places) > 2 or not all(places):
            wanted = "A, A<->B or A->B"
            raise ValueError(f"fault partition wants {wanted} as its target, not {target!r}")

    def inject(self, world: SimWorld) -> None:
        """Put the cut into the network."""
        one, arrow, other = self.target.partition("->")
        one = one.removesuffix("<")
        for place in (one, other):
            if place:
                names_in(world, place)
        both_ways = not arrow or "<->" in self.target
        self._rule = Rule(one=one, other=other, both_ways=both_ways)
        world.add_rule(self._rule)

    def heal(self, world: SimWorld) -> None:
        """Take the cut away."""
        if self._rule is not None:
            world.remove_rule(self._rule)
            self._rule = None
