"""Where a loss comes from: what was wrong at the last blow, in which order, and what would help.

What does not belong here: the loss itself (exact.py), and layout (report.py).
"""

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scenarios.durability import gth
from scenarios.durability.causes import MENDS
from scenarios.durability.chain import LOST, Chain
from scenarios.durability.exact import Exact, Generator, solve
from scenarios.durability.states import describe

#: Logarithmic step of the difference quotients; their error is its square.
_STEP: Final = 1e-2
#: Paths that are followed in search of the likeliest orders.
_PATHS_MAX: Final = 20_000
#: Where the rest no longer matters.
_SHARE: Final = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to lose a key, and its share of all losses."""

    before: str  #: what was wrong already, or the blows in their order
    last: str  #: the last blow
    share: float


def combinations(exact: Exact) -> tuple[Way, ...]:
    """Return what was wrong when the last blow came; the shares' sum is 1, the largest first.

    Args:
      exact: an answer with its occupancy.
    """
    chain = exact.chain
    assert len(exact.occupancy), "the answer has no occupancy"
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    moves = zip(chain.sources, chain.targets, chain.names, chain.rates, strict=True)
    for source, target, name, rate in moves:
        if target == LOST:
            key = describe(chain.states[source]), chain.causes[name]
            found[key].append(float(exact.occupancy[source]) * rate)
    sums = {key: math.fsum(parts) for key, parts in found.items()}
    total = math.fsum(sums.values())
    ways = [Way(before=b, last=c, share=s / total) for (b, c), s in sums.items() if s > 0]
    return tuple(sorted(ways, key=lambda way: (-way.share, way.before, way.last)))


def orders(chain: Chain) -> tuple[Way, ...]:
    """Return the likeliest orders of blows that lead from all well to a loss, the largest first.

    What was mended on the way is not told: the blows are. The search follows the likeliest paths
    first, and what it leaves out is what the shares lack to 1; () of chains too large for it.
    """
    if len(chain.states) > gth.STATES_MAX:
        return ()
    rates = Generator(chain)
    value = gth.values(rates.dense(), rates.losses.sum(axis=1))
    onward: dict[int, list[tuple[float, int, str]]] = defaultdict(list)
    moves = zip(chain.sources, chain.targets, chain.names, chain.rates, strict=True)
    for source, target, name, rate in moves:
        weight = rate * (1.0 if target == LOST else float(value[target]))
        if weight > 0 and target != 0:
            onward[source].append((weight, target, chain.causes[name]))
    chances = {
        source: [(weight / math.fsum(w for w, _, _ in out), t, n) for weight, t, n in out]
        for source, out in onward.items()
    }
    found: dict[tuple[str, ...], float] = defaultdict(float)
    number = itertools.count()
    heap: list[tuple[float, int, int, tuple[str, ...]]] = [(-1.0, next(number), 0, ())]
    told = 0.0
    for _ in range(_PATHS_MAX):
        if not heap or told > _SHARE:
            break
        minus, _, state, blows = heapq.heappop(heap)
        for chance, target, move in chances.get(state, ()):
            after = blows if move in MENDS else (*blows, move)
            if target == LOST:
                found[after] -= minus * chance
                told -= minus * chance
            else:
                heapq.heappush(heap, (minus * chance, next(number), target, after))
    ways = [Way(before=", ".join(b[:-1]), last=b[-1], share=s) for b, s in found.items()]
    return tuple(sorted(ways, key=lambda way: (-way.share, way.before, way.last)))


def elasticities(chain: Chain) -> Mapping[str, float]:
    """Return by how many per cent the loss grows when a cause's rates grow by one per cent.

    Of what mends it is negative: the mean repair time has the opposite. Their sum is that of the
    mission, since only products of rates and times matter.
    """
    return {name: elasticity(chain, name) for name in chain.causes}


def elasticity(chain: Chain, cause: str) -> float:
    """Return that of one cause."""
    low, high = (
        solve(chain, factors={cause: math.exp(step)}).probability for step in (-_STEP, _STEP)
    )
    return (math.log(high) - math.log(low)) / (2 * _STEP) if low > 0 else 0.0


def mission_elasticity(chain: Chain) -> float:
    """Return by how many per cent the loss grows when the mission does by one."""
    years = chain.model.mission
    low, high = (
        solve(chain, mission=years * math.exp(step)).probability for step in (-_STEP, _STEP)
    )
    return (math.log(high) - math.log(low)) / (2 * _STEP)
