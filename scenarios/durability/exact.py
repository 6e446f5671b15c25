"""The probability of losing a key within a mission, exactly, by sums of non-negative terms only.

Uniformization: the chain moves at the events of one Poisson process of rate L, by the matrix
``P = I + Q/L``; a probability is a sum over the number of events. Small chains build the matrix of
a short step so, square it a few times, and walk on with it; large ones apply P event by event.
Which way is taken depends on the chain alone, and no library that splits sums over threads is
used, so the same chain gives the same bits in every process.
What does not belong here: chains (chain.py), mean times (gth.py), and what is made of the answers.
Source: Jensen, "Markoff chains as an aid in the study of Markoff processes" (Skandinavisk
Aktuarietidskrift 36, 1953); Grassmann, "Transient solutions in Markovian queueing systems"
(Computers and Operations Research 4, 1977).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.special import gammaln

from scenarios.durability import gth
from scenarios.durability.chain import BEYOND, Chain

Floats = npt.NDArray[np.float64]

#: Poisson weights below this are left out: far below any loss that is reported.
_LEAST: Final = 1e-45
#: Steps that are walked rather than squared: a product of vector and matrix is n times cheaper.
_WALKED: Final = 256
#: Points of the survival curve.
CURVE: Final = 64
#: Seconds of a multiplication in a dense product; of one walked event, and per entry of P. They
#: choose the faster way and were measured once; a wrong one costs time, not digits.
_DENSE_S, _EVENT_S, _ENTRY_S = 0.6e-9, 12e-6, 1.5e-9
#: More states than this do not fit a dense matrix comfortably.
_DENSE_MAX: Final = 1_500


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exact:
    """What a chain comes to within a mission."""

    chain: Chain = field(repr=False)
    mission: float  #: years
    probability: float  #: that the key is lost
    beyond: float  #: that more was wrong than the chain knows; the loss is at most the sum of both
    by_cause: Mapping[str, float]  #: the last blow -> its share of the probability
    curve: tuple[tuple[float, float], ...] = field(repr=False)  #: (years, probability by then)
    occupancy: Floats = field(repr=False)  #: expected years in each state; empty unless asked for
    method: str  #: ``squaring`` or ``events``
    events: float  #: expected events of the Poisson process

    @property
    def nines(self) -> float:
        """Minus the decimal logarithm of the probability of a loss."""
        return nines(self.probability)


def nines(probability: float) -> float:
    """Return minus the decimal logarithm of a probability; infinity for 0."""
    return -math.log10(probability) if probability > 0 else math.inf


class Generator:
    """The rates of a chain as arrays, with those of some causes multiplied."""

    def __init__(self, chain: Chain, factors: Mapping[str, float] | None = None) -> None:
        sources, targets = np.array(chain.sources), np.array(chain.targets)
        rates = np.array(chain.scaled(factors) if factors else chain.rates)
        count = self.count = len(chain.states)
        stays = targets >= 0
        self.sources, self.targets = sources[stays], targets[stays]
        self.rates = rates[stays]
        #: One column for each cause, and a last one for what is beyond.
        self.losses = np.zeros((count, len(chain.causes) + 1))
        columns = np.where(targets == BEYOND, len(chain.causes), np.array(chain.names))
        np.add.at(self.losses, (sources[~stays], columns[~stays]), rates[~stays])
        self.exits = np.zeros(count)
        np.add.at(self.exits, sources, rates)

    def dense(self) -> Floats:
        """Return the rates between states as a matrix."""
        matrix = np.zeros((self.count, self.count))
        np.add.at(matrix, (self.sources, self.targets), self.rates)
        return matrix

    def uniform(self, fastest: float) -> Any:
        """Return P as a sparse matrix, for events of that rate."""
        places = np.arange(self.count)
        return csr_array(
            (
                np.concatenate([self.rates / fastest, 1 - self.exits / fastest]),
                (np.concatenate([self.sources, places]), np.concatenate([self.targets, places])),
            ),
            shape=(self.count, self.count),
        )


def solve(
    chain: Chain,
    *,
    mission: float | None = None,
    factors: Mapping[str, float] | None = None,
    occupancy: bool = False,
) -> Exact:
    """Return the exact probability of a loss.

    Args:
      mission: years; by default the model's.
      factors: cause -> what its rates are multiplied by.
      occupancy: also return how long the chain is in each state.
    Raises:
      KeyError: a factor is of no cause of the chain.
    """
    years = chain.model.mission if mission is None else mission
    rates = Generator(chain, factors)
    fastest = max(float(rates.exits.max()), 1 / years)
    squared = _squared(rates, fastest * years)
    way = _by_squaring if squared else _by_events
    lost, spent, curve = way(rates, fastest, years, occupancy)
    total = math.fsum(lost[:-1])
    by_cause = {
        name: float(part) for name, part in zip(chain.causes, lost[:-1], strict=True) if part > 0
    }
    return Exact(
        chain=chain,
        mission=years,
        probability=min(1.0, total),
        beyond=float(lost[-1]),
        by_cause={name: part / total for name, part in by_cause.items()},
        curve=curve,
        occupancy=spent,
        method="squaring" if squared else "events",
        events=fastest * years,
    )


def _squared(rates: Generator, events: float) -> bool:
    """Return whether the matrix of a step is the faster way."""
    count, entries = rates.count, len(rates.rates) + rates.count
    if count > _DENSE_MAX:
        return False
    squarings = max(0, math.ceil(math.log2(max(events, 1))) - math.log2(_WALKED)) + 3
    dense = squarings * count**3 * _DENSE_S + _WALKED * count**2 * _DENSE_S
    return dense < (events + 12 * math.sqrt(events) + 50) * (_EVENT_S + entries * _ENTRY_S)


def poisson(mean: float) -> tuple[Floats, Floats]:
    """Return the probabilities of 0, 1, ... events, and those of more events than each."""
    most = math.ceil(mean + 14 * math.sqrt(mean) + 45)
    counts = np.arange(most + 1)
    logs = counts * math.log(mean) - mean - gammaln(counts + 1)
    exact = np.exp(logs)
    exact /= exact.sum()  # the logarithms' rounding is the same for all of them
    tails = np.cumsum(exact[::-1])[::-1]
    return exact, np.append(tails[1:], 0.0)


_Found = tuple[Floats, Floats, tuple[tuple[float, float], ...]]


def _by_squaring(rates: Generator, fastest: float, years: float, occupancy: bool) -> _Found:
    """Walk with the matrix of a step, which is squared out of a shorter one.

    ``step[s, t]`` is the probability of t after a step from s, ``lost`` by whom it was lost by
    then, ``spent[s, t]`` the mean years in t meanwhile. Rounding lets the sum of a row drift from
    1; dividing by it stops that.
    """
    halvings = max(0, math.ceil(math.log2(max(fastest * years, 1))))
    squarings = max(0, halvings - int(math.log2(_WALKED)))
    steps = 2 ** (halvings - squarings)
    step, lost, spent = _first_step(rates, fastest, years / 2**halvings, occupancy)
    for _ in range(squarings):
        lost = lost + np.einsum("ij,jk->ik", step, lost)
        if occupancy:
            spent = spent + np.einsum("ij,jk->ik", step, spent)
        step = np.einsum("ij,jk->ik", step, step)
        sums = (step.sum(axis=1) + lost.sum(axis=1))[:, None]
        step, lost = step / sums, lost / sums
    here = np.zeros(rates.count)
    here[0] = 1.0
    gone, been = np.zeros(lost.shape[1]), np.zeros(rates.count if occupancy else 0)
    curve = [(0.0, 0.0)]
    for number in range(1, steps + 1):
        gone = gone + np.einsum("i,ij->j", here, lost)
        if occupancy:
            been = been + np.einsum("i,ij->j", here, spent)
        here = np.einsum("i,ij->j", here, step)
        here = here / (here.sum() + gone.sum())
        if number % max(1, steps // CURVE) == 0:
            curve.append((years * number / steps, float(gone[:-1].sum())))
    return gone, been, tuple(curve)


def _first_step(
    rates: Generator, fastest: float, years: float, occupancy: bool
) -> tuple[Floats, Floats, Floats]:
    """Return step, lost and spent of a step of at most about one event."""
    exact, more = poisson(fastest * years)
    turned = rates.uniform(fastest).T.tocsr()
    power = np.eye(rates.count)  # of P, turned: column s is where one is that began in s
    step, meanwhile = np.zeros_like(power), np.zeros_like(power)
    for here, after in zip(exact, more, strict=True):
        step += here * power
        meanwhile += after / fastest * power
        if after < _LEAST:
            break
        power = turned @ power
    lost = np.einsum("ji,jk->ik", meanwhile, rates.losses)
    return step.T.copy(), lost, meanwhile.T.copy() if occupancy else np.zeros((0, 0))


def _by_events(rates: Generator, fastest: float, years: float, _occupancy: bool) -> _Found:
    """Walk event by event, for chains whose matrix would be too large."""
    _, more = poisson(fastest * years)
    turned = rates.uniform(fastest).T.tocsr()
    losses = rates.losses[:, :-1].sum(axis=1)
    here = np.zeros(rates.count)
    here[0] = 1.0
    been, flows = np.zeros(rates.count), np.zeros(len(more))
    for number, after in enumerate(more):
        been += after / fastest * here
        flows[number] = np.einsum("i,i->", here, losses) / fastest
        if after < _LEAST:
            break
        here = turned @ here
    gone = np.einsum("i,ij->j", been, rates.losses)
    curve = [(0.0, 0.0)]
    for point in range(1, CURVE + 1):
        when = years * point / CURVE
        _, left = poisson(fastest * when)
        size = min(len(left), len(flows))
        curve.append((when, math.fsum(left[:size] * flows[:size])))
    return gone, been, tuple(curve)


def mean_time_to_loss(chain: Chain, factors: Mapping[str, float] | None = None) -> float | None:
    """Return the mean years until the key is lost, from the start; None of chains too large.

    Leaving a truncated chain counts as a loss.
    """
    if len(chain.states) > gth.STATES_MAX:
        return None
    rates = Generator(chain, factors)
    return gth.mean_time(rates.dense(), rates.losses.sum(axis=1))


__all__ = ["CURVE", "Exact", "Generator", "mean_time_to_loss", "nines", "poisson", "solve"]
