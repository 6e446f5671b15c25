"""What an AZ host does for its region's multi-Region keys: says, hears, fetches, and tries again.

What is owed to other regions is a function of the replicated keyring (kms/abroad.py); the leader's
host pays it. Messages go one way, to the other region's endpoint, and are repeated until the debt
is gone from the keyring: so a lost message, a partition or a new leader only cost time, and no host
ever waits for a peer while that peer may wait for it.
What does not belong here: what a message changes (kms/family_rules.py).
Source: AWS KMS Cryptographic Details, "Multi-Region keys"; retry times are chosen.
"""

from typing import Any, Final

from regions.hsm.commands import GenerateKey
from regions.hsm.exchange import (
    SIGNING_PREFIX,
    DescribeSigner,
    OfferAgreement,
    Transfer,
    UnwrapMaterial,
    WrapMaterial,
)
from regions.jobs import Host
from regions.kms.abroad import FAREWELL, FETCH, REPORT, UPDATE, Abroad, Errand, Signer
from regions.kms.changes import Command
from regions.kms.family_events import event_of, says_something, synchronized
from regions.kms.family_rules import report_of
from regions.kms.key import Key
from regions.kms.keyring import Applied
from regions.kms.material import Report
from regions.kms.material_changes import (
    FamilyUpdated,
    MaterialArrived,
    ReplicaReported,
    ReportKept,
    SignerMade,
)
from regions.kms.relatives import (
    FamilyUpdate,
    MaterialSent,
    MaterialWanted,
    ReplicaReport,
    ReportTaken,
    may_leave,
    update_for,
)
from sim.actor import Actor, Expired
from sim.clock import Timer
from sim.promise import Promise
from sim.units import days, minutes, seconds
from sim.wire import Message, Refusal

#: What is still owed is tried again after this, and after twice as long each time, up to the
#: second figure: a region may be out of reach for a long time.
RETRY_NS: Final = seconds(10)
RETRY_MAX_NS: Final = minutes(30)
#: That a replica was purged is urgent to nobody, and its relatives may all be gone by then.
FAREWELL_MAX_NS: Final = days(1)
#: Material that does not come in this time is asked for anew; far above any round trip.
FETCH_NS: Final = seconds(5)


