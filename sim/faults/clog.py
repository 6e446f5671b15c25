"""A border with too little bandwidth: messages queue up.

Model: all that travels one way shares one wire of ``bandwidth`` bytes a second, and each message
waits until those before it are through. What would wait longer than ``queue`` is lost, as in a
switch whose buffer is full; nothing waits beyond the end that a plan has fixed, for then the
wire is wide again. Limits: sizes are those of frames, without headers of any transport; a
message that is lost elsewhere has used the wire; nobody sends more slowly because of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sim.faults.fault import Option
from sim.faults.links import LinkFault
from sim.network import DROP, PASS, Crossing, Deliver, Rule, Verdict
from sim.rng import Stream
from sim.units import NS_PER_SECOND


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wire(Crossing):
    """A slow wire each way; two of them are never the same one."""

    bytes_per_second: float
    queue_ns: int
    ends_ns: int | None
    #: Whether the way is the one from ``one`` -> when its wire has sent what it was given.
    free_ns: dict[bool, int] = field(default_factory=dict, repr=False)

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - a queue rolls no dice
        """Let what crosses wait for what was sent before it."""
        if not self.crosses(source, target):
            return PASS
        forth = self.goes(source, target)
        free_ns = max(self.free_ns.get(forth, 0), now_ns)
        if free_ns - now_ns > self.queue_ns:
            return DROP
        free_ns += int(size * NS_PER_SECOND / self.bytes_per_second)
        self.free_ns[forth] = free_ns
        wait_ns = free_ns - now_ns
        if self.ends_ns is not None:
            wait_ns = max(min(wait_ns, self.ends_ns - now_ns), 0)
        return Deliver(wait_ns)


class Clog(LinkFault):
    """Messages queue up for want of bandwidth."""

    name: ClassVar[str] = "clog"
    options: ClassVar[Mapping[str, Option]] = {
        "bandwidth": Option("10000", "number", "bytes a second, each way", least="1"),
        "queue": Option("10s", "duration", "how long a message waits at most", least="0s"),
    }

    def rule(self, one: str, other: str, *, both_ways: bool) -> Rule:
        """Return the slow wires."""
        return Wire(
            one=one,
            other=other,
            both_ways=both_ways,
            bytes_per_second=self.number("bandwidth"),
            queue_ns=self.duration_ns("queue"),
            ends_ns=self.ends_ns,
        )
