"""The operator of one region: people, a safe, and an HSM that is kept without power.

The safe holds copies of the newest exported domain tokens and an offline HSM that is a member of
the domain. When no HSM of the region is in the domain any more, the operator opens the safe,
which takes hours, boots the offline HSM and hands it the newest token; the AZ hosts then have it
admit their own HSMs. A new device in the safe is first listed in the domain by an AZ host.
What does not belong here: quorums, roles and ceremonies, which are not modelled yet.
Source: AWS KMS Cryptographic Details, "Durability protection".
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from regions import armour
from regions.hsm.commands import HsmIdentity, InstallDomain, Introduce, LeaveDomain
from regions.hsm.domain import parse_token
from regions.hsm.errors import DomainTokenRejected
from regions.messages import DepositToken, EnrolHsm, HsmUp, RecoveryNeeded, SafeOpened
from sim.actor import Actor, Request
from sim.clock import Timer
from sim.units import hours, minutes

_SAFE_FILE: Final = "domain"
_NEW_FILE: Final = "domain.new"
_VERSION_BYTES: Final = 8
#: Opening a safe needs two teams and a quorum; no public figure: chosen.
CEREMONY_NS: Final = hours(2)
#: The offline HSM goes back into the safe after this; chosen.
OPEN_FOR_NS: Final = minutes(30)
#: An offline HSM that does not take its token is tried again after this; chosen.
_RETRY_NS: Final = minutes(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorConfig:
    """What the operator looks after."""

    hsm: str  #: the offline HSM
    azs: tuple[str, ...]  #: AZ actors of the region at first
    ceremony_ns: int = CEREMONY_NS


class Operator(Actor):
    """Keeps the safe and opens it when a region has lost every online HSM."""

    kind: ClassVar[str] = "operator"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({DepositToken, HsmUp, RecoveryNeeded})
    asks: ClassVar[tuple[str, ...]] = ("hsm",)

    def __init__(self, config: OperatorConfig) -> None:
        self._config = config
        self._token, self._version = b"", 0
        self._azs = config.azs  #: as the last deposit said
        self._busy = False
        self._safe_open = False
        self._identity: HsmIdentity | None = None  #: of the device that stands in the safe
        self._enrolling: Timer | None = None  #: until the newest token lists that device
        self._turn = 0

    def start(self) -> None:
        """Look into the safe, and close it in time if an earlier incarnation left it open."""
        found = armour.read(self.disk, _SAFE_FILE)
        if found.finding:
            # What cannot be mended is gone; any AZ deposits its newest token again.
            self.note("disk", found=f"safe: {found.finding}")
            self.disk.flush()
        stored = found.data
        self._version = int.from_bytes(stored[:_VERSION_BYTES], "big")
        self._token = stored[_VERSION_BYTES:]
        if not self.newborn:
            self.after(OPEN_FOR_NS, self._tidy)
            self._meet()

    def receive(self, request: Request) -> None:
        """Put a newer token into the safe, or begin the ceremony."""
        if isinstance(request.body, DepositToken):
            self._azs = request.body.azs or self._azs
            self._deposit(request.body)
        elif isinstance(request.body, HsmUp):
            self._meet()
        elif self._safe_open:
            self._open()  # Who asks has lost its HSMs since, or never heard of it.
        elif not self._busy and self._token:
            self._busy = True
            self.note("operator", ceremony="begun", ns=self._config.ceremony_ns)
            self.after(self._config.ceremony_ns, self._open)

    def _deposit(self, deposit: DepositToken) -> None:
        if deposit.version > self._version:
            self._token, self._version = deposit.token, deposit.version
            stored = deposit.version.to_bytes(_VERSION_BYTES, "big") + deposit.token
            self.disk.remove(_NEW_FILE)
            self.disk.append(_NEW_FILE, armour.seal(_SAFE_FILE, 0, stored))
            # Renamed only once it is whole on the medium: a safe never holds half a token.
            self.disk.flush(partial(self._renew, deposit.version))
            self._enrol()

    def _renew(self, version: int) -> None:
        if version == self._version:  # Else a newer one is being written in its place.
            self.disk.replace(_NEW_FILE, _SAFE_FILE)
            self.disk.flush()

    # A new device in the safe.

    def _meet(self) -> None:
        """Ask the offline HSM who it is."""

        def known(answer: object) -> None:
            if isinstance(answer, HsmIdentity):
                self._identity = answer
                self._enrol()

        self.call(self._config.hsm, Introduce(), known)

    def _enrol(self) -> None:
        """Have one AZ after the other list the device, until the newest token here does."""
        if self._enrolling is not None:
            self._enrolling.cancel()
            self._enrolling = None
        identity = self._identity
        if identity is None or not self._token or _lists(self._token, identity):
            return
        self._turn = (self._turn + 1) % len(self._azs)
        enrol = EnrolHsm(hsm=self._config.hsm, identity=identity)
        self.send(self._azs[self._turn], enrol)
        self._enrolling = self.after(_RETRY_NS, self._enrol)

    # The ceremony.

    def _open(self) -> None:
        """Boot the offline HSM empty, so that it believes the newest token whatever it knew."""

        def left(answer: object) -> None:
            if isinstance(answer, Exception):
                self._try_again()
            else:
                self.call(self._config.hsm, InstallDomain(token=self._token), installed)

        def installed(answer: object) -> None:
            if isinstance(answer, Exception):
                self._try_again()
                return
            for az in self._azs:
                self.send(az, SafeOpened(hsm=self._config.hsm))
            if not self._safe_open:
                self._safe_open = True
                self.note("operator", safe="open", version=self._version)
                self.after(OPEN_FOR_NS, self._close)

        self.call(self._config.hsm, LeaveDomain(), left)

    def _try_again(self) -> None:
        if not self._safe_open:  # Else whoever is still in need asks again.
            self.after(_RETRY_NS, self._open)

    def _tidy(self) -> None:
        if not self._busy:
            self._close()

    def _close(self) -> None:
        """Have the offline HSM forget its domain, and put it back."""
        self._busy, self._safe_open = True, False

        def then(answer: object) -> None:
            if isinstance(answer, Exception):
                self.after(_RETRY_NS, self._close)
                return
            self._busy = False
            self.note("operator", safe="closed")

        self.call(self._config.hsm, LeaveDomain(), then)


def _lists(token: bytes, identity: HsmIdentity) -> bool:
    """Say whether a domain token is for a device; one that is damaged tells nothing."""
    try:
        return identity in parse_token(token).members
    except DomainTokenRejected:
        return True
