"""An AZ's view of its region's HSMs: which to ask, and how each gets into the domain.

HSMs never talk to each other; the AZ host carries their tokens. An HSM that lost power is empty:
it introduces itself, a live HSM issues a domain token that lists it, the token becomes the newest
one of the replicated log, and with it the HSM joins.
What does not belong here: what an HSM does with a command (hsm/), and API calls (az.py).
Source: AWS KMS Cryptographic Details, "Domains and domain state", "Durability protection".
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

from regions.hsm.commands import (
    CreateDomain,
    DomainTokenIssued,
    HsmIdentity,
    InstallDomain,
    Introduce,
    LeaveDomain,
    ModifyMembers,
)
from regions.hsm.domain import parse_token
from regions.hsm.errors import (
    DomainTokenOutdated,
    DomainTokenRejected,
    HsmNotReady,
    HsmTampered,
    TokenUnreadable,
)
from regions.hsm.rsa_stock import bits_wanted
from regions.messages import DepositToken, RecoveryNeeded
from regions.names import beside, place_of
from sim.actor import Actor, Expired
from sim.promise import Promise
from sim.units import ms, seconds
from sim.wire import Message, Overloaded, Refusal, Unreachable

#: An HSM that does not answer for this long is left alone; chosen, 100 times its service time.
HSM_TIMEOUT_NS: Final = ms(250)
#: As long as that where primes may have to be searched for; chosen.
RSA_TIMEOUT_NS: Final = seconds(30)
#: How long a silent HSM is not asked again; chosen.
HSM_REST_NS: Final = seconds(1)
#: Between two tries to bring an HSM into the domain; chosen.
JOIN_RETRY_NS: Final = seconds(5)
#: Tries of that pace; then each is twice as late, up to a factor, unless there is news: an AZ that
#: is alone, or waits for a safe, may be so for hours; chosen.
JOIN_TRIES: Final = 6
JOIN_SLOWER_MAX: Final = 64
#: Between two calls for the operator while no HSM of the region is in the domain; chosen.
OPERATOR_RETRY_NS: Final = seconds(60)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """Names of HSM actors and of the operator."""

    region: str
    own: tuple[str, ...]  #: the HSMs of this AZ
    others: tuple[str, ...]  #: those of the other AZs at first, asked when the own ones fail
    offline: tuple[str, ...]  #: those in safes; listed as members, asked only at the beginning
    operator: str


class Log(Protocol):
    """What the fleet needs of the AZ: the newest domain token, and a way to replace it."""

    def domain_token(self) -> tuple[bytes, int]:
        """Return the newest exported domain token of the log and its version; (b"", 0): none."""

    async def store_domain(self, issued: DomainTokenIssued) -> bool:
        """Make a token the newest one; False if another of that version was first."""

    @property
    def leads(self) -> bool:
        """Whether long work is this AZ's to do."""


