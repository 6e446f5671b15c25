"""Every cause and rule of a model, walked as clocks: against the exact chain, and without one."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final

import pytest

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import clocks_of
from scenarios.durability.estimate.answer import doubts, estimate
from scenarios.durability.estimate.clock import AT_ONCE, ClockError, Clocks
from scenarios.durability.estimate.clock_paths import BALANCED, NAIVE, ZERO_VARIANCE, ClockPaths
from scenarios.durability.estimate.nearest import Table
from scenarios.durability.estimate.tally import Tally
from scenarios.durability.estimate.worth import table_of
from scenarios.durability.exact import solve
from scenarios.durability.laws import Deterministic, Empirical, Exponential, Weibull
from scenarios.durability.model import (
    Backup,
    Copies,
    Domain,
    Latent,
    Layout,
    Model,
    Shock,
    Site,
)

HOUR, DAY = 1 / 8766, 1 / 365.25
AZ = Site(rate=2e-3, rebuilt=Exponential(14 * DAY))
DARK = Domain(dark=0.5, lasts=Exponential(6 * HOUR), region_dark=0.02, safe=0.9)
ROT = Latent(rate=0.5, found=Exponential(14 * DAY))
QUAKE = Shock(name="quake", rate=1e-3, level="region", scope="all", kills=0.1)
TWO_REGIONS = Layout(regions=2, azs=2)

#: One rule each, with laws that the chain has too.
EXACT: Final[dict[str, Model]] = {
    "fire": Model(az=AZ, shocks=(Shock(name="fire", rate=1e-3, level="az", kills=0.4),)),
    "burst": Model(layout=Layout(copies=2), shocks=(Shock(name="burst", rate=0.1, kills=0.05),)),
    "burst in one AZ": Model(
        layout=Layout(copies=2), shocks=(Shock(name="burst", rate=0.1, scope="az", kills=0.3),)
    ),
    "everywhere at once": Model(
        layout=TWO_REGIONS,
        region=Site(rate=1e-3, rebuilt=Exponential(30 * DAY)),
        shocks=(QUAKE, Shock(name="bug", rate=0.01, scope="all", kills=0.1)),
    ),
    "dark": Model(domain=DARK),
    "dark beside rot": Model(domain=replace(DARK, region_dark=0.0), az=AZ, latent=ROT),
    "ring": Model(domain=replace(DARK, region_dark=0.0, ring=12 * HOUR)),
    "memory": Model(domain=replace(DARK, region_dark=0.0), latent=replace(ROT, memory=True)),
    "last copy has no rot": Model(layout=Layout(azs=2), latent=replace(ROT, fatal=False)),
    "rotten disks do not fail": Model(
        layout=Layout(azs=2),
        copy=Copies(lost=Exponential(0.5)),
        latent=Latent(rate=0.5, found=Exponential(100 * DAY), fails=False),
    ),
    "few repairers": Model(
        layout=Layout(azs=1, copies=5, needed=2),
        copy=Copies(repaired=Exponential(2 * DAY), repairers=1),
    ),
    "noticed late": Model(
        copy=Copies(repaired=Exponential(6 * HOUR), noticed=Exponential(6 * HOUR), repairers=1)
    ),
    "backup": Model(az=AZ, backup=Backup(restores=0.9, covers=("copy-lost",))),
    "dark in two regions": Model(
        layout=TWO_REGIONS, domain=DARK, region=Site(rate=1e-3, rebuilt=Exponential(30 * DAY))
    ),
}


@cache
def _table(model: Model) -> Table:
    return table_of(model, clocks_of(model))


def walk(model: Model, way: int, count: int, clocks: Clocks | None = None, seed: int = 1) -> Tally:
    """Return so many paths of a model; or of other clocks, led by its table."""
    one = ClockPaths(
        name="",
        clocks=clocks or clocks_of(model),
        way=way,
        mission=model.mission,
        table=_table(model),
        stream=way,
    )
    return one.walk(0, count, seed)


def apart(tally: Tally, answer: float, error: float = 0.0) -> float:
    """Return by how many standard errors."""
    return abs(tally.mean - answer) / math.hypot(tally.standard_error, error)


@pytest.mark.parametrize("name", EXACT)
def test_a_cause_is_walked_as_the_chain_has_it(name: str) -> None:
    answer = solve(build(EXACT[name])).probability
    led, witness = walk(EXACT[name], ZERO_VARIANCE, 12_000), walk(EXACT[name], BALANCED, 12_000)
    assert led.standard_error < 0.05 * led.mean
    assert apart(led, answer) < 3.5
    assert apart(witness, answer) < 3.5


def test_a_table_of_a_few_blows_still_leads_to_the_exact_answer() -> None:
    # What it does not have is taken for a loss; weights make up for that.
    model = EXACT["dark beside rot"]
    whole, short = table_of(model, clocks_of(model)), table_of(model, clocks_of(model), 40)
    assert (len(whole.keys), len(short.keys)) == (72, 40)
    one = ClockPaths(
        name="", clocks=clocks_of(model), way=ZERO_VARIANCE, mission=1.0, table=short, stream=3
    )
    tally = one.walk(0, 20_000, 1)
    assert tally.standard_error < 0.05 * tally.mean
    assert apart(tally, solve(build(model)).probability) < 3.5


def test_a_model_too_large_to_be_led_is_refused() -> None:
    model = EXACT["dark beside rot"]
    with pytest.raises(
        ClockError,
        match=r"^key 'layout': more than 3 states after one blow; expected fewer copies, AZs or"
        r" regions, to lead paths through$",
    ):
        table_of(model, clocks_of(model), 3)


def _dark(clocks: Clocks, **fields: float) -> Clocks:
    assert clocks.darkness is not None
    return replace(clocks, darkness=replace(clocks.darkness, **fields))


def _deadlier(clocks: Clocks) -> Clocks:
    return replace(clocks, shocks=(replace(clocks.shocks[0], kills=0.1),))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("dark", lambda clocks: _dark(clocks, safe=0.8)),
        ("ring", lambda clocks: _dark(clocks, long_share=0.0)),
        ("memory", lambda clocks: replace(clocks, memory=False)),
        ("last copy has no rot", lambda clocks: replace(clocks, fatal=True)),
        ("rotten disks do not fail", lambda clocks: replace(clocks, flawed_can_fail=True)),
        ("few repairers", lambda clocks: replace(clocks, repairers=0)),
        ("noticed late", lambda clocks: replace(clocks, noticed=AT_ONCE)),
        ("backup", lambda clocks: replace(clocks, restores=())),
        ("burst", _deadlier),
    ],
)
def test_a_rule_that_is_left_out_shows(name: str, wrong: Callable[[Clocks], Clocks]) -> None:
    # What the test above compares differs by more than it allows.
    answer = solve(build(EXACT[name])).probability
    bent = wrong(clocks_of(EXACT[name]))
    assert apart(walk(EXACT[name], ZERO_VARIANCE, 12_000, bent), answer) > 4


#: Losses are frequent here, so that no table is needed to see them; no chain has these laws.
HOT: Final[dict[str, Model]] = {
    "shocks": Model(
        layout=Layout(azs=2, copies=2),
        copy=Copies(lost=Weibull(1.0, 1.5), repaired=Deterministic(0.1)),
        az=Site(rate=0.2, rebuilt=Weibull(0.1, 0.8)),
        shocks=(
            Shock(name="burst", rate=0.5, kills=0.3),
            Shock(name="one AZ", rate=0.2, scope="az", kills=0.6),
            Shock(name="fire", rate=0.1, level="az", kills=0.4),
        ),
    ),
    "domain": Model(
        copy=Copies(lost=Weibull(1.0, 1.5), repaired=Deterministic(0.1)),
        latent=Latent(rate=1.0, found=Empirical((0.05, 0.1, 0.2))),
        domain=Domain(dark=1.0, lasts=Weibull(0.05, 2.0), region_dark=0.2, safe=0.7, ring=0.08),
    ),
    "memory": Model(
        copy=Copies(lost=Weibull(1.0, 1.5), repaired=Deterministic(0.1)),
        latent=Latent(rate=2.0, found=Deterministic(0.2), memory=True),
        az=Site(rate=0.2, rebuilt=Deterministic(0.1)),
        domain=Domain(dark=1.0, lasts=Weibull(0.05, 2.0), region_dark=0.2, safe=0.7),
    ),
    "few repairers": Model(
        layout=Layout(azs=2, copies=2),
        copy=Copies(
            lost=Weibull(1.0, 0.8),
            repaired=Deterministic(0.1),
            noticed=Deterministic(0.02),
            repairers=1,
        ),
        latent=Latent(rate=0.5, found=Deterministic(0.1), fatal=False),
    ),
}


@pytest.mark.parametrize("name", HOT)
def test_laws_without_phases_are_led_to_what_is_seen_without_leading(name: str) -> None:
    seen = walk(HOT[name], NAIVE, 60_000)
    for way in (ZERO_VARIANCE, BALANCED):
        led = walk(HOT[name], way, 20_000)
        assert apart(led, seen.mean, seen.standard_error) < 3.5


def test_a_system_too_hot_to_be_led_is_not_trusted() -> None:
    # Nearly every other path is lost, after many failures: the witness is far too low then.
    hot = Model(
        layout=TWO_REGIONS,
        copy=Copies(
            lost=Weibull(0.6, 1.5),
            repaired=Empirical((0.05, 0.2)),
            noticed=Exponential(0.02),
            repairers=1,
        ),
        latent=Latent(rate=1.0, found=Deterministic(0.1)),
        az=Site(rate=0.3, rebuilt=None),
        region=Site(rate=0.2, rebuilt=Deterministic(0.1)),
        domain=Domain(dark=2.0, lasts=Deterministic(0.05), region_dark=0.2, safe=0.7, ring=0.08),
        shocks=(replace(QUAKE, rate=0.3, kills=0.4), Shock(name="bug", rate=0.5, scope="all")),
        backup=Backup(restores=0.6, covers=("copy-lost", "bug")),
    )
    witness = estimate("balanced", walk(hot, BALANCED, 10_000))
    seen = walk(hot, NAIVE, 10_000)
    assert witness.probability < 0.7 * seen.mean
    assert len(doubts(witness)) == 1
    assert doubts(witness)[0].startswith("balanced: one path holds ")


@pytest.mark.campaign
@pytest.mark.parametrize("name", EXACT)
def test_intervals_hold_the_exact_answer_as_often_as_they_say(name: str) -> None:
    # 95 % of 400 replications, within what 400 can tell apart.
    answer = solve(build(EXACT[name])).probability
    tallies = [walk(EXACT[name], ZERO_VARIANCE, 10_000, seed=seed) for seed in range(400)]
    held = sum(apart(tally, answer) < 1.96 for tally in tallies)
    assert 0.92 <= held / 400 <= 0.98
