"""One regional endpoint: it knows which AZs answer and hands each call to one of them.

Health is learned from probes that only traffic causes, so a quiet region polls nothing.
What does not belong here: what a call means, or which keys exist (az.py, kms/).
Source: AWS KMS Cryptographic Details, "Service hosts": any host of the region serves any key;
probe times are chosen, as load balancers' health checks are seconds.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from regions.calls import ApiCall
from regions.messages import Probe, ProbeAnswer
from sim.actor import Actor, Request
from sim.units import ms

#: An AZ is asked again when the last probe is this old and there is traffic; chosen.
PROBE_EVERY_NS: Final = ms(500)
#: A probe without an answer for this long has failed; chosen, 100 times an inter-AZ round trip.
PROBE_TIMEOUT_NS: Final = ms(150)
#: This many failed probes in a row take an AZ out of rotation; chosen.
MISSES_MAX: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionConfig:
    """The AZ actors of the region."""

    azs: tuple[str, ...]


class _Health:
    """What the endpoint thinks of one AZ."""

    __slots__ = ("az", "healthy", "misses", "probed_ns", "probing")

    def __init__(self, az: str) -> None:
        self.az = az
        self.healthy = True  # An AZ nobody probed yet gets its chance.
        self.misses = 0
        self.probing = False
        self.probed_ns: int | None = None


class Region(Actor):
    """The front of one region: health, admission, a turn for each AZ."""

    kind: ClassVar[str] = "region"
    inline: ClassVar[frozenset[type[Any]]] = frozenset({ApiCall})
    asks: ClassVar[tuple[str, ...]] = ("az",)

    def __init__(self, config: RegionConfig) -> None:
        self._azs = [_Health(az) for az in config.azs]
        self._turn = 0

    def receive(self, request: Request) -> None:
        """Hand a call to the next AZ that answers; with none left, to the next one anyway."""
        now = self.now_ns
        for az in self._azs:
            due = az.probed_ns is None or now - az.probed_ns >= PROBE_EVERY_NS
            if due and not az.probing:
                self._probe(az)
        for _ in self._azs:
            self._turn = (self._turn + 1) % len(self._azs)
            if self._azs[self._turn].healthy:
                break
        request.forward(self._azs[self._turn].az)

    def _probe(self, az: _Health) -> None:
        az.probing, az.probed_ns = True, self.now_ns

        def then(answer: object) -> None:
            az.probing = False
            if isinstance(answer, ProbeAnswer):
                az.misses = 0
                self._judge(az, healthy=answer.serving)
                return
            az.misses += 1
            if az.misses >= MISSES_MAX:
                self._judge(az, healthy=False)
            elif az.healthy:
                self._probe(az)  # One lost message is no outage: ask once more at once.

        self.call(az.az, Probe(), then, timeout_ns=PROBE_TIMEOUT_NS)

    def _judge(self, az: _Health, *, healthy: bool) -> None:
        if az.healthy != healthy:
            az.healthy = healthy
            self.note("health", az=az.az, healthy=healthy)
