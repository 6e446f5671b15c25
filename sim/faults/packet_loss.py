"""A link that loses some messages.

Model: each message that travels between the places is lost with the same probability, on its
own. Limits: losses do not come in bursts (``gray-link`` and ``flapping`` have these), and
nothing below a whole message is lost: there are no packets, and no transport sends again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import DROP, PASS, Crossing, Rule, Verdict
from sim.rng import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(Crossing):
    """A share of the messages is lost."""

    share: float

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - a lossy link knows neither size nor time
        """Roll the dice for what crosses."""
        lost = self.crosses(source, target) and rng.random() < self.share
        return DROP if lost else PASS


class PacketLoss(LinkFault):
    """A share of the messages is lost."""

    name: ClassVar[str] = "packet-loss"
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("10%", "share", "how many of the messages are lost"),
    }

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the lossy border."""
        return Loss(one=one, other=other, both_ways=both_ways, share=self.share("share"))