class HsmFleet:
    """The HSMs of one region as one AZ host sees them."""

    def __init__(self, host: Actor, config: FleetConfig, log: Log) -> None:
        self._host = host
        self._config = config
        self._log = log
        self._resting: dict[str, int] = {}  #: HSM -> when it may be asked again
        self._ready: dict[str, int] = {}  #: own HSMs in the domain -> when they said so last
        self._joining: set[str] = set()
        self._news: set[str] = set()  #: HSMs that had a power-on since the last try to join them
        self._turn = 0
        self._installing = 0  #: own HSMs that have a domain token and did not answer yet
        self._installed: list[Promise] = []  #: who waits for those answers
        self._safe: str = ""  #: an offline HSM that the operator has brought
        self._called_ns: int | None = None
        self._members: tuple[str, ...] = ()  #: serials that the newest domain token lists
        self._behind: dict[str, None] = {}  #: HSMs that answered with an older token than ours
        self._others = config.others
        self._azs: tuple[str, ...] = ()  #: AZ actors of the region, once they have changed
        self._gone: tuple[str, ...] = ()  #: places that have left the region for good
        self._expelling = False
        self._waiting: dict[str, Promise] = {}  #: HSMs whose next try to join is far away

    @property
    def ready(self) -> int:
        """How many of this AZ's HSMs are in the domain, as far as this host knows."""
        return len(self._ready)

    async def ask(self, ask: Callable[..., Awaitable[Any]], command: Message) -> Any:
        """Have one HSM of the region execute a command: an own one, or another AZ's.

        Raises:
          HsmNotReady: no HSM of the region could be found that is in the domain.
          Refusal: what the HSM said to the command itself; of a token that no HSM of the region
            opens, what the last one said.
        """
        unreadable: TokenUnreadable | None = None
        for hsm in self._candidates():
            try:
                return await self._ask_one(ask, hsm, command)
            except HsmNotReady:
                self._not_ready(hsm)
            except TokenUnreadable as refusal:
                # It is damaged, or this one HSM has missed the domain key that wraps it.
                unreadable = refusal
                if hsm in self._config.own and not self._installing:
                    self._install(hsm, *self._log.domain_token())
            except (Expired, Overloaded, Unreachable, HsmTampered):
                self._resting[hsm] = self._host.now_ns + HSM_REST_NS
        if unreadable is not None:
            raise unreadable
        raise HsmNotReady(f"no HSM of {self._config.region} is in its domain")

    async def _ask_one(self, ask: Callable[..., Awaitable[Any]], hsm: str, command: Message) -> Any:
        patience_ns = RSA_TIMEOUT_NS if bits_wanted(command) else HSM_TIMEOUT_NS
        try:
            return await ask(hsm, command, timeout_ns=patience_ns)
        except TokenUnreadable:
            if not self._installing:
                raise
            # The token was wrapped under a domain key that is on its way to this very HSM.
            await self.installed()
            return await ask(hsm, command, timeout_ns=patience_ns)

    def _candidates(self) -> list[str]:
        now, own = self._host.now_ns, self._config.own
        self._turn = (self._turn + 1) % len(own)
        names = [*own[self._turn :], *own[: self._turn], *self._others]
        if self._behind:
            # What they do not open others do, and what they wrap would be old at once.
            names.sort(key=self._behind.__contains__)
        if self._resting:
            awake = [name for name in names if self._resting.get(name, 0) <= now]
            return awake or names
        return names

    def _not_ready(self, hsm: str) -> None:
        self._resting[hsm] = self._host.now_ns + HSM_REST_NS
        if hsm in self._config.own:
            self._ready.pop(hsm, None)
            self.join(hsm)

    # Bringing HSMs into the domain.

    def hsm_up(self, hsm: str) -> None:
        """Take note that an own HSM has power and is empty."""
        self._ready.pop(hsm, None)
        self._news.add(hsm)
        self.join(hsm)
        self.try_again()

    def safe_opened(self, hsm: str) -> None:
        """Use an offline HSM, for now, to admit the online ones."""
        self._safe = hsm
        for own in self._config.own:
            self.join(own)
        self.try_again()

    def try_again(self) -> None:
        """There is news, of a safe or of a leader: nobody waits any longer to join."""
        waiting, self._waiting = self._waiting, {}
        for promise in waiting.values():
            promise.set(True)

    def token_changed(self, members: tuple[str, ...], *, deposit: bool) -> None:
        """Give the newest domain token to every own HSM, and a copy to the safe if asked.

        Args:
          members: serials of the HSMs that it lists.
        """
        self._members = members
        token, version = self._log.domain_token()
        if token:
            if deposit:
                self._deposit(token, version)
            for hsm in self._config.own:
                self._install(hsm, token, version)

    async def installed(self) -> None:
        """Wait until every own HSM has answered to the newest domain token, or stays silent."""
        if self._installing:
            promise = Promise(self._host)
            self._installed.append(promise)
            await promise.wait()

    def join(self, hsm: str) -> None:
        """Begin to bring an own HSM into the domain, unless that is under way."""
        if hsm not in self._joining:
            self._joining.add(hsm)
            self._host.spawn(self._join, hsm)

    def _install(self, hsm: str, token: bytes, version: int) -> None:
        self._installing += 1
        begin_ns = self._host.now_ns

        def then(answer: object) -> None:
            self._installing -= 1
            if not self._installing:
                waiting, self._installed = self._installed, []
                for promise in waiting:
                    promise.set(None)
            if isinstance(answer, Expired):
                if self._ready.get(hsm, 0) <= begin_ns:  # Else it came back and joined meanwhile.
                    self._ready.pop(hsm, None)
            elif isinstance(answer, Exception):
                self._ready.pop(hsm, None)
                self.join(hsm)
            else:
                self._answered(hsm, answer, version)

        self._host.call(hsm, InstallDomain(token=token), then, timeout_ns=seconds(5))

    def _answered(self, hsm: str, answer: Any, version: int) -> None:
        """Take note that an HSM is in the domain, and whether with the newest token."""
        self._ready[hsm] = self._host.now_ns
        self._behind.pop(hsm, None)
        if answer.version < version:
            self._behind[hsm] = None
            self._host.note("hsm", behind=hsm, version=answer.version, newest=version)

    async def _join(self, hsm: str) -> None:
        joined, tries = False, 0
        while not joined or hsm in self._news:
            self._news.discard(hsm)
            try:
                joined = await self._try_join(hsm)
            except (Expired, Unreachable, HsmNotReady, HsmTampered):
                if hsm in self._news:
                    continue  # It lost its power and got it back meanwhile.
                break  # It has no power, or is not well: it introduces itself when it is back.
            except Refusal as refusal:
                self._host.note("hsm", refused=hsm, error=type(refusal).__name__)
                joined = False
            if not joined:
                # Hosts that want the same version again must not meet again.
                wait_ns = self._host.rng("join").randrange(JOIN_RETRY_NS // 4, JOIN_RETRY_NS)
                tries += 1
                if tries <= JOIN_TRIES:
                    await self._host.sleep(wait_ns)
                elif await self._news_within(hsm, wait_ns, tries - JOIN_TRIES):
                    tries = 0
        self._joining.discard(hsm)

    async def _news_within(self, hsm: str, wait_ns: int, tries: int) -> bool:
        """Wait twice as long with each try, or until there is news; say whether there is."""
        promise = self._waiting[hsm] = Promise(self._host)
        slower = min(1 << tries, JOIN_SLOWER_MAX)
        timer = self._host.after(wait_ns * slower, promise.set, False)
        news = bool(await promise.wait())
        timer.cancel()
        if self._waiting.get(hsm) is promise:
            del self._waiting[hsm]
        return news

    async def _try_join(self, hsm: str) -> bool:
        """Install the newest token, or have the HSM admitted so that the next one lists it."""
        token, version = self._log.domain_token()
        if not token:
            return False  # The leader's host will create the domain first.
        host = self._host
        try:
            answer = await host.ask(hsm, InstallDomain(token=token), timeout_ns=seconds(5))
        except DomainTokenRejected:
            # Whatever domain it was in, it starts anew: it may have been cut off for so long that
            # it knows none of the present members.
            identity = await host.ask(hsm, LeaveDomain(), timeout_ns=seconds(5))
            listed = await self._list(hsm, identity, token)
            if listed is None:
                return False
            answer = await host.ask(hsm, InstallDomain(token=listed.token), timeout_ns=seconds(5))
            version = listed.version
        else:
            self._safe = ""
        self._answered(hsm, answer, version)
        host.note("hsm", joined=hsm)
        return True

    def enrol(self, hsm: str, identity: HsmIdentity) -> None:
        """Have a new device in the safe listed, so that later domain tokens are for it too."""
        token, _ = self._log.domain_token()
        if token and identity not in parse_token(token).members:
            self._host.spawn(self._enrol, hsm, identity, token)

    async def _enrol(self, hsm: str, identity: HsmIdentity, token: bytes) -> None:
        with suppress(Refusal, Expired):  # The operator asks again until it sees it listed.
            if await self._list(hsm, identity, token) is not None:
                self._host.note("hsm", enrolled=hsm)

    async def _list(
        self, hsm: str, identity: HsmIdentity, token: bytes
    ) -> DomainTokenIssued | None:
        """Have any live member list a new one; return the token that does, once it is stored."""
        place = identity.serial.partition("#")[0]
        gone = tuple(
            serial
            for serial in self._members
            if serial.partition("#")[0] == place and serial != identity.serial
        )
        command = ModifyMembers(token=token, add=(identity,), remove=gone)
        issuers = [*self._config.own, *self._others, *([self._safe] if self._safe else [])]
        for issuer in issuers:
            if issuer == hsm:
                continue
            try:
                issued: DomainTokenIssued = await self._host.ask(
                    issuer, command, timeout_ns=HSM_TIMEOUT_NS
                )
            except DomainTokenOutdated:
                return None  # The domain lives; this host is about to hear of a newer token.
            except (Refusal, Expired):
                continue
            if await self._log.store_domain(issued):
                self._members = issued.members
                return issued
            return None
        self._call_operator()
        return None

    def azs_are(self, places: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """Use the HSMs of these places from now on, and have those of the others struck."""
        self._others = tuple(hsm for own in self._config.own for hsm in beside(own, places))
        self._azs = (self._host.name, *beside(self._host.name, places))
        self._gone = gone
        self.expel()

    def expel(self) -> None:
        """Have the domain list no HSM of an AZ that has left; only the leader's host does."""
        if self._strangers() and self._log.leads and not self._expelling:
            self._expelling = True
            self._host.spawn(self._expel)

    def _strangers(self) -> tuple[str, ...]:
        return tuple(s for s in self._members if place_of(s.partition("#")[0]) in self._gone)

    async def _expel(self) -> None:
        while self._log.leads and (strangers := self._strangers()):
            token, _ = self._log.domain_token()
            command = ModifyMembers(token=token, remove=strangers)
            with suppress(Refusal, Expired):
                issued: DomainTokenIssued = await self.ask(self._host.ask, command)
                if await self._log.store_domain(issued):
                    self._members = issued.members
                    self._host.note("hsm", struck=",".join(strangers))
                    continue
            await self._host.sleep(JOIN_RETRY_NS)
        self._expelling = False

    def _deposit(self, token: bytes, version: int) -> None:
        deposit = DepositToken(token=token, version=version, azs=self._azs)
        self._host.send(self._config.operator, deposit)

    def _call_operator(self) -> None:
        now = self._host.now_ns
        if self._called_ns is None or now - self._called_ns >= OPERATOR_RETRY_NS:
            self._called_ns = now
            # Deposits are sent once and may have been lost.
            self._deposit(*self._log.domain_token())
            self._host.send(self._config.operator, RecoveryNeeded(az=self._host.name))

    async def create_domain(self) -> None:
        """Bring the region's domain into being; only the leader's host does, and only once."""
        identities = []
        for hsm in (*self._config.own, *self._others, *self._config.offline):
            try:
                found = await self._host.ask(hsm, Introduce(), timeout_ns=seconds(5))
                identities.append(found)
            except (Refusal, Expired):
                continue  # It is admitted when it comes.
        command = CreateDomain(name=self._config.region, members=tuple(identities))
        for hsm in self._config.own:
            try:
                issued = await self._host.ask(hsm, command, timeout_ns=seconds(5))
            except (Refusal, Expired):
                continue
            await self._log.store_domain(issued)
            return
