"""LookupEvents shows the last 90 days, to the second: nothing older, and all that is younger.

Once a run has lasted so long, the hours around the edge are looked up in every Region. What is
shown must be younger than 90 days, and must have everything that a trail delivered of the hour
after the edge. Before that there is no edge, and nothing is judged.
What does not belong here: the rest of history (audit_complete.py, event_lookup.py).
Source: CloudTrail User Guide, "Viewing events with CloudTrail Event history".
"""

from typing import ClassVar, Final

from scenarios.arena import Arena, MadeTrail
from scenarios.evidence import Evidence
from scenarios.invariants.audit_complete import HISTORY_NS, MANAGEMENT
from scenarios.invariants.event_lookup import Look, look_up
from scenarios.invariants.promise import Promise
from sim.units import NS_PER_SECOND, hours

#: How far around the edge is looked; chosen: some pages of a small world.
_AROUND_NS: Final = hours(1)
#: The edge moves on while pages are read, and calendars of nodes differ a little.
_SLACK_S: Final = 5
_AROUND_S: Final = _AROUND_NS // NS_PER_SECOND


class History90Days(Promise):
    """Event history holds exactly the last 90 days."""

    name: ClassVar[str] = "history-90-days"
    compared: ClassVar[str] = "events looked up around the edge of history, with delivered files"

    def __init__(self) -> None:
        super().__init__()
        self._looks: list[tuple[str, MadeTrail, int, Look]] = []

    def examine(self, arena: Arena) -> None:
        """Look up what lies around the edge, in a run that has one."""
        world = arena.world
        if world.now_ns - arena.start_ns < HISTORY_NS:
            return
        edge = (world.kernel.epoch_ns + world.now_ns - HISTORY_NS) // NS_PER_SECOND
        for trail in arena.trails.values():
            for region in arena.regions if trail.multi_region else (trail.home,):
                look = Look(trail.account, "", edge - _AROUND_S, edge + _AROUND_S)
                look.excuse = arena.allowance.near(region, world.now_ns, world.now_ns)
                if look_up(arena, region, look):
                    self._looks.append((region, trail, edge, look))

    def conclude(self, arena: Arena) -> None:
        """Compare what was shown with the edge, and with files."""
        for region, trail, edge, look in self._looks:
            self._judge(arena, region, trail, edge, look)

    def _judge(self, arena: Arena, region: str, trail: MadeTrail, edge: int, look: Look) -> None:
        now_ns = arena.world.now_ns
        self.checked += 1 + len(look.shown)
        for event_id, second in look.shown:
            if second < edge - _SLACK_S:
                text = f"event {event_id} of {region} is shown {edge - second} s after its 90 days"
                self.fail(now_ns, text)
        shown = {event_id for event_id, _ in look.shown}
        first = edge + _SLACK_S if look.whole else look.shown[-1][1] + 1
        for event in _delivered(arena, trail, first, edge + _AROUND_S):
            mine = event.region == region and event.account == trail.account
            if mine and event.category == MANAGEMENT and event.event_id not in shown:
                text = f"event {event.event_id} of {region} is younger than 90 days and not shown"
                excuse = look.excuse or arena.allowance.records(region)
                self.fail(now_ns, text, excuse=excuse)


def _delivered(arena: Arena, trail: MadeTrail, first: int, last: int) -> list[Evidence]:
    """Return what a trail has delivered of some seconds."""
    place = tuple(Evidence.__slots__).index("time_ns")
    low, high = first * NS_PER_SECOND, last * NS_PER_SECOND
    return list(arena.all_delivered(trail).where(lambda values: low <= values[place] <= high))
