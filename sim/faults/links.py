"""What all faults of links have in common: one rule of the network, between places of the tree.

What does not belong here: what happens to a message (each fault's own file).
"""

from sim.faults.fault import Fault, names_in
from sim.network import Rule
from sim.world import World


class LinkFault(Fault):
    """A rule between two places (``A<->B``, ``A->B``), or one place and all others (``A``).

    The host's own questions are outside every place. Of two places that lie in each other the
    larger one means what is outside the smaller: ``r1<->r1/az1`` is an AZ and the rest of its
    region.
    """

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self.placed: Rule | None = None  #: the rule that stands in the network now

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError if a place is missing, or if both are the same."""
        places = target.replace("<->", "->").split("->")
        if len(places) > 2 or not all(places) or "," in target:
            wanted = "A, A<->B or A->B"
            raise ValueError(f"fault {cls.name} wants {wanted} as its target, not {target!r}")
        if places[0] == places[-1] and len(places) == 2:
            raise ValueError(f"fault {cls.name} wants two different places, not {target!r}")

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the rule between two places; ``""`` as ``other`` means everywhere else."""
        raise NotImplementedError

    def made(self, world: World) -> Rule:
        """Return the rule for the target as it stands now; roles are looked up at this moment."""
        one, arrow, other = self.target.partition("->")
        places = [world.resolve(place) for place in (one.removesuffix("<"), other)]
        for place in filter(None, places):
            names_in(world, place)
        return self.rule(places[0], places[1], both_ways=not arrow or one.endswith("<"))

    def inject(self, world: World) -> None:
        """Put the rule into the network."""
        self.placed = self.made(world)
        world.add_rule(self.placed)

    def heal(self, world: World) -> None:
        """Take the rule away."""
        if self.placed is not None:
            world.remove_rule(self.placed)
            self.placed = None
