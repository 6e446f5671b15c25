"""A link with delay spikes.

Model: a touched message takes ``by`` longer than the link alone would make it, and what two
actors send after it waits behind it, as on one connection. Limits: spikes do not come in bursts,
and the delay is always the same; a link that is slow for long is ``with share=100%``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import PASS, Crossing, Deliver, Rule, Verdict
from sim.rng import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Spikes(Crossing):
    """A share of the messages takes longer."""

    share: float
    by_ns: int

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - any message, at any time
        """Roll the dice for what crosses."""
        slow = self.crosses(source, target) and rng.random() < self.share
        return Deliver(self.by_ns) if slow else PASS


class Delay(LinkFault):
    """A share of the messages takes much longer."""

    name: ClassVar[str] = "delay"
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("10%", "share", "how many of the messages are late"),
        "by": Option("500ms", "duration", "how much later they arrive", least="0s"),
    }

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the slow border."""
        share, by_ns = self.share("share"), self.duration_ns("by")
        return Spikes(one=one, other=other, both_ways=both_ways, share=share, by_ns=by_ns)
