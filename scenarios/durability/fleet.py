"""Many keys on many nodes: how likely any is lost, how many at once, and how placement decides it.

A *copyset* is a set of nodes that holds all copies of some keys. Keys of one copyset are lost
together when its nodes are; so fewer copysets make losses rarer and larger, and the expected loss
is the same. What destroys whole AZs and regions strikes all copysets at once, so that part of a
key's loss does not multiply with their number.
What does not belong here: text and pictures (fleet_text.py, fleet_plot.py).
Source: Cidon et al., "Copysets: reducing the frequency of data loss in cloud storage" (USENIX
ATC 2013), sections 2 and 3.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from scenarios.durability.answer import answer
from scenarios.durability.chain import LOST, Chain
from scenarios.durability.estimate.adapt import CLOCK_CAUSES, clocks_of
from scenarios.durability.estimate.chain import LOSS, REPAIR
from scenarios.durability.estimate.clock import ClockError, Clocks
from scenarios.durability.estimate.nearest import nearest_chain
from scenarios.durability.exact import solve
from scenarios.durability.model import Model, ModelError

#: Nodes of each AZ; 20 in each of three AZs are 8,000 ways to place a key, or 20 copysets.
NODES: Final = 20
#: How many nodes of the fleet fail at once in the power outages that Cidon et al. tell of.
SHARE_AT_ONCE: Final = 0.01
#: Causes that strike one node only, so that copysets lose their keys apart.
_OWN: Final = ("copy-lost", "latent-error")

#: Copies in each AZ of each region.
Regions = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What strikes whole AZs and regions alone, and so all keys on the same ones at once."""

    keys: float  #: share of all keys that lie on just these AZs
    chance: float  #: that they are lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Of one key within the mission."""

    own: float  #: by what strikes single nodes, at least in part
    shared: tuple[Shared, ...]
    single: float = 0.0  #: by what strikes this key alone, as a mistake does

    @property
    def either(self) -> float:
        """Of any kind, for a key anywhere."""
        return math.fsum(
            [self.own, self.single, *(part.keys * part.chance for part in self.shared)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One kind of event that loses keys."""

    keys: float  #: lost at once, on average
    chance: float  #: that it happens within the mission


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One way to place keys, and what it comes to for a fleet within the mission."""

    name: str
    copysets: int
    loss: Loss  #: of one key
    keys: int
    nodes: int  #: of the whole fleet
    copies: int  #: of a key that lie on nodes of their own; at_once is as if one were enough

    @property
    def at_once(self) -> float:
        """Chance that some key is lost when SHARE_AT_ONCE of all nodes fail at one moment."""
        failing = max(self.copies, math.ceil(SHARE_AT_ONCE * self.nodes))
        return loss_at_once(self.nodes, failing, self.copies, self.copysets)

    @property
    def events(self) -> tuple[Event, ...]:
        """What can happen; copysets fail apart, which is an upper bound of how often."""
        own = Event(keys=self.keys / self.copysets, chance=_any(self.loss.own, self.copysets))
        # Few copysets may leave some AZs without any key that lies on them alone.
        used = [_any(part.keys, self.copysets) for part in self.loss.shared]
        shared = [
            Event(keys=self.keys * part.keys / there, chance=part.chance * there)
            for part, there in zip(self.loss.shared, used, strict=True)
        ]
        single = Event(keys=1.0, chance=_any(self.loss.single, self.keys))
        return tuple(event for event in (single, own, *shared) if event.chance > 0)

    @property
    def any_loss(self) -> float:
        """Chance that any key is lost."""
        if any(event.chance >= 1 for event in self.events):
            return 1.0
        return -math.expm1(math.fsum(math.log1p(-event.chance) for event in self.events))

    @property
    def expected_keys(self) -> float:
        """How many keys are lost on average: copysets do not change it."""
        return self.keys * self.loss.either

    @property
    def keys_per_event(self) -> float:
        """How many keys are lost, on average, if any is."""
        return self.expected_keys / self.any_loss if self.any_loss > 0 else 0.0


def _any(chance: float, times: int) -> float:
    """Return the chance that something of that chance happens at least once of so many times."""
    return 1.0 if chance >= 1 else -math.expm1(times * math.log1p(-chance))


def loss_at_once(nodes: int, failing: int, copies: int, copysets: int) -> float:
    """Return the chance that some copyset is lost when so many nodes fail at one moment.

    Source: Cidon et al., section 2: 1 - (1 - C(failing, R)/C(nodes, R))^copysets.
    """
    share = math.comb(failing, copies) / math.comb(nodes, copies)
    return _any(share, copysets)


def placements(model: Model, *, keys: int, nodes: int = NODES) -> tuple[Placement, ...]:
    """Return the usual placements, from the most scattered to the least.

    Args:
      keys: how many there are; 1 and more.
      nodes: of each AZ, as many as it has copies of a key and more.
    Raises:
      ModelError: there are too few nodes, or the chain is too large.
    """
    layout = model.layout
    if nodes < layout.copies:
        raise ModelError(f"{nodes} nodes in an AZ: expected {layout.copies} or more for its copies")
    sites, spread = layout.regions * layout.azs, loss_of(model)
    everywhere, copies = sites * nodes, layout.total
    rows = []
    anywhere = loss_anywhere(model, nodes)
    if anywhere is not None:
        rows.append(("any node, random", math.comb(everywhere, copies), anywhere))
        rows.append(("any node, copysets", everywhere // copies, anywhere))
    scattered = math.comb(nodes, layout.copies) ** sites
    rows.append(("every AZ, random", scattered, spread))
    rows.append(("every AZ, copysets", nodes // layout.copies, spread))
    return tuple(
        Placement(
            name=name,
            copysets=min(copysets, keys),
            loss=loss,
            keys=keys,
            nodes=everywhere,
            copies=copies,
        )
        for name, copysets, loss in rows
    )


def loss_of(model: Model) -> Loss:
    """Return the loss of a key of a model, split by what can strike one node.

    Laws without phases are replaced by fitted ones.

    Raises:
      ModelError: its chain is too large.
    """
    own, shared, single = _split(answer(model).chain)
    parts = (Shared(keys=1.0, chance=shared),) if shared > 0 else ()
    return Loss(own=own, shared=parts, single=single)


def _split(chain: Chain) -> tuple[float, float, float]:
    """Return the loss by what strikes single nodes, whole AZs, and single keys."""
    model, exact = chain.model, solve(chain)
    one_key = {one.name for one in model.mistakes}
    one_key |= {shock.name for shock in model.shocks if shock.level == "key"}
    one_node = {*_OWN, *(shock.name for shock in model.shocks if shock.level == "copy")}
    single = math.fsum(
        exact.probability * share for name, share in exact.by_cause.items() if name in one_key
    )
    safe = {name: 0.0 for name in chain.causes if name in one_key | one_node}
    shared = solve(chain, factors=safe).probability if len(safe) < len(chain.causes) else 0.0
    return max(exact.probability - shared - single, 0.0), shared, single


def loss_anywhere(model: Model, nodes: int) -> Loss | None:
    """Return the loss of a key whose copies lie on any nodes, on average over where they fall.

    None if its AZs cannot be told apart from its nodes: with laws that are not exponential, or with
    causes other than disks, latent errors, AZs and regions.
    """
    if any(law.name != "exponential" for law in model.laws().values()):
        return None
    try:
        clocks = clocks_of(model)
    except ClockError:
        return None
    if not clocks.plain:
        return None
    layout, own = model.layout, []
    known: dict[Regions, tuple[float, float, float]] = {}
    by_azs: dict[tuple[bool, ...], list[tuple[float, float]]] = {}
    for fallen, chance in falls(layout.regions * layout.azs, layout.total, nodes):
        regions = _lumped(fallen, layout.azs)
        if regions not in known:
            known[regions] = _split(_chain(model, replace(clocks, regions=regions)))
        own.append(chance * known[regions][0])
        azs = tuple(copies > 0 for copies in fallen)
        by_azs.setdefault(azs, []).append((chance, known[regions][1]))
    shared = []
    for parts in by_azs.values():
        keys = math.fsum(chance for chance, _ in parts)
        mean = math.fsum(chance * part for chance, part in parts) / keys
        if mean > 0:
            shared.append(Shared(keys=keys, chance=mean))
    return Loss(own=math.fsum(own), shared=tuple(shared))


def _lumped(fallen: tuple[int, ...], azs: int) -> Regions:
    """Return the copies in each AZ that has any, by region, equal ones alike."""
    by_region = [fallen[at : at + azs] for at in range(0, len(fallen), azs)]
    kept = sorted(tuple(sorted(one for one in each if one)) for each in by_region)
    return tuple(each for each in kept if each)


def _chain(model: Model, clocks: Clocks) -> Chain:
    """Return the chain of copies that lie unevenly, in the form in which it is solved."""
    chain, _ = nearest_chain(clocks)
    return Chain(
        model=model,
        states=((),) * chain.states,
        causes=(*CLOCK_CAUSES, "repair"),
        sources=tuple(int(row) for row in chain.rows()),
        targets=tuple(LOST if to == LOSS else int(to) for to in chain.targets),
        names=tuple(len(CLOCK_CAUSES) if cause == REPAIR else int(cause) for cause in chain.causes),
        rates=tuple(float(rate) for rate in chain.rates),
    )


def falls(sites: int, copies: int, nodes: int) -> Iterator[tuple[tuple[int, ...], float]]:
    """Yield (copies in each AZ, chance) of copies that fall on any nodes, each on its own."""
    everywhere = math.comb(sites * nodes, copies)
    for fallen in product(range(copies + 1), repeat=sites):
        ways = math.prod(math.comb(nodes, one) for one in fallen)
        if sum(fallen) == copies and ways:
            yield fallen, ways / everywhere
