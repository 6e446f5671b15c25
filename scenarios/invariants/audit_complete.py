"""Every answered call is on record, and nothing is on record that nobody called.

An answer counts if the service gave it: success, or a refusal of the request. An internal error
and its kin say that the call could not be completed or recorded, so they may go unrecorded, and a
call that was never answered may be on record or not. A record tells of the same action as the
call, and of success if and only if that was the answer. The owner of what a call used has a copy
of its own, unless the call was denied; the copies of a call have one shared id. A record that a
setting or the plan permits to be lost is counted as allowed; one that stands twice, or tells of no
call, never is, and neither is a file in a trail's bucket that is handed out and cannot be read.
What does not belong here: the shape of records, and what may be lost (budget.py).
Source: ARCHITECTURE, "Audit": set equality of event ids, and no record without a call.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final
from zlib import crc32

from scenarios.arena import Arena, MadeTrail
from scenarios.evidence import Evidence
from scenarios.invariants.promise import Promise
from scenarios.packed import Packed
from sim.check.history import OK, Call, History
from sim.units import days

#: Event history holds an event that long; see CloudTrail User Guide, "Event history".
HISTORY_NS: Final = days(90)
DAY_NS: Final = days(1)
MANAGEMENT: Final = "Management"
#: Calls that are judged together; chosen: some forty megabytes of records.
_PART_CALLS: Final = 15_000
#: Parts that are sorted out of all calls and records in one walk, and lie packed until they are
#: judged; chosen: some thirty megabytes.
_PARTS_A_WALK: Final = 10
#: Rows of a part that are packed together; chosen: what is not packed yet is little.
_BLOCK: Final = 512
#: Who invokes what one region has another one do for a caller.
KMS: Final = "kms.amazonaws.com"
#: Who calls to deliver events, on nobody's behalf.
DELIVERERS: Final = ("cloudtrail.amazonaws.com", "events.amazonaws.com")
#: Error codes of calls that were denied: of those, the caller's account alone is told.
DENIED: Final = ("AccessDenied", "AccessDeniedException")


class AuditComplete(Promise):
    """Every answered call is in history and in every matching trail's bucket, once by event id."""

    name: ClassVar[str] = "audit-complete"
    compared: ClassVar[str] = "callers' answers, event history and delivered files, by their ids"

    def conclude(self, arena: Arena) -> None:
        """Join the callers' history with event history and with the delivered files."""
        for part in parts_of(arena):
            for region in arena.regions:
                history = part.history(region)
                self._judge_answers(part, region, history)
                self._judge_history(part, region, history)
                for trail in arena.trails_of(region):
                    self._judge_trail(part, region, trail, history)
        for trail in arena.trails.values():
            for key in arena.garbled(trail):
                # What damage took is refused or missing; nothing excuses other bytes.
                text = f"file {key!r} in the bucket of {trail.name} is no log file"
                self.fail(arena.world.now_ns, text)

    def _judge_answers(self, part: "Part", region: str, history: list[Evidence]) -> None:
        """Every answered call is recorded once: in history while young, in buckets for ever."""
        arena, world = part.arena, part.arena.world
        recorded = Counter((event.request_id, event.account) for event in history)
        told = {(e.request_id, e.account): (e.name, not e.error) for e in history}
        buckets = {
            trail.bucket: {e.request_id for e in part.delivered(trail, region)}
            for trail in arena.trails_of(region)
        }
        for call in _answered(part.calls, region):
            self.checked += 1
            if call.service in arena.topology.unsupported:
                if recorded[call.request_id, call.owner]:
                    text = f"{call.action} {call.request_id} in {region} is on record"
                    self.fail(call.end_ns, f"{text}, though {call.service} is not supported")
                continue
            who = f"{call.action} {call.request_id} in {region}, answered {call.outcome},"
            young = world.now_ns - call.end_ns < HISTORY_NS
            times = recorded[call.request_id, call.owner]
            if young and times != 1:
                excuse = "" if times else arena.allowance.records(region)
                text = f"{who} stands {times} times in event history"
                self.fail(call.end_ns, text, excuse=excuse)
            name, well = told.get((call.request_id, call.owner), (call.action, call.outcome == OK))
            if (name, well) != (call.action, call.outcome == OK):
                how = "success" if well else "failure"
                self.fail(call.end_ns, f"{who} is on record as {name} with {how}")
            for trail in arena.trails_of(region):
                wanted = call.begin_ns >= trail.from_ns and call.owner == trail.account
                if wanted and call.request_id not in buckets[trail.bucket]:
                    text = f"{who} is missing in the bucket of {trail.name}"
                    excuse = _undelivered(arena, region, trail, call.begin_ns, call.end_ns)
                    self.fail(call.end_ns, text, excuse=excuse)

    def _judge_history(self, part: "Part", region: str, history: list[Evidence]) -> None:
        """Nothing stands twice, and nothing tells of a call that nobody made."""
        arena, now_ns = part.arena, part.arena.world.now_ns
        called = {call.request_id for call in part.calls if call.place == region}
        elsewhere = {call.request_id for call in part.calls} - called
        handed_in = [(e, at_ns) for place, e, at_ns in arena.witness.activity if place == region]
        activity = {event_id for event_id, _ in handed_in}
        young = {event_id for event_id, at_ns in handed_in if now_ns - at_ns < HISTORY_NS}
        events = Counter(event.event_id for event in history)
        self.checked += len(events)
        for event_id, count in events.items():
            if count > 1:
                self.fail(now_ns, f"event {event_id} stands {count} times in {region}'s history")
        for event_id in sorted(young - events.keys()):
            text = f"recorded activity {event_id} is missing in {region}'s history"
            self.fail(now_ns, text, excuse=arena.allowance.records(region))
        for event in history:
            known = event.request_id in called or event.event_id in activity or event.nobody
            known = known or event.invoked_by in DELIVERERS
            # What one region of KMS has another one do is on record there too.
            relayed = event.invoked_by == KMS and event.request_id in elsewhere
            if event.request_id and not known and not relayed:
                text = f"event {event.event_id} ({event.name}) in {region} tells of no call"
                self.fail(now_ns, text)
        self._judge_copies(region, [e for e in history if e.event_id not in activity], now_ns)

    def _judge_copies(self, region: str, history: list[Evidence], now_ns: int) -> None:
        """Whoever owns what a call used has a copy, and nobody has one of a denied call."""
        accounts: dict[str, list[str]] = {}
        shared: dict[str, set[str]] = {}
        for event in history:
            accounts.setdefault(event.request_id, []).append(event.account)
            shared.setdefault(event.request_id, set()).add(event.shared_id)
        for event in history:
            if not event.request_id:
                continue
            there = accounts[event.request_id]
            who = f"event {event.event_id} ({event.name}) in {region}"
            if len(there) > 1 and (len(shared[event.request_id]) > 1 or not event.shared_id):
                self.fail(now_ns, f"{who} has no shared id with its copy for another account")
            denied = event.error in DENIED
            if denied and len(there) > 1:
                self.fail(now_ns, f"{who} was denied, and another account has a copy")
            for owner in () if denied else dict.fromkeys(filter(None, event.owners)):
                if owner not in there:
                    self.fail(now_ns, f"{who} used what is of {owner}, which has no copy")

    def _judge_trail(
        self, part: "Part", region: str, trail: MadeTrail, history: list[Evidence]
    ) -> None:
        """Compare what a trail delivered for one region with what the region's history holds."""
        arena, now_ns = part.arena, part.arena.world.now_ns
        from_ns = arena.world.kernel.epoch_ns + trail.from_ns
        delivered = {event.event_id for event in part.delivered(trail, region)}
        wanted = {
            event.event_id: event.time_ns
            for event in history
            if event.time_ns >= from_ns
            and event.account == trail.account
            and not trail.omits(event)
        }
        self.checked += len(wanted)
        for event_id in sorted(wanted.keys() - delivered):
            at_ns = wanted[event_id] - arena.world.kernel.epoch_ns
            text = f"event {event_id} of {region} is missing in the bucket of {trail.name}"
            self.fail(now_ns, text, excuse=_undelivered(arena, region, trail, at_ns, at_ns + 1))
        young_ns = arena.world.calendar_ns - HISTORY_NS
        known = {event.event_id for event in history}
        for event in part.delivered(trail, region):
            if event.category != MANAGEMENT:
                continue  # History has none of those.
            if event.time_ns > young_ns + DAY_NS and event.event_id not in known:
                text = f"{trail.name} delivered event {event.event_id}, unknown in {region}"
                self.fail(now_ns, text, excuse=arena.allowance.records(region))


