"""The S3 endpoint of one region: takes calls, has a store perform them, asks KMS, keeps records.

It holds nothing itself. A name that its own store does not know may be a bucket of another region,
so it asks the other stores; two regions that make a bucket of one name at the same instant are not
told from each other (the real service has one place for all names: not modelled).
What does not belong here: what an action does (operations/), and data (store.py).
Source: Amazon S3 User Guide, "Methods for accessing a bucket" and "Using SSE-KMS"; CloudTrail User
Guide, "Logging data events": they are recorded where a trail wants them; when the endpoint learns
of that is chosen (trail/data_events.py).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from regions.api.errors import ActionNotImplemented, InvalidLocationConstraint
from regions.api.shapes import check_request
from regions.bucket import BucketReady, HeadBucket
from regions.calls import ApiAnswer, ApiCall
from regions.errors import (
    AccessDeniedException,
    ServiceError,
    ServiceUnavailableException,
    ThrottlingException,
)
from regions.s3.access import DENIED
from regions.s3.copying import read_source, source_call
from regions.s3.errors import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    NoSuchBucket,
    NotModified,
    PreconditionFailed,
    StoreFailure,
    of_kms,
)
from regions.s3.messages import DataKey, KeyWanted, Perform, Performed, Source
from regions.s3.operation import Operation
from regions.s3.operations import OPERATIONS
from regions.s3.place import redirect, region_wanted
from regions.s3.records import Answered, record_of
from regions.trail.messages import AskDataEvents, DataEvents, Publish, RegionJoined
from regions.trail.record import AWS_INTERNAL
from sim.actor import Actor, Expired, Request
from sim.quick import changed
from sim.units import minutes, seconds
from sim.wire import Message, Overloaded, Refusal

#: A store that does not say in this time whether it has a bucket is not waited for; chosen.
_LOOK_TIMEOUT_NS: Final = seconds(5)
#: A record that the trail has not taken in this time is not kept; chosen, as KMS's own.
_TRAIL_TIMEOUT_NS: Final = seconds(5)
#: What the trail said of data events holds so long, though it would tell of a change; chosen.
_DATA_LEASE_NS: Final = minutes(10)
#: A trail that does not answer is asked again after this; chosen.
_DATA_RETRY_NS: Final = seconds(30)
#: Data keys that one call may need: of what it writes, and once more if that changed meanwhile.
_KEYS_MAX: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One region as its S3 endpoint, and those of others, know it."""

    region: str
    store: str
    front: str  #: of KMS


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Config:
    """Where an S3 endpoint stands."""

    region: str
    trail: str
    sites: tuple[Site, ...]  #: of every region, its own included


def with_site(sites: tuple[Site, ...], joined: RegionJoined) -> tuple[Site, ...]:
    """Return the sites with that of one more region."""
    site = Site(region=joined.region, store=joined.bucket, front=joined.services["kms"])
    return (*(one for one in sites if one.region != joined.region), site)


