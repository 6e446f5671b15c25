"""When an estimate may be shown as a number, and what is shown when not."""

import math
from dataclasses import replace

import pytest

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import arrays_of
from scenarios.durability.estimate.answer import Interval, distance, estimate, judged, upper_bound
from scenarios.durability.estimate.chain import values, zero_variance
from scenarios.durability.estimate.chain_paths import ChainPaths
from scenarios.durability.estimate.tally import Tally
from tests.scenarios.durability.estimate.test_chain_paths import exact
from tests.scenarios.durability.models import M4


def sound(mean: float = 1e-11, error: float = 1e-13, paths: int = 10_000) -> Tally:
    """Return a tally with that mean and standard error."""
    return Tally(
        paths=paths,
        total=mean * paths,
        squares=(mean**2 + error**2 * (paths - 1)) * paths,
        largest=mean,
        losses=paths,
        signatures=((3, 0.6 * mean * paths), (0x0102, 0.4 * mean * paths)),
    )


SOUND = sound()
NAIVE = Tally(paths=10_000, total=0.0, squares=0.0, largest=0.0, losses=0, signatures=())


def unused() -> Tally:
    raise AssertionError("naive paths are walked only in doubt")


def test_two_sound_estimators_that_agree_give_a_point_with_its_interval() -> None:
    found = judged(("a", SOUND), ("b", SOUND), causes=2, naive=unused, notes=["slow"])
    assert not found.bounded
    assert found.probability == 1e-11
    assert found.estimates[0].relative_error == pytest.approx(0.01, rel=1e-3)
    assert found.interval.low == pytest.approx(1e-11 * math.exp(-1.96 * 0.01), rel=1e-4)
    assert found.interval.high == pytest.approx(1e-11 * math.exp(1.96 * 0.01), rel=1e-4)
    assert found.flags == ("slow",)
    assert found.failures == (((3, 0), pytest.approx(0.6)), ((2, 1), pytest.approx(0.4)))


@pytest.mark.parametrize(
    ("first", "second", "flag"),
    [
        (SOUND, sound(1.1e-11), "the two estimators are 7.1 standard errors apart"),
        (sound(paths=9_999), SOUND, "a: 9,999 paths, fewer than 10,000"),
        (SOUND, replace(SOUND, largest=1.1e-9), "b: one path holds 1.1% of the sum"),
    ],
)
def test_in_doubt_only_a_bound_is_shown_and_why(first: Tally, second: Tally, flag: str) -> None:
    found = judged(("a", first), ("b", second), causes=2, naive=lambda: NAIVE, notes=["slow"])
    assert found.probability is None
    assert found.flags == (flag, "slow")
    # The rule of three: 3 / n, and never 0.
    assert found.interval == Interval(low=0.0, high=pytest.approx(3 / 10_000, rel=0.01))
    assert [one.name for one in found.estimates] == ["a", "b", "naive"]


def test_paths_without_a_loss_are_no_zero() -> None:
    found = judged(("a", NAIVE), ("b", NAIVE), causes=2, naive=lambda: NAIVE)
    assert found.flags == (
        "a: none of 10,000 paths ended in a loss",
        "b: none of 10,000 paths ended in a loss",
    )
    assert found.apart == 0


@pytest.mark.parametrize(
    ("losses", "paths", "bound"),
    [(0, 100, 0.0295130), (1, 10, 0.3941633), (10, 10, 1.0)],  # Clopper-Pearson, one-sided 95 %
)
def test_bounds_are_the_published_ones(losses: int, paths: int, bound: float) -> None:
    assert upper_bound(losses, paths) == pytest.approx(bound, rel=1e-5)


def test_estimators_without_any_spread_must_be_equal() -> None:
    still = Tally(paths=10_000, total=2.0, squares=4e-4, largest=2e-4, losses=10_000, signatures=())
    assert distance(estimate("a", still), estimate("b", still)) == 0
    moved = replace(still, total=2.1, squares=2.1**2 / 10_000)
    assert distance(estimate("a", still), estimate("b", moved)) > 1e6


def _covered(replications: int, count: int) -> int:
    found = arrays_of(build(M4)).chain
    answer, bias = exact(found, 1.0), zero_variance(found, values(found))
    paths = ChainPaths(name="", chain=found, bias=bias, mission=1.0, stream=0)
    intervals = [estimate("", paths.walk(0, count, seed)).interval for seed in range(replications)]
    return sum(one.low <= answer <= one.high for one in intervals)


def test_nominal_95_percent_intervals_cover_92_to_98_percent_of_200_replications() -> None:
    assert 0.92 * 200 <= _covered(200, 2_000) <= 0.98 * 200


@pytest.mark.campaign
def test_nominal_intervals_cover_as_often_with_many_paths() -> None:
    assert 0.92 * 200 <= _covered(200, 50_000) <= 0.98 * 200
