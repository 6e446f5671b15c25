"""A link on which some messages arrive twice.

Model: a doubled message arrives again up to ``after`` later, drawn evenly. The transport knows
the number of every message and throws a repeat away, also after a restart of the actor; if the
first copy found nobody, the second one is handled. Limits: never three copies by one rule, and
what a client sends again is another message, which is its own affair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import PASS, Crossing, Rule, Verdict
from sim.network import Duplicate as Twice
from sim.rng import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubling(Crossing):
    """A share of the messages arrives twice."""

    share: float
    after_ns: int

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - any message, at any time
        """Roll the dice for what crosses."""
        if self.crosses(source, target) and rng.random() < self.share:
            return Twice(rng.randint(0, self.after_ns))
        return PASS


class Duplicate(LinkFault):
    """A share of the messages arrives twice."""

    name: ClassVar[str] = "duplicate"
    stops: ClassVar[bool] = False
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("10%", "share", "how many of the messages are doubled"),
        "after": Option("5ms", "duration", "how much later, at most, they come again", least="0s"),
    }

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the doubling border."""
        share, after_ns = self.share("share"), self.duration_ns("after")
        return Doubling(one=one, other=other, both_ways=both_ways, share=share, after_ns=after_ns)
