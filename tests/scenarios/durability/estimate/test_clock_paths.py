"""Estimates of systems whose clocks run by any law, against exact and published answers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from scenarios.durability.estimate.clock import DISK, ClockError, Clocks, Fate, layout
from scenarios.durability.estimate.clock_paths import (
    BALANCED,
    COUNTING,
    NAIVE,
    ZERO_VARIANCE,
    ClockPaths,
)
from scenarios.durability.estimate.laws import (
    Law,
    deterministic,
    erlang,
    exponential,
    hazards,
    never,
    weibull,
)
from scenarios.durability.estimate.nearest import Table, nearest_chain, table
from scenarios.durability.estimate.tally import Tally
from tests.scenarios.durability.estimate.test_chain_paths import exact

HOUR, DAY = 1 / 8766, 1 / 365.25
NO_TABLE = Table(np.zeros(1, dtype=np.uint64), np.zeros(1))

DISKS = Clocks(regions=((3,),), disk=Fate(exponential(25.0), exponential(6 * HOUR)))
AZS = replace(
    DISKS,
    regions=((2, 2, 2),),
    latent=Fate(exponential(20.0), exponential(14 * DAY)),
    az=Fate(exponential(500.0), exponential(14 * DAY)),
)
REGIONS = replace(
    AZS, regions=((1, 1, 1), (1, 1, 1)), region=Fate(exponential(1e5), exponential(30 * DAY))
)
UNEVEN = replace(AZS, regions=((2, 1), (1,)), need=2)


def walk(clocks: Clocks, way: int, count: int, *, mission: float = 1.0, seed: int = 1) -> Tally:
    found = table(clocks) if way == ZERO_VARIANCE else NO_TABLE
    one = ClockPaths(name="", clocks=clocks, way=way, mission=mission, table=found, stream=way)
    return one.walk(0, count, seed)


def agrees(tally: Tally, answer: float, errors: float = 3.0) -> bool:
    return abs(tally.mean - answer) < errors * tally.standard_error


@pytest.mark.parametrize("way", [BALANCED, ZERO_VARIANCE])
@pytest.mark.parametrize("clocks", [DISKS, AZS, REGIONS, UNEVEN])
def test_with_exponential_laws_it_finds_what_the_chain_does(clocks: Clocks, way: int) -> None:
    tally = walk(clocks, way, 10_000)
    assert tally.standard_error < 0.2 * tally.mean
    assert agrees(tally, exact(nearest_chain(clocks)[0], 1.0))


@pytest.mark.parametrize(
    "repair",
    [deterministic(6 * HOUR), erlang(4, 6 * HOUR), weibull(2.0, 6 * HOUR / math.gamma(1.5)),
     weibull(0.6, 6 * HOUR / math.gamma(1 + 1 / 0.6))],
    ids=["deterministic", "erlang 4", "weibull 2", "weibull .6"],
)  # fmt: skip
def test_the_loss_rate_depends_on_the_mean_of_the_repair_alone(repair: Law) -> None:
    # Source: Venkatesan, Iliadis (QEST'12): 3 lambda U^2 with U = lambda * mean repair; 8.995e-11.
    assert repair.mean == pytest.approx(6 * HOUR)
    clocks = replace(DISKS, disk=Fate(exponential(25.0), repair))
    assert agrees(walk(clocks, ZERO_VARIANCE, 20_000), 8.995e-11)


def test_naive_paths_agree_with_biased_ones_where_disks_age_and_losses_are_frequent() -> None:
    # Everything at once: infant mortality, fixed repairs, latent errors, AZs and a region.
    clocks = Clocks(
        regions=((1, 1), (1,)),
        disk=Fate(weibull(0.8, 1.0), deterministic(0.05)),
        noticed=exponential(0.01),
        latent=Fate(exponential(1.5), weibull(3.0, 0.08, 0.01)),
        az=Fate(hazards((0.0, 0.3), (0.2, 0.4)), weibull(0.6, 0.06)),
        region=Fate(exponential(4.0), exponential(0.1)),
    )
    naive = walk(clocks, NAIVE, 40_000)
    assert 0.1 < naive.mean < 0.9
    for way in (BALANCED, ZERO_VARIANCE):
        biased = walk(clocks, way, 20_000)
        error = math.hypot(naive.standard_error, biased.standard_error)
        assert abs(naive.mean - biased.mean) < 3 * error


def test_what_is_never_rebuilt_stays_away() -> None:
    # Two AZs of one copy, 0.3 a year each, not rebuilt: both are gone with (1 - e^-0.3)^2.
    clocks = Clocks(
        regions=((1, 1),),
        disk=Fate(never(), deterministic(1.0)),
        az=Fate(exponential(1 / 0.3), never()),
    )
    for way in (NAIVE, BALANCED):
        assert agrees(walk(clocks, way, 20_000), (1 - math.exp(-0.3)) ** 2)


def raid(scrub: Law) -> Clocks:
    """Return RAID 7+1 with latent defects, as Elerath and Pecht have it."""
    return Clocks(
        regions=((8,),),
        need=7,
        disk=Fate(weibull(1.12, 461_386 * HOUR), weibull(2.0, 12 * HOUR, 6 * HOUR)),
        latent=Fate(exponential(9_259 * HOUR), scrub),
        found_is_lost=False,
        flaws_lose=False,
    )


def test_a_thousand_unscrubbed_raid_groups_lose_data_1225_times_in_ten_years() -> None:
    # Source: Elerath, Pecht (IEEE TC 58, 2009); "over 1,200" in print, 1225 +- 5 when it was
    # simulated anew from the paper's laws.
    tally = walk(raid(never()), COUNTING, 8_000, mission=10 * 8_760 * HOUR)
    error = math.hypot(1_000 * tally.standard_error, 5)
    assert abs(1_000 * tally.mean - 1_225) < 3 * error


@pytest.mark.campaign
def test_a_scrubbed_raid_group_loses_over_360_times_what_mttdl_says_in_its_first_year() -> None:
    # Source: the same; 381 when it was simulated anew. MTTDL: N (N + 1) MTTR / MTTF^2.
    mttdl = 8 * 7 * 12 / 461_386**2 * 8_760
    tally = walk(
        raid(weibull(3.0, 168 * HOUR, 6 * HOUR)), COUNTING, 1_500_000, mission=8_760 * HOUR
    )
    assert tally.mean / mttdl > 360
    assert tally.mean / mttdl == pytest.approx(381, rel=0.03)


def test_a_system_that_cannot_be_walked_is_refused() -> None:
    with pytest.raises(
        ClockError, match=r"^law of 'disk': expected one with a hazard at every age$"
    ):
        layout(replace(DISKS, disk=Fate(deterministic(1.0), exponential(1.0))))
    with pytest.raises(ClockError, match=r"^need of 4: expected 1–3 copies$"):
        layout(replace(DISKS, need=4))


def test_heavy_tails_are_named() -> None:
    heavy = replace(DISKS, disk=Fate(DISKS.disk.life, weibull(0.6, 1.0)))
    assert (DISKS.heavy_tailed, heavy.heavy_tailed) == ((), ("disk",))
    assert DISK == 0
