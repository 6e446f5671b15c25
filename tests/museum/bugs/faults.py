"""Planted bugs in how a region lives through faults: fleet of HSMs, endpoint, operator, jobs.

What does not belong here: what the replicated log does about faults (replication.py).
"""

from typing import Final

from museum.bug import Bug
from museum.worlds import ALL_BUT_QUIET, busy, dark_in_turn

_FLEET: Final = "regions.fleet:HsmFleet"
_FRONT: Final = "regions.region:Region"

BUGS: Final = (
    Bug(
        name="an-hsm-joins-only-once",
        summary="an HSM that loses its power a second time is not brought back into the domain",
        function=f"{_FLEET}._join",
        old="self._joining.discard(hsm)",
        new="self._joining.add(hsm)",
        focus="crash@hsm",
        expects=("liveness",),
    ),
    Bug(
        name="fails-a-call-for-one-bad-hsm",
        summary="a call fails when the first HSM that is asked was tampered with",
        function=f"{_FLEET}.ask",
        old="except (Expired, Overloaded, Unreachable, HsmTampered):",
        new="except (Expired, Overloaded, Unreachable):",
        focus="hsm-tamper@hsm",
        expects=("liveness",),
    ),
    Bug(
        name="waits-for-a-silent-hsm",
        summary="a call fails when the first HSM that is asked does not answer",
        function=f"{_FLEET}.ask",
        old="except (Expired, Overloaded, Unreachable, HsmTampered):",
        new="except (Overloaded, HsmTampered):",
        focus="crash@hsm",
        expects=("liveness",),
    ),
    Bug(
        name="operator-never-opens-the-safe",
        summary="a region that has lost all its HSMs calls the operator, who does nothing",
        function="regions.operator:Operator.receive",
        old="elif not self._busy and self._token:",
        new="elif self._busy and self._token:",
        text=busy(
            ["at 20s region-loss us-east-1 for 2s"],
            think="2s",
            recovery="20m",
            promises=ALL_BUT_QUIET,
        ),
        expects=("liveness", "key-survival"),
    ),
    Bug(
        name="hands-calls-to-the-dead",
        summary="the endpoint hands a call to whichever AZ has its turn, dead or alive",
        function=f"{_FRONT}._next",
        old="if azs[turn].healthy and azs[turn].heard_ns >= oldest_ns:",
        new="if azs[turn]:",
        text=busy(dark_in_turn(1), length="4m", think="1s", clients=2),
        expects=("liveness",),
    ),
    Bug(
        name="never-trusts-an-az-again",
        summary="the endpoint never puts an AZ back that was out of rotation once",
        function=f"{_FRONT}._judge",
        old="if az.healthy != healthy:",
        new="if az.healthy and not healthy:",
        text=busy(dark_in_turn(2), length="7m", think="1s", clients=2),
        expects=("liveness",),
    ),
    Bug(
        name="hands-a-killer-on",
        summary="the endpoint hands a call on though a host has died of it",
        function=f"{_FRONT}.receive",
        old="if called and self._quarantine and self._quarantine.holds(request.body, now):",
        new="if called and self._quarantine and not request.body:",
        text=busy(["at 10s poison us-east-1 for 60s"], length="2m", think="1s", clients=2),
        expects=("liveness",),
    ),
    Bug(
        name="asks-one-peer-only",
        summary="a recorder asks the same peer for a copy again and again, though it is dark",
        function="regions.trail.ledger:Ledger._try",
        old="peer = self._peers[batch.tries % len(self._peers)]",
        new="peer = self._peers[0]",
        focus="power-off@az",
        expects=("liveness",),
    ),
)
