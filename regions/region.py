"""One regional endpoint: it knows which AZs answer and hands each call to one of them.

Health is learned from probes that only traffic causes, so a quiet region polls nothing. A probe
asks whether an AZ serves, and is answered past its queue: an AZ with too much to do is slow, not
dead, and to take it out of rotation would only drown the others. With no AZ left that answers,
each still gets its turn.
Where a topology asks for them, quotas come first and admission control second. With admission
control the endpoint stays on the way of each answer, to learn how long calls take.
Which AZs there are comes back with the probes, once it differs from the topology; the endpoint
keeps that on its disk, for it might meet only strangers at its next start.
What does not belong here: what a call means, or which keys exist (az.py, kms/), and the rules of
quotas (quotas.py) and admission (admission.py).
Source: AWS KMS Cryptographic Details, "Service hosts": any host of the region serves any key;
probe times are chosen, as load balancers' health checks are seconds.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions import armour
from regions.admission import SHED, Admission, Lane, Policy, policy
from regions.calls import ApiCall
from regions.errors import KMSInternalException, ServiceUnavailableException
from regions.kms.relatives import FamilyUpdate, MaterialWanted, ReplicaReport, ReportTaken
from regions.messages import LastWords, Probe, ProbeAnswer, Throttled
from regions.quarantine import QUARANTINED, Quarantine
from regions.quotas import Throttle
from sim.actor import Actor, Expired, Request
from sim.units import ms, seconds
from sim.wire import Refusal

#: An AZ is asked again when the last probe is this old and there is traffic; chosen.
PROBE_EVERY_NS: Final = ms(500)
#: A probe without an answer for this long has failed; chosen, 100 times an inter-AZ round trip.
PROBE_TIMEOUT_NS: Final = ms(150)
#: What was heard longer ago than this says nothing of now; chosen, ten probes. After such a
#: silence a call waits for the first AZ that answers: a round trip, and not a dead AZ's timeout.
FRESH_NS: Final = seconds(5)
#: The other AZs get so long after the first one, so that a herd does not all fall on it; chosen,
#: a few round trips between AZs.
GRACE_NS: Final = ms(5)
#: This many failed probes in a row take an AZ out of rotation; chosen.
MISSES_MAX: Final = 2
#: Holds the AZs of the region, and the version of that list, once they have changed.
_AZS_FILE: Final = "azs"
_NEW_AZS_FILE: Final = "azs.new"
#: What other regions say about multi-Region keys: handed on as calls are, but not counted.
_RELATIVES: Final = (FamilyUpdate, MaterialWanted, ReplicaReport, ReportTaken)
#: Calls under way to one AZ that ``queue-limit`` admits; chosen: as many as an AZ has workers.
ADMISSION_LIMIT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionConfig:
    """The AZ actors of the region, and what the endpoint refuses on its own."""

    azs: tuple[str, ...]  #: at first
    region: str = ""  #: whose quotas apply
    quota_share: float = 0  #: of the quotas; 0 knows none
    admission: Admission = "none"
    admission_limit: int = ADMISSION_LIMIT  #: for ``queue-limit``


class _Health:
    """What the endpoint thinks of one AZ."""

    __slots__ = (
        "az",
        "healthy",
        "heard_ns",
        "incarnation",
        "lane",
        "misses",
        "probed_ns",
        "probing",
    )

    def __init__(self, az: str) -> None:
        self.az = az
        self.healthy = True  # An AZ nobody probed yet gets its chance.
        self.heard_ns = -FRESH_NS - 1  #: when it last said that it serves
        self.misses = 0
        self.probing = False
        self.probed_ns: int | None = None
        self.lane = Lane()
        self.incarnation = 0  #: of its host, as far as it says


class Region(Actor):
    """The front of one region: health, quotas, admission, a turn for each AZ."""

    kind: ClassVar[str] = "region"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({ApiCall, LastWords, *_RELATIVES})
    asks: ClassVar[tuple[str, ...]] = ("az",)

    def __init__(self, config: RegionConfig) -> None:
        self._azs = [_Health(az) for az in config.azs]
        self._version = 0  #: of the list of AZs
        self._turn = 0
        self._heard_ns = -FRESH_NS - 1  #: when any AZ last said that it serves
        self._held: list[Request] = []  #: calls that wait for the first AZ to answer
        share = config.quota_share
        self._throttle = Throttle(config.region, share) if share else None
        self._policy = policy(config.admission, config.admission_limit)
        self._quarantine = Quarantine()

    def start(self) -> None:
        """Go on with the AZs that there were last."""
        version, *azs = armour.read(self.disk, _AZS_FILE).data.decode().split("\n")
        if azs:
            self._meet(int(version), tuple(azs))

    def _meet(self, version: int, azs: tuple[str, ...]) -> None:
        """Hand calls to these AZs from now on."""
        known = {az.az: az for az in self._azs}
        self._azs = [known.get(az) or _Health(az) for az in azs]
        self._version = version
        self.note("azs", version=version, azs=",".join(azs))

    def _keep(self) -> None:
        stored = "\n".join([str(self._version), *(az.az for az in self._azs)]).encode()
        self.disk.remove(_NEW_AZS_FILE)
        self.disk.append(_NEW_AZS_FILE, armour.seal(_AZS_FILE, 0, stored))
        version = self._version

        def whole() -> None:
            if version == self._version:  # Else a newer list is being written in its place.
                self.disk.replace(_NEW_AZS_FILE, _AZS_FILE)
                self.disk.flush()

        self.disk.flush(whole)

    def receive(self, request: Request) -> None:
        """Hand a call to the next AZ that answers; with none left, to the next one anyway.

        Raises:
          KMSInternalException: a host has died of this very call.
          ServiceUnavailableException: admission control lets the call in nowhere.
        """
        now = self.now_ns
        if isinstance(request.body, LastWords):
            self.note("quarantine", of=request.sender, call=request.body.fingerprint.hex())
            self._quarantine.add(request.body.fingerprint, now)
            return
        called = isinstance(request.body, ApiCall)
        if called and self._quarantine and self._quarantine.holds(request.body, now):
            raise KMSInternalException(QUARANTINED, request.body.request_id)
        for az in self._azs:
            due = az.probed_ns is None or now - az.probed_ns >= PROBE_EVERY_NS
            if due and not az.probing:
                self._probe(az)
        if now - self._heard_ns > FRESH_NS and any(az.probing for az in self._azs):
            self._held.append(request)
        else:
            self._hand_on(request)

    def _hand_on(self, request: Request) -> None:
        """Hand a call to an AZ, if quotas and admission control let it in.

        Raises:
          ServiceUnavailableException: admission control lets the call in nowhere.
        """
        if self._throttle is not None and isinstance(request.body, ApiCall):
            call = request.body
            who, what = call.principal.account, call.action
            if not self._throttle.admits(who, what, self.now_ns, call.parameters):
                request.forward(self._next().az, Throttled(call=call))
                return
        if self._policy is None or not request.asker:
            request.forward(self._next().az)
        else:
            self._admit(request, self._policy)

    def _next(self) -> _Health:
        """Return the AZ whose turn it is: the next that answered lately, or just the next."""
        azs, size = self._azs, len(self._azs)
        # Right after a silence the first to answer is the only one that is known to live.
        fresh_ns = self.now_ns - FRESH_NS
        oldest_ns = fresh_ns if self._heard_ns >= fresh_ns else -FRESH_NS - 1
        for step in range(1, size + 1):
            turn = (self._turn + step) % size
            if azs[turn].healthy and azs[turn].heard_ns >= oldest_ns:
                break
        else:
            turn = (self._turn + 1) % size
        self._turn = turn
        return azs[turn]

    def _heard(self, *, serving: bool) -> None:
        """Let the calls that waited go on: soon after the first answer, or when none is left."""
        if not self._held:
            return
        if not any(az.probing for az in self._azs):
            self._release()  # If nobody answered, each has its turn.
        elif serving:
            self.after(GRACE_NS, self._release)

    def _release(self) -> None:
        """Hand on the calls that waited."""
        held, self._held = self._held, []
        for request in held:
            try:
                self._hand_on(request)
            except Refusal as refusal:
                request.refuse(refusal)

    def _admit(self, request: Request, rule: Policy) -> None:
        left_ns = request.left_ns
        for _ in self._azs:
            az = self._next()
            if rule.admits(az.lane, left_ns):
                self._pass_on(request, az, left_ns)
                return
        raise ServiceUnavailableException(SHED, request.body.request_id)

    def _pass_on(self, request: Request, az: _Health, left_ns: int) -> None:
        """Ask an AZ on the caller's behalf, and give its answer back."""
        place, begin_ns = az.lane.enter(), self.now_ns

        def then(answer: Any) -> None:
            az.lane.leave(place, self.now_ns - begin_ns)
            if not isinstance(answer, Expired):  # The caller gave up at the same instant.
                request.reply(answer)

        self.call(az.az, request.body, then, timeout_ns=max(0, left_ns))

    def _probe(self, az: _Health) -> None:
        az.probing, az.probed_ns = True, self.now_ns

        def then(answer: object) -> None:
            az.probing = False
            if isinstance(answer, ProbeAnswer):
                az.misses = 0
                if answer.serving:
                    az.heard_ns = self._heard_ns = self.now_ns
                self._recognise(az, answer.incarnation)
                self._judge(az, healthy=answer.serving)
                if answer.version > self._version:
                    self._meet(answer.version, answer.azs)
                    self._keep()
                self._heard(serving=answer.serving)
                return
            az.misses += 1
            if az.misses >= MISSES_MAX:
                self._judge(az, healthy=False)
            elif az.healthy:
                self._probe(az)  # One lost message is no outage: ask once more at once.
            self._heard(serving=False)

        self.call(az.az, Probe(known=self._version), then, timeout_ns=PROBE_TIMEOUT_NS)

    def _recognise(self, az: _Health, incarnation: int) -> None:
        """Note that a host is not the one that answered before."""
        if 0 < az.incarnation < incarnation:
            self.note("health", az=az.az, restarts=incarnation - az.incarnation)
        az.incarnation = incarnation or az.incarnation

    def _judge(self, az: _Health, *, healthy: bool) -> None:
        if az.healthy != healthy:
            az.healthy = healthy
            self.note("health", az=az.az, healthy=healthy)
