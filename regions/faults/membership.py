"""Asks for changes of a region's members, and for nothing else, until they are made.

What does not belong here: how members agree (replication/), and which change is wanted (the
faults that are here: replace_az.py, add_az.py, remove_az.py).
"""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from regions.faults.affliction import DomainFault
from regions.names import REGIONS
from regions.replication.messages import ChangeMembers, Committed
from sim.faults.fault import names_in
from sim.options import Option
from sim.units import days, seconds
from sim.world import World

#: A request that was refused or unanswered is made again after this, then twice as late; chosen.
AGAIN_NS: Final = seconds(1)
AGAIN_MAX_NS: Final = seconds(60)
#: After this people look for another way; chosen.
GIVE_UP_NS: Final = days(1)
#: Longer than a node's own patience.
_TIMEOUT_NS: Final = seconds(5)
#: What stands for an AZ of the region that was never used.
NEXT: Final = "next"


class MemberChange(DomainFault):
    """A planned change of a region's AZs; its end waits for nothing, and undoes nothing."""

    hits: ClassVar[str] = "node"
    #: The option that names the AZ that is launched; "" if none is.
    brings: ClassVar[str] = ""

    def heal(self, world: World) -> None:
        """Leave the region as it is: what is asked for is asked for until it is done."""

    def check_az(self, region: str, option: str) -> None:
        """Raise ValueError if an option names no AZ of a region."""
        az = self.word(option)
        if az != NEXT and az not in REGIONS[region]:
            known = ", ".join(REGIONS[region])
            raise ValueError(f"option {option} of {self.name}: {az!r} is not one of {known}")


class Request:
    """Some changes, one after the other.

    Args:
      region: whose nodes are asked, in turn.
      then: called once all are made.
    """

    def __init__(
        self,
        world: World,
        region: str,
        changes: tuple[ChangeMembers, ...],
        then: Callable[[], None],
    ) -> None:
        self._world, self._region, self._then = world, region, then
        self._changes = list(changes)
        self._tries = 0
        self._again_ns = AGAIN_NS
        self._give_up_ns = world.now_ns + GIVE_UP_NS
        self._ask()

    def _ask(self) -> None:
        world = self._world
        nodes = [name for name in world.names(self._region) if name.endswith("/node")]
        change = self._changes[0]
        # Who is to be added knows of nobody yet.
        up = [node for node in nodes if world.is_up(node) and node != change.add]
        self._tries += 1
        if up:
            node = up[self._tries % len(up)]
            world.call(node, change, self._answered, timeout_ns=_TIMEOUT_NS)
        else:
            self._later()

    def _answered(self, answer: Any) -> None:
        if not isinstance(answer, Committed):
            self._later()
            return
        del self._changes[0]
        self._again_ns = AGAIN_NS
        if self._changes:
            self._world.at(self._world.now_ns, self._ask)
        else:
            self._then()

    def _later(self) -> None:
        world = self._world
        if world.now_ns < self._give_up_ns:
            world.at(world.now_ns + self._again_ns, self._ask)
            self._again_ns = min(2 * self._again_ns, AGAIN_MAX_NS)
        else:
            world.note("gave-up", self._region, change=self._changes[0])


def hold_for_good(world: World, place: str, by: object) -> None:
    """Take the power of everything in a place, and never give it back."""
    for name in names_in(world, place):
        world.hold_down(name, by)


def check_place(fault: str, target: str) -> None:
    """Raise ValueError if a target is not one AZ of a known region."""
    region, _, az = target.partition("/")
    if az not in REGIONS.get(region, ()):
        raise ValueError(f"fault {fault} wants REGION/AZ as its target, not {target!r}")


def az_option(doc: str) -> Option:
    """Return an option that names an AZ."""
    return Option(NEXT, "word", f"{doc}; next: the first of its region that was never used")
