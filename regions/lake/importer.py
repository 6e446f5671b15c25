"""Copies events out of delivered log files into event data stores, one file after the other.

How far an import is, is kept after each file, so it goes on after a power cut; a file that was
being copied then is copied once more, which adds nothing twice.
What does not belong here: who may import (operations/), and which buckets there are (sites.py).
Source: CloudTrail User Guide, "Copy trail events to CloudTrail Lake": only log files of trails
(``AWSLogs/.../CloudTrail/``), chosen by eventTime; failures are listed and the rest goes on.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from regions.bucket import GetObject, ListObjects, ObjectBody, ObjectList
from regions.lake.changes import Import
from regions.lake.events import EventFiles, StoredEvent
from regions.lake.sites import split_uri
from regions.lake.state import LakeState
from regions.trail.group_commit import Then
from sim.actor import Actor, Expired
from sim.units import NS_PER_SECOND, seconds
from sim.wire import Message, Refusal

TIMEOUT_NS: Final = seconds(30)
#: Failures that are remembered of one import; further ones are counted in none. Chosen.
FAILURES_MAX: Final = 1_000
_OF_TRAILS: Final = "/CloudTrail/"
_ENDING: Final = ".json.gz"

Keep = Callable[[Message, Then | None], None]


class Importer:
    """Carries a lake's imports out.

    Args:
      actor: the lake.
      keep: applies a change and writes it; calls back when it is durable.
      durable: calls back once all that was written is durable.
    """

    def __init__(
        self,
        actor: Actor,
        state: LakeState,
        files: EventFiles,
        keep: Keep,
        durable: Callable[[Then], None],
    ) -> None:
        self._actor, self._state, self._files = actor, state, files
        self._keep, self._durable = keep, durable
        self._busy: set[str] = set()

    def wake(self) -> None:
        """Go on with every import that goes on."""
        for found in self._state.imports.values():
            if found.status == "IN_PROGRESS" and found.import_id not in self._busy:
                self._busy.add(found.import_id)
                self._actor.spawn(self._run, found.import_id)

    async def _run(self, import_id: str) -> None:
        try:
            while (found := self._state.imports[import_id]).status == "IN_PROGRESS":
                await self._step(found)
        finally:
            self._busy.discard(import_id)

    async def _step(self, found: Import) -> None:
        """Copy what one page of keys lists."""
        bucket, prefix = split_uri(found.location)
        listing = ListObjects(bucket=bucket, prefix=prefix, after=found.after)
        try:
            page: ObjectList = await self._actor.ask(
                found.bucket_site, listing, timeout_ns=TIMEOUT_NS
            )
        except (Refusal, Expired) as error:
            self._failed(found, found.location, error, over=True)
            return
        for each in page.objects:
            if self._state.imports[found.import_id].status != "IN_PROGRESS":
                return
            await self._file(found.import_id, bucket, each.key)
        now = self._state.imports[found.import_id]
        if not page.truncated and now.status == "IN_PROGRESS":
            status = "FAILED" if now.failures else "COMPLETED"
            self._update(replace(now, status=status))

    async def _file(self, import_id: str, bucket: str, key: str) -> None:
        found = self._state.imports[import_id]
        if _OF_TRAILS not in f"/{key}" or not key.endswith(_ENDING):
            return
        ask = GetObject(bucket=bucket, key=key)
        try:
            body: ObjectBody = await self._actor.ask(found.bucket_site, ask, timeout_ns=TIMEOUT_NS)
            events = list(read_events(body.body, found.start, found.end))
        except (Refusal, Expired, ValueError) as error:
            self._failed(replace(found, after=key), f"s3://{bucket}/{key}", error, over=False)
            return
        store = self._state.stores.get(found.store_id)
        if store is None:
            self._failed(found, found.location, ValueError("the store is gone"), over=True)
            return
        self._files.add(found.store_id, events, self._actor.calendar_ns)
        folder = key.rpartition("/")[0]
        fresh = folder != found.after.rpartition("/")[0]
        self._durable(
            lambda: self._progress(import_id, key, files=1, events=len(events), folder=fresh)
        )
        # What follows must see this progress: the flush that carries it is the one awaited.
        await self._actor.disk.flushed()

    def _progress(self, import_id: str, key: str, *, files: int, events: int, folder: bool) -> None:
        found = self._state.imports[import_id]
        self._update(
            replace(
                found,
                after=key,
                files=found.files + files,
                events=found.events + events,
                prefixes=found.prefixes + folder,
            )
        )

    def _failed(self, found: Import, location: str, error: Exception, *, over: bool) -> None:
        failures = found.failures
        if len(failures) < FAILURES_MAX:
            why = f"{error}".partition("\n")[0] or type(error).__name__
            failures = (*failures, (location, type(error).__name__, why))
        status = "FAILED" if over else found.status
        self._update(replace(found, failures=failures, status=status))

    def _update(self, changed: Import) -> None:
        self._keep(replace(changed, updated_ns=self._actor.calendar_ns), None)


def read_events(body: bytes, start: int, end: int) -> Iterator[StoredEvent]:
    """Yield the events of a log file whose time lies in a range.

    Args:
      body: uncompressed.
      start: seconds since 1970, inclusive.
      end: the same; 0: no end.

    Raises:
      ValueError: it is no log file.
    """
    found: Any = json.loads(body)
    records = found.get("Records") if isinstance(found, dict) else None
    if not isinstance(records, list):
        raise ValueError("expected a JSON object with a list called Records")  # noqa: TRY004 - of the file
    for record in records:
        try:
            moment = datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%S%z")
            event_id = str(record["eventID"])
        except (TypeError, KeyError, ValueError) as error:
            raise ValueError("expected eventTime and eventID in every record") from error
        second = int(moment.timestamp())
        if start <= second and (not end or second <= end):
            text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
            time_ns = second * NS_PER_SECOND
            yield StoredEvent(event_id=event_id, time_ns=time_ns, text=text)