class Border:
    """At most one errand under way, at most one timer set."""

    def __init__(self, actor: Actor, host: Host) -> None:
        self._actor = actor
        self._host = host
        self._running = False
        self._timer: Timer | None = None
        self._resting: dict[Errand, tuple[int, int]] = {}  #: until when, and how long that was
        self._seen: tuple[Abroad, int] | None = None  #: what the timer was set for
        self._awaited: dict[bytes, Promise] = {}  #: offered agreement key to what comes for it

    # ---- paying what is owed ----

    def look(self) -> None:
        """See what is owed; call it after every change of the keyring or of the leader."""
        if self._running or not self._host.leads:
            return
        abroad = self._host.keyring.abroad
        seen, self._seen = self._seen, (abroad, abroad.changes)
        if self._timer is not None and seen == self._seen:
            return  # Very many debts may wait for a region that is out of reach.
        owed = list(abroad.errands())
        if not owed:
            self._resting.clear()
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._resting = {one: self._resting[one] for one in owed if one in self._resting}
        now_ns = self._actor.now_ns
        wait_ns = min(self._resting.get(one, (0, 0))[0] for one in owed) - now_ns
        if wait_ns > 0:
            self._timer = self._actor.after(wait_ns, self._again)
            return
        self._running = True
        due = [one for one in owed if self._resting.get(one, (0, 0))[0] <= now_ns]
        self._actor.spawn(self._pay, due)

    def _again(self) -> None:
        self._timer = None
        self.look()

    async def _pay(self, errands: list[Errand]) -> None:
        for errand in errands:
            waited_ns = self._resting.get(errand, (0, 0))[1]
            most_ns = FAREWELL_MAX_NS if errand.kind == FAREWELL else RETRY_MAX_NS
            rest_ns = min(2 * waited_ns, most_ns) or RETRY_NS
            self._resting[errand] = (self._actor.now_ns + rest_ns, rest_ns)
            try:
                await self._run(errand)
            except (Refusal, Expired) as error:
                failed = type(error).__name__
                self._actor.note("border", errand=errand.kind, of=errand.key_id, failed=failed)
        self._running = False
        self.look()

    async def _run(self, errand: Errand) -> None:
        keyring = self._host.keyring
        signer = keyring.abroad.own or await self._make_signer()
        key = keyring.key(errand.key_id)
        if errand.kind == FAREWELL:
            report = Report(region=keyring.region, version=0, held=())
            self._report(errand, report, signer, gone=True)
        elif key is None or key.family is None or key.family.version != errand.version:
            return  # There is another debt now, or none.
        elif errand.kind == UPDATE:
            now_ns = self._host.time.estimate_ns
            self._send(update_for(keyring, key, errand.region, signer.public, now_ns))
        elif errand.kind == REPORT:
            self._report(errand, report_of(key, keyring.region), signer, gone=False)
        else:
            assert errand.kind == FETCH, errand.kind
            await self._fetch(errand, key, signer)

    def _report(self, errand: Errand, report: Report, signer: Signer, *, gone: bool) -> None:
        self._send(
            ReplicaReport(
                target=errand.region,
                key_id=errand.key_id,
                report=report,
                gone=gone,
                signer=signer.public,
            )
        )

    def _send(self, message: FamilyUpdate | ReplicaReport | ReportTaken) -> None:
        self._actor.send(f"{message.target}/front", message)

    async def _ask(self, command: Message) -> Any:
        await self._host.fleet.installed()
        return await self._host.fleet.ask(self._actor.ask, command)

    async def _make_signer(self) -> Signer:
        """Bring the region's signing key into being; of two, the log takes the first."""
        key_id = SIGNING_PREFIX + self._actor.rng("signing-key").uuid().replace("-", "")
        made = await self._ask(GenerateKey(key_id=key_id))
        public = (await self._ask(DescribeSigner(token=made.token))).public
        now_ns = self._host.time.estimate_ns
        key = Key(key_id=key_id, account="", sequence=0, created_ns=now_ns, tokens=(made.token,))
        await self._commit(SignerMade(key=key, public=public))
        own = self._host.keyring.abroad.own
        if own is None:
            raise Expired("the signing key was not kept")
        return own

    def _signing_token(self, signer: Signer) -> bytes:
        key = self._host.keyring.key(signer.key_id)
        assert key is not None, "a signing key is never purged"
        return key.current.token

    async def _fetch(self, errand: Errand, key: Key, signer: Signer) -> None:
        """Get one material from the primary's region."""
        keyring = self._host.keyring
        peer = keyring.abroad.signers.get(errand.region)
        if peer is None:
            return  # It has not introduced itself; its next update does.
        transfer = Transfer(
            key_id=errand.key_id,
            spec=key.spec,
            hbk_id=errand.hbk_id,
            source=errand.region,
            target=keyring.region,
        )
        offered = await self._ask(
            OfferAgreement(transfer=transfer, signer=self._signing_token(signer))
        )
        promise = self._awaited[offered.public] = Promise(self._actor)
        late = self._actor.after(FETCH_NS, promise.fail, Expired("no material came"))
        wanted = MaterialWanted(
            transfer=transfer,
            offered=offered.public,
            signature=offered.signature,
            asker=self._actor.name,
        )
        self._actor.send(f"{errand.region}/front", wanted)
        try:
            wrapped = (await promise.wait()).wrapped
        finally:
            late.cancel()
            del self._awaited[offered.public]
        kept = await self._ask(
            UnwrapMaterial(
                transfer=transfer,
                offer=offered.token,
                public=wrapped.public,
                sealed=wrapped.sealed,
                signature=wrapped.signature,
                peer=peer.public,
            )
        )
        await self._keep(errand.key_id, kept.token)

    async def _keep(self, key_id: str, token: bytes) -> None:
        keyring, now_ns = self._host.keyring, self._host.time.estimate_ns
        key = keyring.key(key_id)
        if key is None:
            return
        event_id = self._actor.rng("event-id").uuid()
        record = synchronized(key, keyring.region, time_ns=now_ns, event_id=event_id)
        arrived = MaterialArrived(key_id=key_id, token=token, time_ns=now_ns)
        await self._host.commit(Command(change=arrived, record=record))

    async def _commit(self, change: Message) -> Applied:
        return await self._host.commit(Command(change=change, record=None))

    # ---- hearing from other regions ----

    def arrived(self, message: MaterialSent) -> None:
        """Hand material to whoever offered an agreement key for it."""
        promise = self._awaited.get(message.offered)
        if promise is not None:
            promise.set(message)

    async def take(self, message: Message) -> None:
        """Act on a message of another region; what cannot be done now is said again by it."""
        try:
            if isinstance(message, FamilyUpdate):
                await self._take_update(message)
            elif isinstance(message, ReplicaReport):
                await self._take_report(message)
            elif isinstance(message, ReportTaken):
                kept = ReportKept(key_id=message.key_id, report=message.report, gone=message.gone)
                await self._commit(kept)
            elif isinstance(message, MaterialWanted):
                await self._give(message)
        except (Refusal, Expired) as error:
            self._actor.note("border", heard=type(message).__name__, failed=type(error).__name__)

    async def _take_update(self, message: FamilyUpdate) -> None:
        change = FamilyUpdated(
            key_id=message.key.key_id,
            key=message.key,
            source=message.source,
            signer=message.signer,
            birth=message.birth,
            told_ns=message.time_ns,
            asked=message.asked,
            time_ns=self._host.time.estimate_ns,
        )
        await self._commit_with_event(change)

    async def _take_report(self, message: ReplicaReport) -> None:
        change = ReplicaReported(
            key_id=message.key_id,
            report=message.report,
            gone=message.gone,
            signer=message.signer,
            time_ns=self._host.time.estimate_ns,
        )
        await self._commit_with_event(change)
        keyring, region = self._host.keyring, message.report.region
        key = keyring.key(message.key_id)
        family = None if key is None else key.family
        # Whoever has no such key knows nothing: the primary one is there until all have reported.
        if family is None:
            known = False
        elif message.gone:
            known = region not in family.members
        else:
            known = family.report(region) == message.report
        if known:
            self._send(
                ReportTaken(
                    target=region,
                    key_id=message.key_id,
                    report=message.report,
                    gone=message.gone,
                )
            )

    async def _commit_with_event(self, change: FamilyUpdated | ReplicaReported) -> None:
        if not says_something(self._host.keyring, change):
            return
        event_id = self._actor.rng("event-id").uuid()
        record = event_of(self._host.keyring, change, event_id=event_id)
        await self._host.commit(Command(change=change, record=record))

    async def _give(self, message: MaterialWanted) -> None:
        """Have material sealed for the region that offers a key, if that has a replica."""
        keyring, transfer = self._host.keyring, message.transfer
        key = keyring.key(transfer.key_id)
        peer = keyring.abroad.signers.get(transfer.target)
        own = keyring.abroad.own
        if key is None or key.family is None or peer is None or own is None:
            return
        token = may_leave(key, transfer.hbk_id)
        related = transfer.target in key.family.members and transfer.source == keyring.region
        if not token or not related:
            return
        wrapped = await self._ask(
            WrapMaterial(
                transfer=transfer,
                token=token,
                offered=message.offered,
                offer_signature=message.signature,
                peer=peer.public,
                signer=self._signing_token(own),
            )
        )
        sent = MaterialSent(transfer=transfer, offered=message.offered, wrapped=wrapped)
        self._actor.send(message.asker, sent)