class Part:
    """The calls and records whose request ids fall to one part: a long run is judged in parts.

    All that tells of one call falls to the same part, and what has no request id is parted by its
    event id.

    Args:
      histories: what event history holds, by region.
      delivered: what trails delivered, by bucket.
    """

    def __init__(
        self,
        arena: Arena,
        calls: Iterable[Call],
        histories: Mapping[str, Iterable[Evidence]],
        delivered: Mapping[str, Iterable[Evidence]],
    ) -> None:
        self.arena = arena
        self.calls = list(calls)
        self._histories, self._delivered = histories, delivered
        self._opened: dict[str, list[Evidence]] = {}  #: what was delivered, by bucket

    def history(self, region: str) -> list[Evidence]:
        """Return the events of a region's history."""
        return list(self._histories[region])

    def delivered(self, trail: MadeTrail, region: str) -> list[Evidence]:
        """Return what a trail has delivered of a region."""
        found = self._opened.get(trail.bucket)
        if found is None:
            found = self._opened[trail.bucket] = list(self._delivered[trail.bucket])
        return [event for event in found if event.region == region]


def parts_of(arena: Arena) -> Iterator[Part]:
    """Yield all calls and records of a run, in parts."""
    histories = {region: arena.event_history(region) for region in arena.regions}
    delivered = {trail.bucket: arena.all_delivered(trail) for trail in arena.trails.values()}
    # Recorded activity is told by event ids alone, so it is not parted by request ids.
    count = 1 if arena.witness.activity else 1 + len(arena.history) // _PART_CALLS
    if count == 1:
        yield Part(arena, arena.calls(), histories, delivered)
        return
    for first in range(0, count, _PARTS_A_WALK):
        numbers = range(first, min(first + _PARTS_A_WALK, count))
        calls = {number: History(plain=0, block=_BLOCK) for number in numbers}
        for call in arena.calls():
            number = crc32(call.request_id.encode()) % count
            if number in numbers:
                calls[number].begin(call)
        of_history = {one: _sort_out(rows, numbers, count) for one, rows in histories.items()}
        of_bucket = {one: _sort_out(rows, numbers, count) for one, rows in delivered.items()}
        for number in numbers:
            yield Part(
                arena,
                calls.pop(number),
                {region: parts.pop(number) for region, parts in of_history.items()},
                {bucket: parts.pop(number) for bucket, parts in of_bucket.items()},
            )


def _sort_out(rows: Packed[Evidence], numbers: range, count: int) -> dict[int, Packed[Evidence]]:
    """Return the rows of some parts of so many, by part."""

    def part(values: Sequence[Any]) -> int:
        event_id, request_id = values[:2]  # As Evidence has them.
        return crc32((request_id or event_id).encode()) % count

    found = {number: Packed(Evidence, plain=0, block=_BLOCK) for number in numbers}
    for row in rows.where(lambda values: part(values) in numbers):
        found[part((row.event_id, row.request_id))].extend((row,))
    return found


def _undelivered(arena: Arena, region: str, trail: MadeTrail, begin_ns: int, end_ns: int) -> str:
    """Return why a trail may lack what a region recorded in that time; "" if it may not."""
    allowance = arena.allowance
    stopped = allowance.undelivered(trail.home, begin_ns, end_ns)
    return stopped or allowance.records(region)


def _answered(calls: list[Call], region: str) -> Iterator[Call]:
    for call in calls:
        if call.place == region and call.served and not call.indefinite:
            yield call
