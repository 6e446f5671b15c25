"""Parts of a place fall silent one after the other, and come back in another order.

Model: the members of the target are clogged in drawn order during the first half of the fault's
time, and unclogged in another drawn order during the second half, evenly spaced; nothing that
goes in or out of a clogged member is lost, it all arrives when the member is unclogged. Works at
any level of the failure-domain tree: the members of an actor are itself, those of an AZ its
actors, those of a region its AZs and the actors beside them, those of several places
(``A,B,C``) these places. ``share`` draws how many of them take part, at least one. Limits: within
a member everything flows; a clog is total; without an end fixed by a plan it lasts two seconds a
member; if the fault is ended early, what waits still waits for its own time.
Source: FoundationDB's simulator; Will Wilson, Testing Distributed Systems with Deterministic
Simulation, Strange Loop 2014.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from sim.faults.fault import Fault, Option, names_in
from sim.network import PASS, Deliver, Verdict, meets, within
from sim.rng import Stream
from sim.units import seconds
from sim.world import World

#: How much time each member adds when no plan says when the fault ends; chosen.
UNPLANNED_NS: Final = seconds(2)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One member is clogged from one world time to another."""

    member: str
    begin_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Swizzle:
    """Messages over the border of a clogged member wait until it is unclogged."""

    stretches: tuple[Stretch, ...]

    def concerns(self, source: str, target: str) -> bool:
        """Say whether a member may have one of the zones on each side of its border."""
        return any(
            (meets(stretch.member, source) or meets(stretch.member, target))
            and not (within(stretch.member, source) and within(stretch.member, target))
            for stretch in self.stretches
        )

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - a clog takes every size alike, without dice
        """Hold what crosses until the last of the two members is open."""
        wait_ns = 0
        for stretch in self.stretches:
            crosses = within(stretch.member, source) != within(stretch.member, target)
            if crosses and stretch.begin_ns <= now_ns < stretch.end_ns:
                wait_ns = max(wait_ns, stretch.end_ns - now_ns)
        return Deliver(wait_ns) if wait_ns else PASS


class SwizzleClog(Fault):
    """Members of a place are clogged one by one, and unclogged in another order."""

    name: ClassVar[str] = "swizzle-clog"
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("100%", "share", "how many of the members take part, at least one"),
    }

    def __init__(self, target: str, **options: str) -> None:
        super().__init__(target, **options)
        self._rule: Swizzle | None = None

    @classmethod
    def check(cls, target: str) -> None:
        """Raise ValueError unless the target is one place, or several joined by commas."""
        places = target.split(",")
        if not all(places) or len(set(places)) < len(places) or "->" in target:
            wanted = "a place, or different places as A,B,C"
            raise ValueError(f"fault {cls.name} wants {wanted} as its target, not {target!r}")

    def inject(self, world: World) -> None:
        """Draw both orders and put the whole time-table into the network."""
        dice = world.rng("fault", self.name, self.target)
        members = members_of(world, self.target)
        count = max(1, round(len(members) * self.share("share")))
        clogged = dice.sample(members, count)
        unclogged = dice.sample(clogged, count)
        begin_ns, half_ns = world.now_ns, count * UNPLANNED_NS // 2
        if self.ends_ns is not None:
            half_ns = (self.ends_ns - begin_ns) // 2
        self._rule = Swizzle(
            tuple(
                Stretch(
                    member,
                    begin_ns + turn * half_ns // count,
                    begin_ns + half_ns + (unclogged.index(member) + 1) * half_ns // count,
                )
                for turn, member in enumerate(clogged)
            )
        )
        world.add_rule(self._rule)

    def heal(self, world: World) -> None:
        """Take the time-table away."""
        if self._rule is not None:
            world.remove_rule(self._rule)
            self._rule = None


def members_of(world: World, target: str) -> tuple[str, ...]:
    """Return the places that a target is made of, in order of their first actor.

    Raises:
      ValueError: nothing is at one of its places.
    """
    places = [world.resolve(place) for place in target.split(",")]
    inside = {place: names_in(world, place) for place in places}
    if len(places) > 1:
        return tuple(places)
    (place,) = places
    depth = len(place.split("/")) + 1
    return tuple(dict.fromkeys("/".join(name.split("/")[:depth]) for name in inside[place]))
