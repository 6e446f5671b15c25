"""The object store of one region behind the S3 API: it keeps buckets, objects and their bodies.

It answers whatever the region's S3 endpoint asks of it, trails that deliver, and the plain messages
of a store (regions/bucket.py). Its handlers ask nobody, so nobody who waits for it waits for long.
A body is on disk before the journal speaks of it, and the journal before anybody is answered; a
file goes when nothing in the journal speaks of it any more.
What does not belong here: what an action does (operations/), the state (state.py), KMS and records
(endpoint.py).
Source: ARCHITECTURE, "Disk"; Amazon S3 User Guide, "Amazon S3 data consistency model".
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, ClassVar, Final

from regions.ailments import ANY, SEALED
from regions.bucket import (
    PAGE_KEYS,
    BucketAlreadyExists,
    BucketReady,
    CreateBucket,
    GetObject,
    HeadBucket,
    ListObjects,
    NoSuchBucket,
    NoSuchKey,
    ObjectBody,
    ObjectDamaged,
    ObjectEntry,
    ObjectList,
    ObjectStored,
    PutObject,
    to_gzip,
)
from regions.calls import ApiCall
from regions.crypto.aead import KEY_BYTES
from regions.errors import AccessDeniedException, ServiceError
from regions.s3.access import (
    DENIED,
    access_of,
    bucket_arn,
    cloudtrail_call,
    compile_policy,
    delivery_policy,
    is_allowed,
)
from regions.s3.changes import CODEC, POLICY, BucketMade, BucketSet, Sealing, Version, VersionPut
from regions.s3.errors import StoreFailure
from regions.s3.expiry import expire, next_due_ns, soonest_ns
from regions.s3.listing import walk
from regions.s3.messages import (
    CheckDelivery,
    DataKey,
    DeliverObject,
    DeliveryForbidden,
    Perform,
    Performed,
)
from regions.s3.objects import etag_of, new_version_id
from regions.s3.operation import (
    KMS,
    Desk,
    NeedsKey,
    Read,
    Steps,
    Write,
    Written,
    fresh_version_id,
    sealing_of,
)
from regions.s3.operations import OPERATIONS
from regions.s3.shelf import Shelf
from regions.s3.state import BucketState, StoreState
from regions.service.state import Journal
from regions.trail.slots import object_key
from sim.actor import Actor, Request
from sim.clock import Timer
from sim.promise import Promise
from sim.wire import Message

#: How CloudTrail says what its files are.
_JSON: Final = "application/json"
_GZIP: Final = "gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """Where a store stands."""

    region: str


class Store(Actor):
    """Every bucket of one region; what it acknowledged survives a power cut."""

    kind = "bucket"
    workers = 32  # chosen: bodies are read and written in turns
    inline: ClassVar[frozenset[type]] = frozenset({HeadBucket, CheckDelivery, ListObjects})

    config: StoreConfig

    def start(self) -> None:
        """Read the journal, drop bodies that it does not speak of, and see what falls due."""
        self._master = self.battery("s3", self.name)(KEY_BYTES)
        self._draw = self.entropy("s3")
        self.state = StoreState()
        self._journal = Journal(self.disk, CODEC, lambda text: self.note("disk", found=text))
        self._journal.restore(self.state)
        self._shelf = Shelf(self, self._draw, self._journal.durable)
        self._shelf.sort_out(self.state.uses)
        self.state.freed.clear()
        self._unsettled = 0  #: answers that wait for the journal
        self._alarm: Timer | None = None
        self._alarm_ns = 0
        self._wake_at(next_due_ns(self.state))

    def receive(self, request: Request) -> None:
        """Answer what needs no disk."""
        body = request.body
        if isinstance(body, HeadBucket):
            request.reply(BucketReady(owner=self._bucket(body.bucket).owner))
        elif isinstance(body, CheckDelivery):
            request.reply(self._check_delivery(body))
        else:
            request.reply(self._list(body))

    async def serve(self, request: Request) -> None:
        """Answer what needs the disk."""
        body = request.body
        if isinstance(body, Perform):
            request.reply(await self._perform(body))
        elif isinstance(body, DeliverObject):
            request.reply(await self._deliver(body))
        elif isinstance(body, PutObject):
            request.reply(await self._keep_file(body, body.encoding))
        elif isinstance(body, GetObject):
            request.reply(await self._get(body))
        else:
            request.reply(await self._create(body))

    # The S3 API.

    async def _perform(self, wanted: Perform) -> Message:
        operation = OPERATIONS[wanted.call.action]
        desk = Desk(
            state=self.state,
            call=wanted.call,
            now_ns=self.calendar_ns,
            region=self.config.region,
            draw=self._draw,
            keys=wanted.keys,
            source=wanted.source,
        )
        written: list[int] = []
        try:
            done = operation.perform(desk, wanted.call.parameters)
            body = done if isinstance(done, dict) else await self._steps(desk, done, written)
        except NeedsKey as needed:
            self._drop(written)
            return needed.wanted
        except ServiceError:
            self._drop(written)
            raise
        await self._settle(desk.changed)
        self._drop(written)
        return Performed(body=body, owner=desk.owner)

    async def _steps(self, desk: Desk, steps: Steps, written: list[int]) -> dict[str, Any]:
        """Read and write for an action until it is done."""
        given: bytes | Written | None = None
        while True:
            try:
                wanted = steps.send(given)
            except StopIteration as stop:
                body: dict[str, Any] = stop.value
                return body
            master = desk.master(wanted.sealing) or self._master
            if isinstance(wanted, Write):
                given = await self._shelf.write(wanted.body, master, written)
            else:
                given = await self._shelf.read(wanted, master)

    async def _settle(self, changes: list[Message]) -> None:
        """Wait until what was changed, and what was seen, is durable."""
        if not changes and not self._unsettled:
            return
        durable = Promise(self)
        self._keep(changes, lambda: durable.set(None))
        self._wake_at(soonest_ns(self.state, changes))
        await durable.wait()

    def _keep(self, changes: list[Message], then: Callable[[], None] | None = None) -> None:
        """Write changes that the state has taken over; ``then()`` when they are durable."""
        freed, self.state.freed = self.state.freed, []

        def settled() -> None:
            self._unsettled -= 1
            self._shelf.remove(freed)
            if then is not None:
                then()

        self._unsettled += 1
        self._journal.keep(changes, self.state, settled)

    def _drop(self, written: list[int]) -> None:
        """Remove those of the files just written that nothing uses."""
        self._shelf.remove(number for number in written if not self.state.uses(number))

    # Trails.

    def _bucket(self, name: str) -> BucketState:
        found = self.state.buckets.get(name)
        if found is None:
            raise NoSuchBucket(f"the bucket {name!r} does not exist")
        return found

    def _lets_in(self, bucket: BucketState, call: ApiCall) -> bool:
        """Say whether a bucket's policy lets CloudTrail do that."""
        text = bucket.settings.get(POLICY)
        access = access_of(
            call,
            self.calendar_ns,
            action=f"s3:{call.action}",
            resource=bucket_arn(self.config.region, bucket.name, call.parameters.get("Key", "")),
            owner=bucket.owner,
            policy=compile_policy(text, bucket.name) if text else None,
        )
        return is_allowed(access)

    def _check_delivery(self, body: CheckDelivery) -> BucketReady:
        bucket = self._bucket(body.bucket)
        region, now_ns = self.config.region, self.calendar_ns
        key = object_key(
            prefix=body.prefix, account=body.account, region=region, slot_ns=now_ns, unique=""
        )
        for action, of_key in (("GetBucketAcl", ""), ("PutObject", key)):
            call = cloudtrail_call(region, body.bucket, of_key, body.account, body.trail, action)
            if not self._lets_in(bucket, call):
                raise DeliveryForbidden(f"the policy of {body.bucket!r} does not allow {action}")
        return BucketReady(owner=bucket.owner)

    async def _deliver(self, body: DeliverObject) -> ObjectStored:
        bucket = self._bucket(body.bucket)
        sealed = body.sealed
        call = cloudtrail_call(
            self.config.region,
            body.bucket,
            body.key,
            body.account,
            body.trail,
            "PutObject",
            "" if sealed is None else sealed.key_arn,
        )
        if not self._lets_in(bucket, call):
            raise AccessDeniedException(DENIED)
        return await self._keep_file(body, _GZIP, sealed)

    # The plain messages of a store.

    async def _create(self, body: CreateBucket) -> BucketReady:
        """Make a bucket that every trail may deliver to."""
        known = self.state.buckets.get(body.bucket)
        changes: list[Message] = []
        if known is None:
            made = BucketMade(bucket=body.bucket, owner=body.owner, created_ns=self.calendar_ns)
            text = delivery_policy(self.config.region, body.bucket)
            changes = [made, BucketSet(bucket=body.bucket, name=POLICY, value=text)]
        elif known.owner != body.owner:
            raise BucketAlreadyExists(f"the bucket {body.bucket!r} belongs to another account")
        await self._adopt(changes)
        return BucketReady(owner=body.owner)

    async def _adopt(self, changes: list[Message]) -> None:
        for change in changes:
            self.state.apply(change)
        await self._settle(changes)

    async def _keep_file(
        self, file: PutObject | DeliverObject, encoding: str, sealed: DataKey | None = None
    ) -> ObjectStored:
        """Store a file as S3 shows it to its readers: compressed JSON."""
        name, body = file.bucket, file.body
        closed = self.cell.ails.get(SEALED, ())
        if ANY in closed or name in closed:
            raise AccessDeniedException(DENIED)
        self._bucket(name)
        headers = {"ContentType": _JSON}
        if encoding == _GZIP:
            body, headers["ContentEncoding"] = to_gzip(body), _GZIP
        files: list[int] = []
        master = self._master if sealed is None else sealed.plaintext
        sealing = Sealing() if sealed is None else sealing_of(sealed)
        written = await self._shelf.write(body, master, files)
        bucket = self.state.buckets.get(name)
        if bucket is None:
            self._drop(files)
            raise NoSuchBucket(f"the bucket {name!r} does not exist")
        version = Version(
            key=file.key,
            version_id=new_version_id(bucket, partial(fresh_version_id, self._draw)),
            stored_ns=self.calendar_ns,
            size=len(body),
            etag=etag_of(written, sealing),
            pieces=written.pieces,
            sealing=sealing,
            headers=headers,
            metadata=file.metadata,
        )
        await self._adopt([VersionPut(bucket=name, version=version)])
        return ObjectStored()

    async def _get(self, body: GetObject) -> ObjectBody:
        found = self._bucket(body.bucket).current(body.key)
        if found is None:
            raise NoSuchKey(f"the bucket {body.bucket!r} has no object {body.key!r}")
        if found.sealing.algorithm == KMS:
            # Who asks so brings no authority over a key.
            raise AccessDeniedException(DENIED)
        encoding = found.headers.get("ContentEncoding", "")
        try:
            wanted = Read(found.pieces, found.sealing, 0, found.size - 1)
            content = await self._shelf.read(wanted, self._master)
            if encoding == _GZIP:
                content = gzip.decompress(content)
        except (StoreFailure, OSError, EOFError) as error:
            text = f"object {body.key!r} of {body.bucket!r} is damaged"
            raise ObjectDamaged(text) from error
        return ObjectBody(
            body=content,
            encoding=encoding,
            stored_ns=found.stored_ns,
            metadata=found.metadata,
        )

    def _list(self, body: ListObjects) -> ObjectList:
        bucket = self._bucket(body.bucket)
        walked = walk(bucket.keys, bucket.shows, prefix=body.prefix, after=body.after)
        found = [bucket.versions[key][0] for key, _ in islice(walked, PAGE_KEYS + 1)]
        entries = [
            ObjectEntry(key=each.key, size=each.size, stored_ns=each.stored_ns) for each in found
        ]
        return ObjectList(objects=tuple(entries[:PAGE_KEYS]), truncated=len(found) > PAGE_KEYS)

    # Lifecycle rules.

    def _wake_at(self, due_ns: int | None) -> None:
        """Sweep at that calendar time, if no sweep is due before."""
        if due_ns is None or (self._alarm is not None and self._alarm_ns <= due_ns):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        wait_ns = max(0, due_ns - self.calendar_ns)
        self._alarm, self._alarm_ns = self.after_calendar(wait_ns, self._sweep), due_ns

    def _sweep(self) -> None:
        """End what rules end by now."""
        self._alarm = None
        fresh = partial(fresh_version_id, self._draw)
        changes = expire(self.state, self.calendar_ns, fresh)
        if changes:
            self._keep(changes)
        self._wake_at(next_due_ns(self.state))
