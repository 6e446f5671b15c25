"""How long a message is on its way, and whether it arrives at all.

A name such as ``us-east-1/use1-az1/hsm-1`` is also a place: everything before the last slash is
the zone it stands in. Two zones share one link, with its own latency, dice and counters. Rules
stand in front of all links, and every rule is asked about every message: one Drop loses it,
delays add up, Duplicate and Corrupt are remembered; so the order of rules decides nothing.
What does not belong here: what a message says (wire.py), who answers it (world.py), and which
rules there are (faults/, but for the Partition, which tests use most).
Source of the idea of rules with verdicts: the turmoil simulator's network rules.
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
    """The rule has no opinion."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """The message arrives, this much later than the link alone would make it."""

    after_ns: int = 0
    ordered: bool = True  #: False: it may overtake what was sent before it, or be overtaken


@dataclass(frozen=True, slots=True)
class Drop:
    """The message is lost, whatever other rules say."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The message arrives twice, the second time this much later; it is handled once.

    Of several rules that double one message, the latest echo counts.
    """

    after_ns: int = 0


@dataclass(frozen=True, slots=True)
class Corrupt:
    """Bits of the frame flip on the way; the receiver's transport throws it away.

    What is both doubled and corrupted was corrupted first: neither copy is any good.
    """


Verdict = Pass | Deliver | Drop | Duplicate | Corrupt
PASS: Final = Pass()
DROP: Final = Drop()


class Rule(Protocol):
    """One condition in the network while a fault lasts."""

    def concerns(self, source: str, target: str) -> bool:
        """Say whether messages between these two zones are ever touched."""

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:
        """Judge one message of ``size`` bytes between two actors' names."""


def within(place: str, name: str) -> bool:
    """Say whether a name or zone lies in a place of the failure-domain tree."""
    return name == place or name.startswith(place + "/")


def meets(place: str, zone: str) -> bool:
    """Say whether actors of a zone may lie in a place, which may be the name of one actor."""
    return within(place, zone) or place.rpartition("/")[0] == zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """The messages that travel from one place to another; what rules of a border begin with.

    Args:
      one, other: places of the failure-domain tree; ``""`` as ``other`` means everywhere else.
        Of two places that lie in each other the larger one means what is outside the smaller.
      both_ways: False concerns only the way from ``one`` to ``other``.
    """

    one: str
    other: str = ""
    both_ways: bool = True

    def crosses(self, source: str, target: str) -> bool:
        """Say whether a message between two actors travels this way."""
        return self.goes(source, target) or (self.both_ways and self.goes(target, source))

    def goes(self, source: str, target: str) -> bool:
        """Say whether a message travels from ``one`` to ``other``."""
        if not within(self.one, source):
            return False
        if not self.other:
            return not within(self.one, target)
        inside = within(self.one, target) and within(self.other, source)
        return within(self.other, target) and not inside

    def concerns(self, source: str, target: str) -> bool:
        """Say whether an actor of each zone may lie on each side."""
        if not self.other and within(self.one, source) and within(self.one, target):
            return False
        return self._meets(source, target) or (self.both_ways and self._meets(target, source))

    def _meets(self, source: str, target: str) -> bool:
        return meets(self.one, source) and (not self.other or meets(self.other, target))


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition(Crossing):
    """Messages from one place to another are lost, both ways or one way only."""

    def verdict(self, source: str, target: str, size: int, now_ns: int, rng: Stream) -> Verdict:  # noqa: ARG002 - a cut takes every size alike
        """Drop what crosses the cut."""
        return DROP if self.crosses(source, target) else PASS


