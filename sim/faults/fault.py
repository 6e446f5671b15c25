"""The contract of a fault: one way to go wrong, with a place, a beginning and an end.

What does not belong here: when it happens (plan.py).
"""

from typing import ClassVar

from sim.world import SimWorld


class Fault:
    """One fault at one place; the first line of a subclass's docstring is its summary.

    Args:
      target: a place of the failure-domain tree, or two places joined by ``<->`` or ``->``.
    """

    name: ClassVar[str]

    def __init__(self, target: str) -> None:
        self.target = target

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError, saying what was expected, if a target has the wrong form."""
        if not target or "<->" in target or "->" in target:
            raise ValueError(f"fault {cls.name} wants one place as its target, not {target!r}")

    def inject(self, world: SimWorld) -> None:
        """Begin to go wrong."""
        raise NotImplementedError

    def heal(self, world: SimWorld) -> None:
        """End it; everything that was taken is given back."""
        raise NotImplementedError


def names_in(world: SimWorld, place: str) -> tuple[str, ...]:
    """Return the actors in a place.

    Raises:
      ValueError: nobody lives there; the text lists the places there are.
    """
    names = world.names(place)
    if not names:
        zones = sorted({name.rpartition("/")[0] or name for name in world.names()})
        raise ValueError(f"nothing is at {place!r}; there are: {', '.join(zones)}")
    return names
