"""LookupEvents shows what event history holds: all of it, newest first, and nothing else.

In every region the events of a short stretch of the run are looked up page by page, and once more
by the name of their action. What is shown is compared with the whole history, read afterwards.
What does not belong here: whether history is complete (audit_complete.py).
Source: AWS CloudTrail API Reference, LookupEvents.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from regions.errors import ServiceError
from scenarios.arena import Arena
from scenarios.evidence import Evidence
from scenarios.invariants.promise import Promise
from sim.actor import Expired
from sim.units import NS_PER_SECOND, days, minutes, seconds
from sim.wire import Refusal

#: The stretch, from the begin of the workload; chosen: a few pages of a small world.
_STRETCH_NS: Final = seconds(20)
_PAGES_MAX: Final = 4
#: So long after the last fault every record has reached history; chosen: copies of a lost
#: recorder are published after two minutes, and tried again every minute.
_ARRIVED_NS: Final = minutes(4)
_ACTION: Final = "CreateKey"
#: How far back history is looked into, at most; a day less than it holds.
_REACHES_NS: Final = days(89)


@dataclass(slots=True)
class Look:
    """What one region showed of its stretch."""

    account: str
    action: str  #: "" of all actions
    first: int  #: seconds since 1970, inclusive
    last: int
    whole: bool = False  #: every page was read
    excuse: str = ""  #: why something may not have arrived by then
    shown: list[tuple[str, int]] = field(default_factory=list)  #: (event id, second)


class EventLookup(Promise):
    """LookupEvents shows every event of the times that are asked for, newest first, once."""

    name: ClassVar[str] = "event-lookup"
    compared: ClassVar[str] = "events of the first seconds, looked up page by page, with history"

    def __init__(self) -> None:
        super().__init__()
        self._looks: list[tuple[str, Look]] = []

    def examine(self, arena: Arena) -> None:
        """Look up the stretch in every region."""
        world = arena.world
        account = next(iter(arena.trails.values())).account
        # History of a run of months reaches back to less than its beginning.
        begin_ns = max(arena.start_ns, world.now_ns - _REACHES_NS)
        first = (world.kernel.epoch_ns + begin_ns) // NS_PER_SECOND
        last = first + _STRETCH_NS // NS_PER_SECOND
        for region in arena.regions:
            recent_ns = max(0, world.now_ns - _ARRIVED_NS)
            excuse = arena.allowance.near(region, recent_ns, world.now_ns)
            for action in ("", _ACTION):
                look = Look(account, action, first, last, excuse=excuse)
                if look_up(arena, region, look):
                    self._looks.append((region, look))

    def conclude(self, arena: Arena) -> None:
        """Compare what was shown with history."""
        for region, look in self._looks:
            self._judge(arena, region, look, arena.event_history(region))

    def _judge(self, arena: Arena, region: str, look: Look, history: Iterable[Evidence]) -> None:
        now_ns, shown = arena.world.now_ns, [event_id for event_id, _ in look.shown]
        wanted = {event.event_id: event for event in history if _wanted(look, event)}
        self.checked += 1 + len(shown)
        if [second for _, second in look.shown] != sorted((s for _, s in look.shown), reverse=True):
            self.fail(now_ns, f"LookupEvents in {region} shows events in another order than theirs")
        for event_id in dict.fromkeys(shown):
            if event_id not in wanted or shown.count(event_id) > 1:
                text = f"{shown.count(event_id)} times event {event_id}, which was not asked for"
                if event_id in wanted:
                    text = f"event {event_id} more than once"
                self.fail(now_ns, f"LookupEvents in {region} shows {text}")
        oldest = look.first if look.whole else look.shown[-1][1] + 1
        for event_id, event in wanted.items():
            if event.time_ns // NS_PER_SECOND >= oldest and event_id not in shown:
                excuse = look.excuse or arena.allowance.records(region)
                text = f"LookupEvents in {region} does not show event {event_id} ({event.name})"
                self.fail(now_ns, text, excuse=excuse)


def look_up(arena: Arena, region: str, look: Look) -> bool:
    """Read some pages; say whether the region answered."""
    administrator = arena.administrator(look.account)
    parameters: dict[str, Any] = {"StartTime": look.first, "EndTime": look.last}
    if look.action:
        attribute = {"AttributeKey": "EventName", "AttributeValue": look.action}
        parameters["LookupAttributes"] = (attribute,)
    for _ in range(_PAGES_MAX):
        try:
            page = arena.api(
                region, "LookupEvents", parameters, administrator, service="cloudtrail"
            )
        except (ServiceError, Expired, Refusal):
            return False
        look.shown += [(event["EventId"], int(event["EventTime"])) for event in page["Events"]]
        if "NextToken" not in page:
            look.whole = True
            return True
        parameters = {**parameters, "NextToken": page["NextToken"]}
    return True


def _wanted(look: Look, event: Evidence) -> bool:
    second = event.time_ns // NS_PER_SECOND
    mine = event.account == look.account and look.action in ("", event.name)
    return mine and look.first <= second <= look.last
