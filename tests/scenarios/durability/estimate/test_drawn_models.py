"""Models drawn at random, with any of the causes together: walked as clocks, against the chain.

Losses are frequent, so naive paths see them; all laws have phases, so the chain's answer is exact.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from scenarios.durability.causes.az_dark import spans
from scenarios.durability.chain import build
from scenarios.durability.estimate import laws as kernel_laws
from scenarios.durability.estimate.adapt import clocks_of
from scenarios.durability.estimate.answer import APART, distance, doubts, estimate
from scenarios.durability.estimate.clock import Clocks
from scenarios.durability.estimate.clock_paths import BALANCED, NAIVE, ZERO_VARIANCE, ClockPaths
from scenarios.durability.estimate.nearest import Table
from scenarios.durability.estimate.tally import Tally
from scenarios.durability.estimate.worth import table_of
from scenarios.durability.exact import solve
from scenarios.durability.laws import Erlang, Exponential, Law
from scenarios.durability.model import (
    Backup,
    Copies,
    Domain,
    Latent,
    Layout,
    Level,
    Model,
    ModelError,
    Scope,
    Shock,
    Site,
)

#: Larger chains take long to build.
STATES: Final = 3_000
#: What naive paths are led by.
NOTHING: Final = Table(np.zeros(1, dtype=np.uint64), np.zeros(1))
WIDER: Final[dict[Level, tuple[Scope, ...]]] = {
    "copy": ("az", "region", "all"),
    "az": ("region", "all"),
    "region": ("all",),
}


def drawn(seed: int) -> Model:
    """Return a model with about half of the causes."""
    dice = random.Random(seed)

    def often(chance: float) -> bool:
        return dice.random() < chance

    def wait(low: float, high: float) -> Law:
        mean = math.exp(dice.uniform(math.log(low), math.log(high)))
        return Erlang(mean, 2) if often(0.25) else Exponential(mean)

    def site() -> Site:
        return Site(rate=dice.uniform(0.05, 0.5), rebuilt=wait(0.05, 0.3) if often(0.6) else None)

    def shock(number: int) -> Shock:
        level = dice.choice(list(WIDER))
        return Shock(
            name=f"shock {number}",
            rate=dice.uniform(0.1, 0.8),
            level=level,
            scope=dice.choice(WIDER[level]),
            kills=dice.choice((0.1, 0.4, 0.8, 1.0)),
        )

    layout = Layout(
        regions=dice.choice((1, 1, 2)),
        azs=dice.choice((1, 2, 2, 3)),
        copies=dice.choice((1, 1, 2, 3)),
    )
    layout = replace(layout, needed=dice.choice((1, 1, min(2, layout.azs * layout.copies))))
    domain = Domain(
        dark=dice.choice((0.0, dice.uniform(0.3, 2))),
        lasts=Exponential(dice.uniform(0.03, 0.2)),
        region_dark=dice.choice((0.0, dice.uniform(0.1, 1))),
        safe=dice.choice((0.0, 0.5, 1.0)),
        ring=dice.choice((None, 0.05, 0.2)),
    )
    latent = Latent(
        rate=dice.uniform(0.3, 2),
        found=wait(0.05, 0.3),
        fatal=often(0.6),
        fails=often(0.6),
        memory=(darkens := often(0.6)) and often(0.5),
    )
    return Model(
        layout=layout,
        copy=Copies(
            lost=Exponential(dice.uniform(0.7, 4)),
            repaired=wait(0.03, 0.2),
            noticed=wait(0.02, 0.1) if often(0.35) else None,
            repairers=dice.choice((0, 0, 1, 2)),
        ),
        latent=latent if often(0.6) else None,
        domain=domain if darkens else None,
        az=site() if often(0.5) else None,
        region=site() if often(0.4) else None,
        shocks=tuple(shock(number) for number in range(dice.choice((0, 0, 1, 1, 2)))),
        backup=Backup(
            restores=dice.uniform(0.2, 0.9),
            covers=dice.choice(((), ("copy-lost",), ("az-destroyed", "region-dark"))),
        )
        if often(0.35)
        else None,
    )


def solved(seeds: range, states: int = STATES) -> Iterator[tuple[int, Model, float]]:
    """Yield (seed, model, exact answer) of those whose chains have no more states."""
    for seed in seeds:
        model = drawn(seed)
        try:
            answer = solve(build(model, states_max=states)).probability
        except ModelError:
            continue
        if 1e-4 < answer < 1 - 1e-3:
            yield seed, model, answer


def clocks_as_in_the_chain(model: Model) -> Clocks:
    """Return a model's clocks, with the chain's own laws of darkness: it keeps their means only."""
    clocks = clocks_of(model)
    if model.domain is None or clocks.darkness is None or not clocks.darkness.long_share:
        return clocks
    short, long, _ = spans(model.domain.lasts, model.domain.ring)
    darkness = replace(
        clocks.darkness,
        short=kernel_laws.exponential(short),
        ring=0.0,
        rest=kernel_laws.exponential(long),
    )
    return replace(clocks, darkness=darkness)


def walk(model: Model, clocks: Clocks, way: int, count: int, seed: int) -> Tally:
    """Return so many paths."""
    found = NOTHING if way == NAIVE else table_of(model, clocks)
    one = ClockPaths(
        name="", clocks=clocks, way=way, mission=model.mission, table=found, stream=way
    )
    return one.walk(0, count, seed)


def spread(errors: list[float]) -> float:
    """Return the root mean square; 1 for errors that are what they say."""
    return math.sqrt(math.fsum(error**2 for error in errors) / len(errors))


def naive_errors(
    seeds: range,
    count: int,
    states: int = STATES,
    clocks_of_model: Callable[[Model], Clocks] = clocks_as_in_the_chain,
) -> list[float]:
    """Return by how many standard errors naive paths are off, for each model."""
    found = []
    for seed, model, answer in solved(seeds, states):
        tally = walk(model, clocks_of_model(model), NAIVE, count, seed)
        found.append((tally.mean - answer) / math.sqrt(answer * (1 - answer) / count))
    return found


def test_a_drawn_model_loses_keys_as_often_as_its_chain() -> None:
    errors = naive_errors(range(32), 5_000, states=300)
    assert len(errors) >= 16
    assert max(map(abs, errors)) < 4
    assert spread(errors) < 1.5


def test_a_rule_that_is_left_out_shows_among_drawn_models() -> None:
    # What the test above compares differs by far more than it allows.
    def without_backups(model: Model) -> Clocks:
        return replace(clocks_as_in_the_chain(model), restores=())

    assert spread(naive_errors(range(32), 5_000, 300, without_backups)) > 5


@pytest.mark.campaign
def test_drawn_models_lose_keys_as_often_as_their_chains() -> None:
    errors = naive_errors(range(400), 20_000)
    assert len(errors) > 300
    assert max(map(abs, errors)) < 4.5
    assert 0.9 < spread(errors) < 1.1


@pytest.mark.campaign
def test_what_is_trusted_of_drawn_models_is_right() -> None:
    # These are too hot for leading, which is often said; what is not said must be right.
    errors, doubted = [], 0
    for seed, model, answer in solved(range(400)):
        clocks = clocks_as_in_the_chain(model)
        led, witness = (
            estimate("", walk(model, clocks, way, 12_000, seed))
            for way in (ZERO_VARIANCE, BALANCED)
        )
        if doubts(led) or doubts(witness) or distance(led, witness) >= APART:
            doubted += 1
            continue
        errors.append((led.probability - answer) / led.standard_error)
    assert len(errors) > 100
    assert doubted > 100
    assert max(map(abs, errors)) < 4
    assert spread(errors) < 1.15
