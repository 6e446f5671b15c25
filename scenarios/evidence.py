"""Audit records as they are found in event history and in buckets, for checkers and reports.

What does not belong here: what should be there (invariants/).
Source: CloudTrail User Guide, "CloudTrail record contents".
"""

import calendar
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from regions.bucket import (
    ListObjects,
    NoSuchBucket,
    ObjectBody,
    ObjectDamaged,
)
from regions.trail.identities import is_provider
from regions.trail.messages import HistoryPage, ReadHistory
from regions.trail.record import MANAGEMENT, recipient
from scenarios.log_objects import chain_of
from scenarios.opened import Unseal, fetch
from scenarios.packed import Packed
from scenarios.result import Delivery
from scenarios.stats import Recorder, delivery
from sim.units import NS_PER_SECOND
from sim.world import SimWorld

if TYPE_CHECKING:
    from scenarios.arena import Arena


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record, as far as checkers compare it."""

    event_id: str
    request_id: str  #: "" for events of the service itself
    name: str
    region: str
    account: str  #: that receives the record
    time_ns: int  #: calendar; to the second when it was read from a file
    stored_ns: int = 0  #: calendar time at which its file was stored; 0 in history
    reveals: str = ""  #: the member that shows what no record may show, if there is one
    error: str = ""  #: error code of a call that failed
    shared_id: str = ""  #: that copies for several accounts have in common; "" of one without
    owners: tuple[str, ...] = ()  #: accounts of what was used, in the record's order
    invoked_by: str = ""  #: the service that called, for somebody or by itself
    nobody: bool = False  #: the provider acted within itself: userIdentity has no type
    category: str = MANAGEMENT  #: eventCategory


def read_history(world: SimWorld, trail: str) -> Packed[Evidence]:
    """Return a region's whole event history, oldest arrival first."""
    found = Packed(Evidence)
    after = 0
    while True:
        page: HistoryPage = world.ask(trail, ReadHistory(after=after))
        found.extend(
            Evidence(
                e.event_id,
                e.request_id,
                e.name,
                e.region,
                recipient(e),
                e.time_ns,
                reveals=_revealed(e.request_parameters, e.response_elements),
                error=e.error_code,
                shared_id=e.shared_event_id,
                owners=tuple(resource.account for resource in e.resources),
                invoked_by=e.principal.invoked_by,
                nobody=is_provider(e.principal, e.event_type),
                category=e.category,
            )
            for e in page.records
        )
        if not page.truncated:
            return found
        after = page.next


def read_bucket(
    world: SimWorld,
    actor: str,
    bucket: str,
    *,
    garbled: Callable[[str], None] = lambda _key: None,
    keep: Callable[[str, ObjectBody], None] = lambda _key, _stored: None,
    unseal: Unseal | None = None,
) -> Packed[Evidence]:
    """Return every record in the log files of a bucket; what is lost or damaged holds none.

    Args:
      keep: called with the key and what is stored there of every object that could be fetched.
      garbled: called with the key of each file that is handed out as whole and is no log file;
        it holds no record either.
      unseal: opens what is encrypted under a KMS key.
    """
    found = Packed(Evidence)
    after = ""
    while True:
        try:
            listed = world.ask(actor, ListObjects(bucket=bucket, after=after))
        except NoSuchBucket:
            return found
        for entry in listed.objects:
            try:
                stored = fetch(world, actor, bucket, entry.key, unseal, entry.stored_ns)
            except ObjectDamaged:
                continue
            keep(entry.key, stored)
            if chain_of(entry.key) is not None:
                continue
            records = _records_of(stored.body, entry.stored_ns)
            if records is None:
                garbled(entry.key)
            found.extend(records or ())
        if not listed.truncated:
            return found
        after = listed.objects[-1].key


def _records_of(body: bytes, stored_ns: int) -> list[Evidence] | None:
    """Return the records of a log file; None when it is no log file."""
    try:
        return [
            Evidence(
                record["eventID"],
                record.get("requestID") or "",
                record["eventName"],
                record["awsRegion"],
                record.get("recipientAccountId", ""),
                seconds_of(record["eventTime"]) * NS_PER_SECOND,
                stored_ns,
                _revealed(record.get("requestParameters"), record.get("responseElements")),
                record.get("errorCode", ""),
                record.get("sharedEventID", ""),
                tuple(r.get("accountId", "") for r in record.get("resources") or ()),
                record.get("userIdentity", {}).get("invokedBy", ""),
                "type" not in record.get("userIdentity", {"type": ""}),
                record.get("eventCategory", MANAGEMENT),
            )
            for record in json.loads(body)["Records"]
        ]
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def _revealed(*parts: Mapping[str, Any] | None) -> str:
    """Return the first member that carries a plaintext; CloudTrail keeps none, sealed or not."""
    for part in parts:
        for member in part or ():
            if "plaintext" in member.lower() and part and part[member]:
                return member
    return ""


@lru_cache(maxsize=4096)
def seconds_of(event_time: str) -> int:
    """Return the seconds since 1970 of an eventTime such as ``2026-01-01T00:00:00Z``."""
    return calendar.timegm(time.strptime(event_time, "%Y-%m-%dT%H:%M:%SZ"))


def delivery_delays(arena: "Arena") -> tuple[Delivery, ...]:
    """Return per trail how long records took from the call to the bucket."""
    rows = []
    for trail in arena.trails.values():
        delays = Recorder()
        for event in arena.delivered(trail):
            delays.add(max(0, event.stored_ns - event.time_ns))
        rows.append(delivery(trail.name, delays))
    return tuple(rows)
