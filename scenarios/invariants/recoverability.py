"""What became of every acknowledged key and every answered call: kept, lost with leave, or a bug.

A key is kept if some AZ still describes it and some AZ opens what it once sealed; a call's record
if event history or a bucket has it. What is lost is *allowed* if a setting permits it, or *beyond
the budget on purpose* if more failed at once than a region must survive; all else is a bug.
What does not belong here: that every AZ has every key (key_survival.py) or every trail every
record (audit_complete.py), and how much may fail (budget.py).
Source: ARCHITECTURE, "Scenarios and promises": a recoverability oracle.
"""

from collections import Counter
from typing import ClassVar, Final

from scenarios.arena import Arena, Lost
from scenarios.budget import Reason
from scenarios.examination import Examination, examine_keys
from scenarios.invariants.audit_complete import Part, parts_of
from scenarios.invariants.promise import Promise
from scenarios.key_history import lives
from sim.check.history import Call
from sim.units import days

#: Event history holds an event that long; see CloudTrail User Guide, "Event history".
_HISTORY_NS: Final = days(90)

_KEPT: Final = "kept"
_DELETED: Final = "deleted by their owners"
_OUT_OF_REACH: Final = "out of reach for now"
_ALLOWED: Final = "lost as a setting permits"
_BEYOND: Final = "lost beyond the budget"
_LOST: Final = "LOST"


class Recoverability(Promise):
    """Every acknowledged key and record is kept, or its loss was permitted or beyond the budget."""

    name: ClassVar[str] = "recoverability"
    compared: ClassVar[str] = "keys and records that callers were promised with what is left"

    def __init__(self) -> None:
        super().__init__()
        self.keys: Counter[str] = Counter()  #: class -> how many keys
        self.records: Counter[str] = Counter()

    def examine(self, arena: Arena) -> None:
        """Sort every acknowledged key into its class."""
        examination = examine_keys(arena)
        sealed = {(k.region, k.key_id) for k in arena.witness.keepsakes}
        for key in arena.witness.keys:
            self.checked += 1
            kept = key in examination.described
            if kept and (key not in sealed or key in examination.opened):
                self.keys[_KEPT] += 1
            else:
                self._missing_key(arena, examination, key)

    def _missing_key(
        self, arena: Arena, examination: Examination, key: tuple[str, str]
    ) -> None:
        (region, key_id), now_ns = key, arena.world.now_ns
        if any(
            (life.region, life.key_id) == key and life.may_be_deleted(now_ns)
            for life in lives(arena)
        ):
            self.keys[_DELETED] += 1
            return
        troubles = [t for t in examination.troubles if (t.region, t.key_id) == key]
        if any(t.refused for t in troubles):
            # An AZ that did not serve may still have it.
            excuse = arena.allowance.service(region, now_ns, now_ns + 1)
            if excuse:
                self.keys[_OUT_OF_REACH] += 1
                self.fail(now_ns, f"key {key_id} of {region} is out of reach", excuse=excuse)
                return
        word, excuse = _class(arena.allowance.lost_keys.get(region))
        self.keys[word] += 1
        arena.lost.append(Lost(region, "key", arena.witness.keys[key]))
        first = troubles[0].text if troubles else "nobody was asked"
        self.fail(now_ns, f"key {key_id} of {region} is lost: {first}", excuse=excuse)

    def conclude(self, arena: Arena) -> None:
        """Sort the record of every answered call into its class."""
        for part in parts_of(arena):
            for region in arena.regions:
                self._judge_records(part, region)

    def _judge_records(self, part: Part, region: str) -> None:
        arena = part.arena
        world, oldest_ns = arena.world, arena.world.now_ns - _HISTORY_NS
        kept = {event.request_id for event in part.history(region)}
        for trail in arena.trails_of(region):
            kept.update(event.request_id for event in part.delivered(trail, region))
        for call in part.calls:
            if call.place != region or call.indefinite or not call.served:
                continue
            self.checked += 1
            if call.request_id in kept:
                self.records[_KEPT] += 1
            elif call.end_ns > oldest_ns or _wanted(arena, region, call):
                word, excuse = _class(arena.allowance.lost_records.get(region))
                self.records[word] += 1
                arena.lost.append(Lost(region, "record", call.end_ns))
                text = f"the record of {call.action} {call.request_id} in {region} is lost"
                self.fail(world.now_ns, text, excuse=excuse)

    @property
    def detail(self) -> str:
        """How many keys and records are in which class; first the worst, if anything is lost."""
        counts = f"keys: {_listed(self.keys)}; records: {_listed(self.records)}"
        return f"{super().detail}; {counts}" if self.violations else counts


def _class(reason: Reason | None) -> tuple[str, str]:
    if reason is None:
        return _LOST, ""
    return (_ALLOWED if reason.kind == "setting" else _BEYOND), reason.text


def _wanted(arena: Arena, region: str, call: Call) -> bool:
    """Say whether a trail should have delivered the record of a call."""
    if call.service in arena.topology.unsupported:
        return False
    return any(
        call.begin_ns >= trail.from_ns and call.owner == trail.account
        for trail in arena.trails_of(region)
    )


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in counts.items()) or "none"
