"""A multi-Region trail delivers of each Region what a trail of that Region alone delivers.

Where an account has both, their buckets hold the same events of the single Region's trail's home,
by event id: what one has and the other lacks was left out by one of them. Both want the same
kinds of events. What a plan permits to be lost, or tells a trail not to log, is counted as allowed.
What does not belong here: whether either is complete (audit_complete.py).
Source: CloudTrail User Guide, "Understanding multi-Region trails": the same configuration in all
Regions.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

from scenarios.arena import Arena, MadeTrail
from scenarios.evidence import Evidence
from scenarios.invariants.audit_complete import Part, parts_of
from scenarios.invariants.promise import Promise
from sim.units import seconds

#: Times in files are whole seconds, and records are dated where they are made.
_BEGIN_NS: Final = seconds(2)


class TrailUnion(Promise):
    """A multi-Region trail is, in each Region, what a single-Region trail there is."""

    name: ClassVar[str] = "trail-union"
    compared: ClassVar[str] = "buckets of trails of one account, by event ids"

    def conclude(self, arena: Arena) -> None:
        """Compare the bucket of each single-Region trail with those of the multi-Region ones."""
        pairs = tuple(_pairs(arena))
        for part in parts_of(arena) if pairs else ():
            for one, all_ in pairs:
                self._compare(part, one, all_)

    def _compare(self, part: Part, one: MadeTrail, all_: MadeTrail) -> None:
        arena, now_ns = part.arena, part.arena.world.now_ns
        begun_ns = max(one.from_ns, all_.from_ns) + arena.world.kernel.epoch_ns + _BEGIN_NS

        def of(trail: MadeTrail) -> set[str]:
            return {
                event.event_id
                for event in part.delivered(trail, one.home)
                if event.time_ns >= begun_ns and not _omitted(event, one, all_)
            }

        single, whole = of(one), of(all_)
        self.checked += len(single | whole)
        for missing, trail, other in ((single - whole, all_, one), (whole - single, one, all_)):
            excuse = arena.allowance.records(one.home) or arena.allowance.undelivered(
                trail.home, 0, now_ns
            )
            for event_id in sorted(missing):
                text = (
                    f"event {event_id} of {one.home} is in the bucket of {other.name} and not in"
                    f" that of {trail.name}"
                )
                self.fail(now_ns, text, excuse=excuse)


def _pairs(arena: Arena) -> Iterator[tuple[MadeTrail, MadeTrail]]:
    """Yield each single-Region trail with each multi-Region trail of its account."""
    for one in arena.trails.values():
        if one.multi_region:
            continue
        for all_ in arena.trails.values():
            if all_.multi_region and all_.account == one.account:
                yield one, all_


def _omitted(event: Evidence, one: MadeTrail, all_: MadeTrail) -> bool:
    return one.omits(event) or all_.omits(event)
