"""What all causes have in common: what they do to one AZ, to one region, and to everything.

What does not belong here: any particular cause, and putting the moves together (moves.py).
"""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from scenarios.durability.model import Model
from scenarios.durability.states import Region, State, Zone


class ZoneMove(NamedTuple):
    """What may happen to an AZ: rate per year, name, and what the AZ is then."""

    rate: float
    name: str
    target: Zone


class RegionMove(NamedTuple):
    """What may happen to a region, beyond what happens to one AZ of it."""

    rate: float
    name: str
    target: Region


class StateMove(NamedTuple):
    """What may happen to everything; a target of None is the loss of the key."""

    rate: float
    name: str
    target: State | None


class Cause:
    """One thing that can go wrong, with what mends it; pure, and without a state of its own.

    A move's name is the cause's own for what harms, and one of ``mends`` for what mends. All
    moves of one name grow in proportion when the rate of that name does.
    """

    name: ClassVar[str]
    mends: ClassVar[tuple[str, ...]] = ()
    doc: ClassVar[str]  #: one line for people

    def of_zone(self, _model: Model, _zone: Zone) -> Iterator[ZoneMove]:
        """Yield what happens to one AZ, whatever the others do."""
        return iter(())

    def of_region(self, _model: Model, _region: Region) -> Iterator[RegionMove]:
        """Yield what happens to one region, and depends on several of its AZs."""
        return iter(())

    def of_state(self, _model: Model, _state: State) -> Iterator[StateMove]:
        """Yield what happens to, or depends on, several regions."""
        return iter(())
