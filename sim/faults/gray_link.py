"""A link that is bad for some messages only, so that its health checks stay green.

Model: messages above ``above`` bytes are touched, and of these a ``share``; what is touched is
lost, or takes ``by`` longer. With ``burst`` the dice fall once for each such stretch of time and
pair of actors, so that a share of the time is bad and not of the messages: a wrong MTU is
``with above=1400 share=100%``, a link that is lossy 1 % of the time ``with burst=1s``. Limits:
sizes are those of frames; a stretch begins at a multiple of its length.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import DROP, PASS, Crossing, Deliver, Rule, Verdict
from sim.rng import Stream


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gray(Crossing):
    """Bad for messages above a size, for a share of them or of the time."""

    touched: Verdict
    share: float
    above_bytes: float
    burst_ns: int
    #: Between whom -> (number of the stretch of time, whether it is bad).
    stretches: dict[tuple[str, str], tuple[int, bool]] = field(default_factory=dict, repr=False)

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:
        """Touch what is large enough and meets a bad moment."""
        if size <= self.above_bytes or not self.crosses(source, target):
            return PASS
        if not self.burst_ns:
            return self.touched if rng.random() < self.share else PASS
        number, pair = now_ns // self.burst_ns, (source, target)
        known = self.stretches.get(pair)
        if known is None or known[0] != number:
            known = self.stretches[pair] = number, rng.random() < self.share
        return self.touched if known[1] else PASS


class GrayLink(LinkFault):
    """Messages above a size, or a small share of all, are lost or slow."""

    name: ClassVar[str] = "gray-link"
    options: ClassVar[Mapping[str, Option]] = {
        "kind": Option("lossy", "word", "what happens to them", words=("lossy", "slow")),
        "share": Option("1%", "share", "how many of the messages, or how much of the time"),
        "above": Option("0", "number", "only messages of more bytes than this", least="0"),
        "by": Option("1s", "duration", "how much later slow messages arrive", least="0s"),
        "burst": Option("0s", "duration", "how long a bad stretch lasts; 0s: one message",
                        least="0s"),
    }  # fmt: skip

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the gray border."""
        lossy = self.word("kind") == "lossy"
        return Gray(
            one=one,
            other=other,
            both_ways=both_ways,
            touched=DROP if lossy else Deliver(self.duration_ns("by")),
            share=self.share("share"),
            above_bytes=self.number("above"),
            burst_ns=self.duration_ns("burst"),
        )
