"""Topic, log group and event buses of a trail have what its bucket should have, and nothing else.

Every record that the trail wants and event history holds is in its log group and on the bus of
its region, under the same event id; every file in its bucket was named to its topic. Things may be
there twice. What the trail leaves out is in none of them: a trail without recursive logging, what
CloudTrail itself does.
Where the topology has no services, trails have no topics, and nobody is notified. Buckets are for
audit-complete.
Source: CloudTrail User Guide: one bucket, one topic, one log group for all regions; redelivery for
30 days, within which every fault of a plan heals.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from scenarios.arena import Arena, MadeTrail
from scenarios.evidence import Evidence
from scenarios.invariants.promise import Promise
from scenarios.log_objects import chain_of
from scenarios.outlets import files_told


class SinksComplete(Promise):
    """Log group, event buses and topic hear of all that a trail wants, and of nothing else."""

    name: ClassVar[str] = "sinks-complete"
    compared: ClassVar[str] = "event history, log events, events of rules, and notifications"

    def conclude(self, arena: Arena) -> None:
        """Compare each sink with event history, and the topic with the bucket."""
        for trail in arena.trails.values():
            if trail.outlets is None:
                self.checked += 1
                for key in files_told(arena.inbox, trail.bucket):
                    text = f"a notification names {key}, and {trail.name} has no topic"
                    self.fail(arena.world.now_ns, text)
                continue
            logged = {str(record["eventID"]) for record in trail.outlets.logged}
            known: set[str] = set()
            for region in arena.regions:
                events = {event.event_id: event for event in arena.event_history(region)}
                known |= events.keys()
                if region in trail.outlets.ruled:
                    self._judge_bus(arena, region, events, trail.outlets.bused[region])
                here = logged & events.keys()
                self._compare(arena, region, "the log group", events, here, (trail,))
            self._unknown(arena, trail.home, "the log group", logged - known)
            told = set(files_told(arena.inbox, trail.bucket, trail.outlets.topic))
            files = {key for key in arena.files(trail) if chain_of(key) is None}
            self.checked += len(files)
            for key in sorted(files - told):
                self.fail(arena.world.now_ns, f"no notification has named {key}")

    def _judge_bus(
        self,
        arena: Arena,
        region: str,
        events: Mapping[str, Evidence],
        records: Sequence[Mapping[str, object]],
    ) -> None:
        where, found = f"the bus of {region}", {str(record["eventID"]) for record in records}
        # An event is on the bus if any trail of the account wants it.
        self._compare(arena, region, where, events, found, arena.trails_of(region))
        self._unknown(arena, region, where, found - events.keys())

    def _compare(
        self,
        arena: Arena,
        region: str,
        where: str,
        events: Mapping[str, Evidence],
        found: set[str],
        trails: Sequence[MadeTrail],
    ) -> None:
        for event_id, event in events.items():
            if any(wants(arena, trail, event) for trail in trails):
                self.checked += 1
                if event_id not in found:
                    text = f"event {event_id} of {region} is missing in {where}"
                    excuse = _undelivered(arena, region, event)
                    self.fail(arena.world.now_ns, text, excuse=excuse)
            elif event_id in found and all(trail.omits(event) for trail in trails):
                text = f"event {event_id} of {region} is in {where}, and trails leave it out"
                self.fail(arena.world.now_ns, text)

    def _unknown(self, arena: Arena, region: str, where: str, found: set[str]) -> None:
        for event_id in sorted(found):
            text = f"event {event_id} is in {where}, and no history has it"
            self.fail(arena.world.now_ns, text, excuse=arena.allowance.records(region))


def _undelivered(arena: Arena, region: str, event: Evidence) -> str:
    """Return why trails may lack an event; "" if they may not."""
    at_ns = event.time_ns - arena.world.kernel.epoch_ns
    stopped = [
        arena.allowance.undelivered(trail.home, at_ns, at_ns + 1)
        for trail in arena.trails_of(region)
    ]
    return next(filter(None, stopped), "") or arena.allowance.records(region)


def wants(arena: Arena, trail: MadeTrail, event: Evidence) -> bool:
    """Say whether a trail must deliver what a region's history holds."""
    from_ns = arena.world.kernel.epoch_ns + trail.from_ns
    return event.time_ns >= from_ns and event.account == trail.account and not trail.omits(event)