@dataclass(slots=True)
class Link:
    """The way from one zone to another, and what it carried since the world began."""

    source: str
    target: str
    spec: LinkSpec
    rng: Stream  #: jitter and loss of the link itself
    #: Those that concern it, each with dice of its own: a rule that draws moves no other chance.
    rules: tuple[tuple[Rule, Stream], ...] = ()
    dice: dict[str, Stream] = field(default_factory=dict)  #: of every rule that it ever had
    fixed_ns: int | None = None  #: the delay of every message, if nothing can change it
    free_ns: int = 0  #: when the wire has sent what it was given, if bandwidth matters
    echo_ns: int | None = None  #: how much later the last message arrives a second time
    odd: bool = False  #: the last message is doubled, corrupted or out of order
    corrupts: bool = False  #: the last message arrives with flipped bits
    overtakes: bool = False  #: the last message need not keep its place in the order
    messages: int = 0
    bytes: int = 0
    lost: int = 0


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
            self._refresh(found)
        return found

    def add(self, rule: Rule) -> None:
        """Put a rule behind those that stand."""
        self._rules.append(rule)
        for link in self.links.values():
            self._refresh(link)

    def remove(self, rule: Rule) -> None:
        """Take a rule away; healing what was never cut is an error of ours."""
        self._rules.remove(rule)
        for link in self.links.values():
            self._refresh(link)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that stand now, in order."""
        return tuple(self._rules)

    def delay_ns(self, link: Link, source: str, target: str, size: int, now_ns: int) -> int | None:
        """Return how long a message of ``size`` bytes takes from now, or None if it is lost.

        After a ``Duplicate`` verdict ``link.echo_ns`` says how much later it arrives again;
        ``link.corrupts`` and ``link.overtakes`` tell of its bits and of its order.
        """
        spec = link.spec
        delay = spec.base_ns
        if spec.jitter_ns:
            chance = link.rng.random()
            delay += int(chance * spec.jitter_ns)
            # The same draw decides the rare spike: a second one would cost as much again.
            if chance < spec.spike:
                delay = int(delay * spec.spike_factor)
        if spec.loss and link.rng.random() < spec.loss:
            link.lost += 1
            return None
        if spec.bytes_per_second:
            link.free_ns = max(link.free_ns, now_ns) + size * 10**9 // spec.bytes_per_second
            delay += link.free_ns - now_ns
        if link.rules:
            return self._judged(link, source, target, size, delay, now_ns)
        return delay

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return per link what it carried and lost, links in order of first use."""
        return {
            f"{link.source}>{link.target}": {
                "messages": link.messages,
                "bytes": link.bytes,
                "lost": link.lost,
            }
            for link in self.links.values()
        }

    def _judged(
        self, link: Link, source: str, target: str, size: int, delay: int, now_ns: int
    ) -> int | None:
        """Return the delay as all rules together want it, or None: one of them lost it.

        Every rule is asked about every message, so that no rule's dice depend on another rule.
        """
        link.echo_ns, link.corrupts, link.overtakes = None, False, False
        dropped = False
        for rule, rng in link.rules:
            verdict = rule.verdict(source, target, size, now_ns, rng)
            if isinstance(verdict, Pass):
                continue
            if isinstance(verdict, Drop):
                dropped = True
            elif isinstance(verdict, Duplicate):
                link.echo_ns = max(link.echo_ns or 0, verdict.after_ns)
            elif isinstance(verdict, Corrupt):
                link.corrupts = True
            else:
                delay += verdict.after_ns
                link.overtakes = link.overtakes or not verdict.ordered
        link.odd = link.echo_ns is not None or link.corrupts or link.overtakes
        link.lost += dropped or link.corrupts
        return None if dropped else delay

    def _refresh(self, link: Link) -> None:
        spec = link.spec
        rules = (rule for rule in self._rules if rule.concerns(link.source, link.target))
        link.rules, link.echo_ns = tuple((rule, self._dice(link, rule)) for rule in rules), None
        link.odd = link.corrupts = link.overtakes = False
        varies = link.rules or spec.jitter_ns or spec.loss or spec.bytes_per_second
        link.fixed_ns = None if varies else spec.base_ns

    def _dice(self, link: Link, rule: Rule) -> Stream:
        """Return a rule's stream on a link; a rule that comes again goes on where it was."""
        name = repr(rule)
        found = link.dice.get(name)
        if found is None:
            found = link.dice[name] = self._rng("net-rules", link.source, link.target, name)
        return found
