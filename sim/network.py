"""How long a message is on its way, and whether it arrives at all.

A name such as ``us-east-1/use1-az1/hsm-1`` is also a place: everything before the last slash is
the zone it stands in. Two zones share one link, with its own latency, dice and counters; rules
stand in front of all links and give verdicts in order: Pass, Deliver after a delay, or Drop.
What does not belong here: what a message says (wire.py) and who answers it (world.py).
Source of the idea of ordered rules with verdicts: the turmoil simulator's network rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from sim.rng import Stream
from sim.units import us

#: Two actors on one host; chosen: a local socket.
LOCAL_NS: Final = us(20)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSpec:
    """The fixed properties of the way between two zones."""

    base_ns: int  #: one-way latency without jitter
    jitter_ns: int = 0  #: added uniformly, 0–jitter_ns
    spike: float = 0.0  #: share of messages that take ``spike_factor`` times as long
    spike_factor: float = 1.12  #: facts: rare spikes of 10–15 %
    loss: float = 0.0  #: share of messages that never arrive
    bytes_per_second: int = 0  #: 0: bandwidth does not matter


LatencyModel = Callable[[str, str], LinkSpec]


def uniform(base_ns: int = us(100), jitter_ns: int = 0) -> LatencyModel:
    """Return a model with the same latency between any two zones, and a local one inside."""
    local = LinkSpec(base_ns=LOCAL_NS)
    remote = LinkSpec(base_ns=base_ns, jitter_ns=jitter_ns)
    return lambda source, target: local if source == target else remote


@dataclass(frozen=True, slots=True)
class Pass:
    """The rule has no opinion; the next one is asked, at last the link itself."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """The message arrives, this much later than the link alone would make it."""

    after_ns: int = 0


@dataclass(frozen=True, slots=True)
class Drop:
    """The message is lost."""


Verdict = Pass | Deliver | Drop
PASS: Final = Pass()
DROP: Final = Drop()


class Rule(Protocol):
    """One condition in the network while a fault lasts."""

    def concerns(self, source: str, target: str) -> bool:
        """Say whether messages between these two zones are ever touched."""

    def verdict(self, source: str, target: str, size: int, rng: Stream) -> Verdict:
        """Judge one message of ``size`` bytes between two actors' names."""


def within(place: str, name: str) -> bool:
    """Say whether a name or zone lies in a place of the failure-domain tree."""
    return name == place or name.startswith(place + "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """Messages from one place to another are lost, both ways or one way only.

    Args:
      one, other: places of the failure-domain tree; ``""`` as ``other`` means everywhere else.
      both_ways: False cuts only the way from ``one`` to ``other``.
    """

    one: str
    other: str
    both_ways: bool = True

    def _cut(self, source: str, target: str) -> bool:
        outside = not within(self.one, target)
        return within(self.one, source) and (
            outside if not self.other else outside and within(self.other, target)
        )

    def concerns(self, source: str, target: str) -> bool:
        """Say whether the two zones lie on both sides of the cut."""
        return self._cut(source, target) or (self.both_ways and self._cut(target, source))

    def verdict(self, source: str, target: str, size: int, rng: Stream) -> Verdict:  # noqa: ARG002 - a cut takes every size alike
        """Drop what crosses the cut."""
        return DROP if self.concerns(source, target) else PASS


@dataclass(slots=True)
class LinkStatistics:
    """What one link carried since the world began."""

    messages: int = 0
    bytes: int = 0
    lost: int = 0


@dataclass(slots=True)
class Link:
    """The way from one zone to another."""

    source: str
    target: str
    spec: LinkSpec
    rng: Stream
    rules: tuple[Rule, ...] = ()
    free_ns: int = 0  #: when the wire has sent what it was given, if bandwidth matters
    carried: LinkStatistics = field(default_factory=LinkStatistics)


class Network:
    """All links of a world, made as they are first used.

    Args:
      latency: gives the spec of the link between two zones.
      rng: makes the stream of a link from its two zones.
    """

    def __init__(self, latency: LatencyModel, rng: Callable[..., Stream]) -> None:
        self._latency = latency
        self._rng = rng
        self._rules: list[Rule] = []
        self.links: dict[tuple[str, str], Link] = {}

    def link(self, source: str, target: str) -> Link:
        """Return the link between two zones."""
        found = self.links.get((source, target))
        if found is None:
            spec, rng = self._latency(source, target), self._rng("net", source, target)
            found = self.links[source, target] = Link(source, target, spec, rng)
            found.rules = self._concerning(found)
        return found

    def add(self, rule: Rule) -> None:
        """Put a rule behind those that stand."""
        self._rules.append(rule)
        self._refresh()

    def remove(self, rule: Rule) -> None:
        """Take a rule away; healing what was never cut is an error of ours."""
        self._rules.remove(rule)
        self._refresh()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that stand now, in order."""
        return tuple(self._rules)

    def delay_ns(self, link: Link, source: str, target: str, size: int, now_ns: int) -> int | None:
        """Return how long a message of ``size`` bytes takes from now, or None if it is lost."""
        spec, carried = link.spec, link.carried
        carried.messages += 1
        carried.bytes += size
        delay = spec.base_ns
        if spec.jitter_ns:
            chance = link.rng.random()
            delay += int(chance * spec.jitter_ns)
            # The same draw decides the rare spike: a second one would cost as much again.
            if chance < spec.spike:
                delay = int(delay * spec.spike_factor)
        if spec.loss and link.rng.random() < spec.loss:
            carried.lost += 1
            return None
        if spec.bytes_per_second:
            link.free_ns = max(link.free_ns, now_ns) + size * 10**9 // spec.bytes_per_second
            delay += link.free_ns - now_ns
        for rule in link.rules:
            verdict = rule.verdict(source, target, size, link.rng)
            if isinstance(verdict, Drop):
                carried.lost += 1
                return None
            if isinstance(verdict, Deliver):
                return delay + verdict.after_ns
        return delay

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return per link what it carried and lost, links in order of first use."""
        return {
            f"{link.source}>{link.target}": {
                "messages": link.carried.messages,
                "bytes": link.carried.bytes,
                "lost": link.carried.lost,
            }
            for link in self.links.values()
        }

    def _concerning(self, link: Link) -> tuple[Rule, ...]:
        return tuple(rule for rule in self._rules if rule.concerns(link.source, link.target))

    def _refresh(self) -> None:
        for link in self.links.values():
            link.rules = self._concerning(link)