class S3(Actor):
    """The S3 API of one region."""

    kind = "s3"
    workers = 64  # chosen: most of them wait for a disk
    inline: ClassVar[frozenset[type]] = frozenset({DataEvents, RegionJoined})
    asks: ClassVar[tuple[str, ...]] = ("bucket", "region")
    asks_inline: ClassVar[Mapping[str, frozenset[type]]] = {
        "trail": frozenset({Publish, AskDataEvents})
    }

    config: S3Config

    def start(self) -> None:
        """Find the own region's store."""
        self._sites = {site.region: site for site in self.config.sites}
        self._data_wanted, self._data_until_ns = False, 0

    async def serve(self, request: Request) -> None:
        """Take one call to the store that can perform it, record it, answer it."""
        call: ApiCall = request.body
        request_id = call.request_id or self.rng("request-id").uuid()
        operation = OPERATIONS.get(call.action)
        try:
            if operation is None:
                raise ActionNotImplemented(f"{call.action} is not modelled.")
            check_request("s3", call.action, call.parameters)
            done = await self._do(request, call, operation)
        except ServiceError as error:
            refusal = error.answering(request_id)
            if operation is not None:
                failed = Answered(request_id=request_id, body={}, error=refusal)
                await self._record(call, operation, failed)
            request.refuse(refusal)
            return
        assert operation is not None, "what is not modelled was refused"
        answered = Answered(request_id=request_id, body=done.body, owner=done.owner)
        await self._record(call, operation, answered)
        request.reply(ApiAnswer(request_id=request_id, body=done.body))

    async def _do(self, request: Request, call: ApiCall, operation: Operation) -> Performed:
        here = self._sites[self.config.region]
        if operation.merge is not None:
            answers = [await self._perform(request, site, call) for site in self.config.sites]
            bodies = [answer.body for answer in answers]
            return Performed(body=operation.merge(bodies, call.parameters), owner="")
        if operation.makes_bucket:
            return await self._make(request, call)
        source = await self._source(request, call) if operation.copies else None
        try:
            return await self._perform(request, here, call, source)
        except NoSuchBucket:
            name = call.parameters["Bucket"]
            for site in self.config.sites:
                if site is not here and await self._owner(site, name) is not None:
                    raise redirect(site.region, name) from None
            raise

    async def _perform(
        self, request: Request, site: Site, call: ApiCall, source: Source | None = None
    ) -> Performed:
        """Have a store perform a call, with the data keys that it turns out to need.

        Raises:
          ServiceError: as the store or KMS refuses; StoreFailure if one does not answer.
        """
        keys: tuple[DataKey, ...] = ()
        while len(keys) <= _KEYS_MAX:
            wanted = Perform(call=call, keys=keys, source=source)
            answer: Performed | KeyWanted = await self._ask(request, site.store, wanted)
            if isinstance(answer, Performed):
                return answer
            keys = (*keys, await self._data_key(request, site, call, answer))
        raise StoreFailure

    async def _ask(self, request: Request, to: str, message: Message) -> Any:
        try:
            return await request.ask(to, message)
        except ServiceError:
            raise
        except Overloaded as error:
            raise ThrottlingException("Please reduce your request rate.") from error
        except (Expired, Refusal) as error:
            raise StoreFailure from error

    # Names.

    async def _owner(self, site: Site, bucket: str) -> str | None:
        """Return who owns a bucket of another region; None if it is not there.

        Raises:
          ServiceUnavailableException: that region does not say.
        """
        head = HeadBucket(bucket=bucket)
        try:
            ready: BucketReady = await self.ask(site.store, head, timeout_ns=_LOOK_TIMEOUT_NS)
        except Expired as error:
            text = f"Region {site.region} does not answer."
            raise ServiceUnavailableException(text) from error
        except Overloaded as error:
            raise ThrottlingException("Please reduce your request rate.") from error
        except Refusal:
            return None
        return ready.owner

    async def _make(self, request: Request, call: ApiCall) -> Performed:
        name = call.parameters["Bucket"]
        wanted = region_wanted(self.config.region, call.parameters)
        there = self._sites.get(wanted)
        if there is None:
            raise InvalidLocationConstraint("The specified location-constraint is not valid")
        for site in self.config.sites:
            owner = None if site is there else await self._owner(site, name)
            if owner is not None:
                is_own = owner == call.principal.account
                raise BucketAlreadyOwnedByYou if is_own else BucketAlreadyExists
        return await self._perform(request, there, call)

    async def _source(self, request: Request, call: ApiCall) -> Source:
        """Return what a call copies, from whatever region it is in.

        Raises:
          ServiceError: as a GetObject of the source is refused.
        """
        reading = source_call(call)
        here, name = self._sites[self.config.region], reading.parameters["Bucket"]
        try:
            try:
                done = await self._perform(request, here, reading)
            except NoSuchBucket:
                others = [site for site in self.config.sites if site is not here]
                found = [site for site in others if await self._owner(site, name) is not None]
                if not found:
                    raise
                done = await self._perform(request, found[0], reading)
        except NotModified:
            raise PreconditionFailed from None
        return read_source(call, reading, done.body)

    # Keys.

    async def _data_key(
        self, request: Request, site: Site, call: ApiCall, wanted: KeyWanted
    ) -> DataKey:
        """Ask KMS for a data key with the caller's authority.

        Raises:
          ServiceError: KMS refuses.
        """
        if not call.principal.account:
            raise AccessDeniedException(DENIED)
        context = json.loads(wanted.context)
        if wanted.blob:
            action = "Decrypt"
            parameters = {"CiphertextBlob": wanted.blob, "EncryptionContext": context}
        else:
            action = "GenerateDataKey"
            parameters = {
                "KeyId": wanted.asked,
                "KeySpec": "AES_256",
                "EncryptionContext": context,
            }
        asking = ApiCall(
            service="kms",
            region=site.region,
            action=action,
            parameters=parameters,
            principal=changed(call.principal, via_service="s3", invoked_by=AWS_INTERNAL),
            source_ip=AWS_INTERNAL,
            user_agent=AWS_INTERNAL,
        )
        try:
            answer: ApiAnswer = await self._ask(request, site.front, asking)
        except ServiceError as error:
            raise of_kms(error) from error
        return DataKey(
            plaintext=answer.body["Plaintext"],
            blob=wanted.blob or answer.body["CiphertextBlob"],
            key_arn=answer.body["KeyId"],
            asked=wanted.asked,
            context=wanted.context,
        )

    # Records.

    async def _record(self, call: ApiCall, operation: Operation, answered: Answered) -> None:
        """Keep the record of a call; of a data event, if any trail wants such.

        Raises:
          StoreFailure: it cannot be kept.
        """
        if not operation.event and not await self._wants_data():
            return
        record = record_of(
            call,
            operation,
            answered,
            region=self.config.region,
            event_id=self.rng("event-id").uuid(),
            time_ns=self.calendar_ns,
        )
        if record is None:
            return
        try:
            publish = Publish(records=(record,))
            await self.ask(self.config.trail, publish, timeout_ns=_TRAIL_TIMEOUT_NS)
        except (Refusal, Expired) as failure:
            raise StoreFailure("", answered.request_id) from failure

    async def _wants_data(self) -> bool:
        """Say whether data events are wanted: as the trail said last, if that is not long ago."""
        if self.now_ns >= self._data_until_ns:
            self._data_until_ns = self.now_ns + _DATA_LEASE_NS  # Others need not ask meanwhile.
            try:
                answer: DataEvents = await self.ask(
                    self.config.trail, AskDataEvents(), timeout_ns=_LOOK_TIMEOUT_NS
                )
            except (Refusal, Expired):
                self._data_until_ns = self.now_ns + _DATA_RETRY_NS
            else:
                self._data_wanted = answer.wanted
        return self._data_wanted

    def receive(self, request: Request) -> None:
        """Hear that data events are wanted, or no more, or of a region that was launched."""
        body: DataEvents | RegionJoined = request.body
        if isinstance(body, RegionJoined):
            self.config = replace(self.config, sites=with_site(self.config.sites, body))
            self._sites = {site.region: site for site in self.config.sites}
            return
        self._data_wanted = body.wanted
