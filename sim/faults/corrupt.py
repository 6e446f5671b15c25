"""A link that flips bits.

Model: a touched frame arrives damaged; the receiver's transport finds that its checksum does not
fit and throws it away, which the trace keeps as ``corrupt``. Limits: no damage gets past the
checksum, so this is loss that costs the receiver; nothing asks for the frame again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import PASS, Crossing, Rule, Verdict
from sim.network import Corrupt as Flipped
from sim.rng import Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Flipping(Crossing):
    """A share of the frames arrives with flipped bits."""

    share: float

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - any frame, at any time
        """Roll the dice for what crosses."""
        flipped = self.crosses(source, target) and rng.random() < self.share
        return Flipped() if flipped else PASS


class Corrupt(LinkFault):
    """A share of the frames arrives with flipped bits."""

    name: ClassVar[str] = "corrupt"
    options: ClassVar[Mapping[str, Option]] = {
        "share": Option("1%", "share", "how many of the frames are damaged"),
    }

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the flipping border."""
        return Flipping(one=one, other=other, both_ways=both_ways, share=self.share("share"))
