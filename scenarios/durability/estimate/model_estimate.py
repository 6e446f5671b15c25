"""The estimate of a model: two estimators side by side, and what their answer is worth.

Exponential and phase-type laws are walked as the lumped chain where that is small, all others as
clocks.
What does not belong here: exact answers (scenarios/durability/answer.py), text (shown.py).
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import CLOCK_CAUSES, arrays_of, clocks_of, signed
from scenarios.durability.estimate.answer import LARGEST_SHARE, Answer, judged
from scenarios.durability.estimate.apart import joined, split
from scenarios.durability.estimate.campaign import Paths, walk_all
from scenarios.durability.estimate.chain import balanced, natural, values, zero_variance
from scenarios.durability.estimate.chain_paths import ChainPaths
from scenarios.durability.estimate.clock import Clocks
from scenarios.durability.estimate.clock_paths import BALANCED, NAIVE, ZERO_VARIANCE, ClockPaths
from scenarios.durability.estimate.laws import WEIBULL
from scenarios.durability.estimate.nearest import MOST_STATES
from scenarios.durability.estimate.rates import Observed, rates_interval
from scenarios.durability.estimate.tally import Tally, merged
from scenarios.durability.estimate.worth import table_of
from scenarios.durability.model import Model, ModelError
from scenarios.durability.rates import Rate

#: Paths of each estimator: about 1 % for the models of the answer key, in seconds; chosen.
PATHS: Final = 200_000
#: The witness walks up to so many times as many, until no path holds too much of its sum.
PATIENCE: Final = 8
#: Weibull lifetimes of this shape and below cannot be led.
_LEAST_SHAPE: Final = 0.5

Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimators:
    """Three ways to walk one model."""

    causes: tuple[str, ...]  #: names of the causes of its failures, by their number
    first: Paths  #: led by a table; this one counts
    witness: Paths  #: balanced failure biasing
    naive: Paths
    unsure: tuple[str, ...]  #: why neither can be trusted
    notes: tuple[str, ...]


def estimators(model: Model) -> Estimators:
    """Return the ways to walk a model, but for what strikes the key itself (apart.py).

    Raises:
      ClockError: no estimate models all that it has.
    """
    if not model.not_markov:
        with suppress(ModelError):  # too many states
            return _of_chain(model)
    clocks, mission = clocks_of(model), model.mission
    found = table_of(model, clocks)
    ways = [
        ClockPaths(name=name, clocks=clocks, way=way, mission=mission, table=found, stream=stream)
        for stream, (name, way) in enumerate(
            (("led by a table", ZERO_VARIANCE), ("balanced", BALANCED), ("naive", NAIVE))
        )
    ]
    notes = tuple(
        f"heavy-tailed repair ({name}): few long repairs matter most, so this converges slowly"
        for name in clocks.heavy_tailed
    )
    names = (*CLOCK_CAUSES, *(shock.name for shock in clocks.shocks))
    return Estimators(
        causes=signed(names),
        first=ways[0],
        witness=ways[1],
        naive=ways[2],
        unsure=_unsure(clocks),
        notes=notes,
    )


def _unsure(clocks: Clocks) -> tuple[str, ...]:
    """Return why the weights of a system have no variance, if so.

    An excursion's weight has the hazard at its start as a factor. At age t that of Weibull's law is
    proportional to t**(shape - 1), whose square has an integral from 0 for shapes above 0.5 only.
    """
    life = clocks.disk.life
    if life.kind != WEIBULL or life.first > _LEAST_SHAPE:
        return ()
    return (f"copy.lost has shape {life.first:g}: weights have no variance at 0.5 and less",)


def _of_chain(model: Model) -> Estimators:
    chain, causes = arrays_of(build(model, states_max=MOST_STATES))
    biases = (
        ("led by a table", zero_variance(chain, values(chain)), True),
        ("balanced", balanced(chain), True),
        ("naive", natural(chain), False),
    )
    walks = [
        ChainPaths(
            name=name, chain=chain, bias=bias, mission=model.mission, excursion=away, stream=stream
        )
        for stream, (name, bias, away) in enumerate(biases)
    ]
    return Estimators(
        causes=causes, first=walks[0], witness=walks[1], naive=walks[2], unsure=(), notes=()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """A model's answer, with what it was found by."""

    answer: Answer
    causes: tuple[str, ...]
    seed: int


def estimated(
    model: Model,
    *,
    paths: int = PATHS,
    seed: int = 1,
    workers: int = 1,
    executor: str = "threads",
    cluster: str | None = None,
    known: Mapping[str, Rate] | None = None,
    advance: Advance | None = None,
) -> Estimated:
    """Return the chance of a loss within the model's mission; the same for any executor.

    Args:
      paths: of each estimator; fewer than 10,000 give a bound only.
      known: rates by cause; those that were counted give the interval from not knowing them.
      advance: told (paths done, paths there are).
    Raises:
      ClockError: no estimate models all that it has.
      ClusterError: the cluster cannot be used.
    """
    of_copies, direct = split(model)
    ways = estimators(of_copies)

    def walk(one: Paths, first: int, before: int) -> Tally:
        def told(done: int, _all: int) -> None:
            if advance is not None:
                advance(before + done, max(2 * paths, before + paths))

        return walk_all(
            one, count=paths, first=first, seed=seed, executor=executor, workers=workers,
            cluster=cluster, advance=told,
        )  # fmt: skip

    primary = walk(ways.first, 0, 0)
    seen = walk(ways.witness, 0, paths)
    while seen.largest_share > LARGEST_SHARE and seen.paths < PATIENCE * paths:
        seen = merged([seen, walk(ways.witness, seen.paths, paths + seen.paths)])
    answer = judged(
        (ways.first.name, primary),
        (ways.witness.name, seen),
        causes=len(ways.causes),
        naive=lambda: walk(ways.naive, 0, paths + seen.paths),
        unsure=ways.unsure,
        notes=ways.notes,
    )
    answer = joined(answer, direct, model.mission)
    causes = (*ways.causes, *(one.name for one in direct))
    return Estimated(
        answer=_with_rates(answer, causes, known or {}, seed), causes=causes, seed=seed
    )


def _with_rates(
    answer: Answer, causes: tuple[str, ...], known: Mapping[str, Rate], seed: int
) -> Answer:
    """Return the answer with the interval from not knowing the rates, where they were counted."""
    rates = [known[name].value if name in known else 1.0 for name in causes]
    observed = {
        place: Observed(events=known[name].events, years=known[name].years)
        for place, name in enumerate(causes)
        if name in known and known[name].counted and known[name].value > 0
    }
    if answer.probability is None or not observed:
        return answer
    interval = rates_interval(answer.probability, answer.failures, rates, observed, seed=seed)
    return replace(answer, rates=interval)
