"""A link on which messages overtake each other.

Model: a touched message takes up to ``spread`` longer, drawn evenly, and leaves the order that
two actors otherwise keep: what was sent after it may arrive before it. Limits: real transports
keep the order of one connection; this is two actors that talk over many connections at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import PASS, Crossing, Deliver, Rule, Verdict
from sim.rng import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Shuffling(Crossing):
    """A share of the messages loses its place in the order."""

    share: float
    spread_ns: int

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - any message, at any time
        """Roll the dice for what crosses."""
        if self.crosses(source, target) and rng.random() < self.share:
            return Deliver(rng.randint(0, self.spread_ns), ordered=False)
        return PASS


class Reorder(LinkFault):
    """A share of the messages is overtaken by later ones."""

    name: ClassVar[str] = "reorder"
    stops: ClassVar[bool] = False
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("10%", "share", "how many of the messages leave the order"),
        "spread": Option("5ms", "duration", "how much longer, at most, they take", least="0s"),
    }

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the shuffling border."""
        share, spread = self.share("share"), self.duration_ns("spread")
        return Shuffling(one=one, other=other, both_ways=both_ways, share=share, spread_ns=spread)
