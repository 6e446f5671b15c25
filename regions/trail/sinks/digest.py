"""Digests in the trail's bucket: one for each hour of a trail that validates its log files.

What does not belong here: what a digest says (digest.py), how far each trail is (digests.py), and
which key signs (digest_keys.py).
Source: CloudTrail User Guide, "CloudTrail digest file structure".
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar, Final

from regions.bucket import ObjectStored
from regions.crypto.aead import IV_BYTES, KEY_BYTES
from regions.crypto.drbg import SEED_BYTES
from regions.s3.messages import DataKey
from regions.trail.deliveries import DIGEST, REDELIVERY_NS, DeliveryPlan
from regions.trail.digest import (
    Digest,
    Link,
    LogFile,
    digest_body,
    digest_key,
    metadata,
    string_to_sign,
)
from regions.trail.digest_keys import DigestKey, Safe, make_secret
from regions.trail.digests import (
    DIGEST_FRAMES,
    Chain,
    DigestDone,
    DigestPlan,
    DigestState,
    FileDelivered,
    stretch_of,
    whole,
)
from regions.trail.puts import File, Turns, put_file
from regions.trail.sealing import ask_data_key
from regions.trail.sink import Answer, Host, Sink, complaint
from regions.trail.stored_file import StoredFile
from regions.trail.trails import TrailSettings
from sim.clock import Timer
from sim.promise import Promise
from sim.wire import Message

#: Hours that went by are caught up with in turns of so many, so that others have theirs; chosen.
HOURS_PER_TURN: Final = 24


class DigestSink(Sink):
    """Makes the digests of every hour, and puts them as often as it takes, for 30 days."""

    name = "digest"
    frames: ClassVar[Mapping[int, type[Any]]] = DIGEST_FRAMES

    state: DigestState

    def __init__(self, host: Host, state: DigestState) -> None:
        super().__init__(host, state)
        self._archive = host.archive
        self._draw = host.entropy("digests")
        master = host.battery("digests", host.name)(KEY_BYTES)
        self._safe = Safe(host.archive.region, master)
        self._hours: dict[str, Timer] = {}
        self._turns = Turns(host, self._first, self._begin)
        self._searching = False  #: for a new key
        self._key_waiters: list[Promise] = []

    @staticmethod
    def new_state() -> DigestState:
        """Return the state of a region without digests."""
        return DigestState()

    def resume(self) -> None:
        """Go on with chains that have begun; what went by is made good."""
        for arn in sorted(self.state.trails):
            latest_ns = self.state.of(arn).latest_ns
            self._archive.delivery(arn).health[DIGEST].latest_ns = latest_ns
            self._turns.go_on(arn)
        for settings in self._archive.trails:
            self._go_on(settings.arn)

    def altered(self, settings: TrailSettings) -> None:
        """Begin a chain, or end one where the trail has meanwhile stopped and begun again."""
        self._go_on(settings.arn)

    def stored(self, plan: DeliveryPlan, file: StoredFile) -> Iterable[Message]:
        """Have the next digest name a file, if a chain is open."""
        if self.state.of(plan.arn).open is None:
            return
        named = LogFile(
            bucket=file.bucket,
            key=file.key,
            sha256=sha256(file.body).digest(),
            oldest_ns=file.oldest_ns,
            newest_ns=file.newest_ns,
            delivered_ns=file.time_ns,
        )
        yield FileDelivered(arn=plan.arn, file=named)

    # Hours.

    def _go_on(self, arn: str) -> None:
        """Make the digests of all hours that are over, and wait for the end of the next one."""
        timer = self._hours.pop(arn, None)
        if timer is not None:
            timer.cancel()
        settings = self._archive.trails.get(arn)
        if settings is None:
            return  # Its settings were lost with a part of the disk.
        for _ in range(HOURS_PER_TURN):
            chain = self._begun(settings)
            if chain is None:
                return
            now_ns, end_ns = self.host.calendar_ns, chain.end_ns
            if now_ns < end_ns:
                self._hours[arn] = self.host.after_calendar(end_ns - now_ns, self._go_on, arn)
                return
            if end_ns == chain.start_ns:
                self.host.change([replace(chain, start_ns=0)])  # Cut before it had begun.
            elif not self._close(settings, chain, end_ns):
                return
        self._hours[arn] = self.host.after(0, self._go_on, arn)

    def _begun(self, settings: TrailSettings) -> Chain | None:
        """Return the open chain of a trail, begun or cut if it is time for that; None: no chain."""
        trail = self.state.of(settings.arn)
        stretch_ns, now_ns = stretch_of(settings, self._archive.region), self.host.calendar_ns
        chain = trail.open
        if chain is None and stretch_ns:
            before, start_ns = trail.chain, whole(now_ns)
            if before is not None and before.cut_ns >= whole(stretch_ns):
                start_ns = before.cut_ns  # One chain ends where the other one begins.
            chain = Chain(arn=settings.arn, stretch_ns=stretch_ns, start_ns=start_ns)
            self.host.change([chain])
        elif chain is not None and not chain.cut_ns and stretch_ns not in (0, chain.stretch_ns):
            chain = replace(chain, cut_ns=max(whole(now_ns), chain.start_ns))
            self.host.change([chain])
        return chain

    def _close(self, settings: TrailSettings, chain: Chain, end_ns: int) -> bool:
        """Make the digest of an hour that is over; False: there is no key to sign it with yet."""
        key = self.state.keys.signer(end_ns)
        if key is None:
            self._search(end_ns)
            return False
        plan = self._plan(settings, chain, end_ns, key)
        self.host.change([plan], lambda: self._turns.go_on(settings.arn))
        return True

    def _goes_on(self, settings: TrailSettings, chain: Chain, end_ns: int) -> bool:
        """Say whether a chain has another hour after the one that ends then."""
        archive = self._archive
        if end_ns == chain.cut_ns:
            return False
        if stretch_of(settings, archive.region) == chain.stretch_ns or chain.cut_ns:
            return True
        if not (settings.is_in(archive.region) and settings.validates):
            return False
        delivery = archive.delivery(settings.arn)
        owed = delivery.wanted(settings, archive.history, archive.head)
        return bool(delivery.pending or owed)

    def _plan(
        self, settings: TrailSettings, chain: Chain, end_ns: int, key: DigestKey
    ) -> DigestPlan:
        digest = Digest(
            account=settings.account,
            bucket=settings.bucket,
            key=digest_key(
                prefix=settings.prefix,
                account=settings.account,
                region=self._archive.region,
                trail=settings.name,
                home=settings.home_region,
                end_ns=end_ns,
            ),
            start_ns=chain.start_ns,
            end_ns=end_ns,
            fingerprint=key.fingerprint,
            previous=chain.previous,
            files=self.state.of(settings.arn).covered(end_ns),
        )
        body = digest_body(digest)
        return DigestPlan(
            arn=settings.arn,
            bucket=settings.bucket,
            bucket_site=settings.bucket_site,
            end_ns=end_ns,
            link=Link(
                bucket=digest.bucket,
                key=digest.key,
                sha256=sha256(body).digest(),
                signature=self._safe.sign(key, string_to_sign(digest, body)),
            ),
            body=body,
            last=not self._goes_on(settings, chain, end_ns),
        )

    # Keys.

    async def key_of(self, time_ns: int) -> None:
        """Return when there is a key that would sign a digest of that time."""
        if self.state.keys.signer(time_ns) is None:
            found = Promise(self.host)
            self._key_waiters.append(found)
            self._search(time_ns)
            await found.wait()

    def _search(self, end_ns: int) -> None:
        """Look for a new key, unless that is under way."""
        if not self._searching:
            self._searching = True
            self.host.spawn(self._find, end_ns)

    async def _find(self, end_ns: int) -> None:
        host = self.host
        secret: bytes = await host.aside(make_secret, self._draw(SEED_BYTES)).result()
        half = len(secret) // 2
        for prime in (secret[:half], secret[half:]):
            host.announce("digest-key", prime)
        self._searching = False
        host.change([self._safe.seal(secret, end_ns, self._draw(IV_BYTES))])
        waiters, self._key_waiters = self._key_waiters, []
        for waiter in waiters:
            waiter.set(None)
        for arn in sorted(self.state.trails):
            self._go_on(arn)

    # Delivery.

    def _first(self, arn: str) -> tuple[DigestPlan, int] | None:
        plan = self.state.of(arn).next_plan()
        return None if plan is None else (plan, 0)

    def _begin(self, plan: DigestPlan) -> None:
        """Put the oldest digest that is owed, under a data key if the trail wants that."""
        ask_data_key(
            self.host,
            plan.arn,
            plan.bucket_site,
            (plan.link.bucket, plan.link.key),
            partial(self._put, plan),
            partial(self._settle, plan),
        )

    def _put(self, plan: DigestPlan, sealed: DataKey | None) -> None:
        """Put the digest of a plan."""
        link = plan.link
        file = File(
            arn=plan.arn,
            bucket=link.bucket,
            key=link.key,
            body=plan.body,
            metadata=metadata(link.signature),
            sealed=sealed,
        )
        put_file(self.host, plan.bucket_site, file, partial(self._settle, plan))

    def _settle(self, plan: DigestPlan, answer: Answer) -> None:
        host, arn, key = self.host, plan.arn, plan.link.key
        now_ns = host.calendar_ns
        self._turns.over(arn)
        health = self._archive.delivery(arn).health[DIGEST]
        if isinstance(answer, ObjectStored):
            health.tried(now_ns)
            host.change([DigestDone(arn=arn, key=key, time_ns=now_ns)])
            self._turns.go_on(arn)
            return
        health.tried(now_ns, complaint(answer))
        pause_ns = self.state.of(arn).failed()
        if now_ns - plan.end_ns > REDELIVERY_NS:
            host.note("delivery-given-up", arn=arn, key=key)
            host.change([DigestDone(arn=arn, key=key, time_ns=0)])
        self._turns.go_on(arn, now_ns + pause_ns)
