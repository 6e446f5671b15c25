"""What the faults of this domain have in common: whom they hit, and ailments that may overlap.

What does not belong here: what an ailment does to an actor (ailments.py and the actors).
"""

from typing import Any, ClassVar

from regions.names import place_of
from sim.faults import Fault
from sim.faults.fault import names_in
from sim.world import World


class DomainFault(Fault):
    """A fault that knows which kind of actor it hits."""

    #: The kind of actor that it hits in its place.
    hits: ClassVar[str]
    #: What a target may be, for people.
    place: ClassVar[str]


class Affliction(DomainFault):
    """Puts one ailment on every actor of one kind in a place, and takes it away at the end."""

    ailment: ClassVar[str]

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._ill: tuple[str, ...] = ()

    def value(self) -> Any:
        """Return what this fault adds to the ailment's value."""
        return True

    def inject(self, world: World) -> None:
        """Make everyone there ill."""
        self._ill = of_kind(world, self.target, self.hits)
        for name in self._ill:
            afflict(world, name, self.ailment, self.value())

    def heal(self, world: World) -> None:
        """Make them well, unless another fault keeps them ill."""
        for name in self._ill:
            relieve(world, name, self.ailment, self.value())
        self._ill = ()


def place_at(world: World, target: str) -> str:
    """Return the place that a target means now; ``REGION/@leader`` is the AZ of the leader."""
    place = world.resolve(target)
    return place if place == target else place_of(place)


def of_kind(world: World, target: str, kind: str) -> tuple[str, ...]:
    """Return the actors of one kind in the place that a target means now.

    Raises:
      ValueError: there is none; the text names the place and the kind.
    """
    place = place_at(world, target)
    cells = [world.kernel.cells[name] for name in names_in(world, place)]
    names = tuple(cell.name for cell in cells if cell.cls is not None and cell.cls.kind == kind)
    if not names:
        raise ValueError(f"no {kind} is at {place!r}")
    return names


def afflict(world: World, name: str, ailment: str, value: Any) -> None:
    """Add one item to an actor's ailment."""
    held: tuple[Any, ...] = world.kernel.cells[name].ails.get(ailment, ())
    world.ail(name, ailment, (*held, value))


def relieve(world: World, name: str, ailment: str, value: Any) -> None:
    """Take one such item away; the ailment ends with the last."""
    held = list(world.kernel.cells[name].ails.get(ailment, ()))
    held.remove(value)
    if held:
        world.ail(name, ailment, tuple(held))
    else:
        world.cure(name, ailment)
