"""Laws: what each says of itself fits together, and its phases are the same law."""

import math

import pytest

from scenarios.durability.chain import build
from scenarios.durability.exact import solve
from scenarios.durability.fit import fitted, markov
from scenarios.durability.laws import (
    LAWS,
    Coxian,
    Deterministic,
    Empirical,
    Erlang,
    Exponential,
    Hyperexponential,
    Law,
    Periodic,
    Weibull,
)
from scenarios.durability.model import Copies, Layout, Model

SAMPLES: tuple[Law, ...] = (
    Exponential(0.5),
    Deterministic(0.5),
    Erlang(0.5, 4),
    Weibull(0.5, 2.0, 0.1),
    Weibull(0.5, 0.6),
    Hyperexponential((0.2, 2.0), (0.7, 0.3)),
    Coxian((0.2, 0.6), (0.5,)),
    Empirical((0.1, 0.5, 0.9)),
    Periodic(1.0),
)


def moments(law: Law) -> tuple[float, float]:
    """Return mean and squared coefficient of variation, from the quantiles."""
    count = 40_000
    waits = [law.quantile((k + 0.5) / count) for k in range(count)]
    mean = math.fsum(waits) / count
    return mean, math.fsum((wait - mean) ** 2 for wait in waits) / count / mean**2


def test_every_law_is_sampled() -> None:
    assert {type(law) for law in SAMPLES} == set(LAWS.values())


@pytest.mark.parametrize("law", SAMPLES[:4] + SAMPLES[5:], ids=repr)
def test_mean_and_variation_are_those_of_the_quantiles(law: Law) -> None:
    if isinstance(law, Erlang | Hyperexponential | Coxian):
        count = 200  # found by bisection, so fewer of them
        waits = [law.quantile((k + 0.5) / count) for k in range(count)]
        assert math.fsum(waits) / count == pytest.approx(law.mean, rel=0.02)
        return
    mean, variation = moments(law)
    assert mean == pytest.approx(law.mean, rel=1e-3)
    assert variation == pytest.approx(law.variation, rel=1e-2, abs=1e-9)


@pytest.mark.parametrize("law", SAMPLES, ids=repr)
def test_half_of_all_waits_exceed_the_median(law: Law) -> None:
    median = law.quantile(0.5)
    before, after = law.survival(median - 1e-9), law.survival(median + 1e-9)
    assert after <= 0.5 + 1e-6
    assert before >= 0.5 - 1e-6


@pytest.mark.parametrize("law", SAMPLES, ids=repr)
def test_twice_as_long_is_twice_the_mean_and_as_varied(law: Law) -> None:
    twice = law.scaled(2.0)
    assert twice.mean == pytest.approx(2 * law.mean)
    assert twice.variation == pytest.approx(law.variation, abs=1e-12)
    assert twice.survival(1.0) == pytest.approx(law.survival(0.5))


@pytest.mark.parametrize("law", [law for law in SAMPLES if law.phases() is not None], ids=repr)
def test_a_chain_of_the_phases_has_the_laws_survival(law: Law) -> None:
    # One copy that is never repaired is lost as soon as its law says.
    model = Model(
        layout=Layout(azs=1),
        copy=Copies(lost=law, repaired=Exponential(1.0)),
        mission=0.7,
    )
    assert solve(build(model)).probability == pytest.approx(1 - law.survival(0.7), rel=1e-9)


@pytest.mark.parametrize("law", SAMPLES, ids=repr)
def test_a_fit_has_phases_and_the_same_mean(law: Law) -> None:
    fit = fitted(law)
    assert fit.phases() is not None
    assert fit.mean == pytest.approx(law.mean)
    if law.variation > 1 / 16:  # sixteen stages vary no less
        assert fit.variation == pytest.approx(law.variation, rel=0.25)


@pytest.mark.parametrize("repaired", SAMPLES, ids=repr)
def test_the_law_of_repair_matters_by_its_mean_only(repaired: Law) -> None:
    # A13: repairs in parallel, far quicker than failures; Venkatesan and Iliadis, QEST 2012.
    six_hours = 6 / 8766
    model = Model(copy=Copies(repaired=repaired.scaled(six_hours / repaired.mean)))
    found = solve(build(markov(model))).probability
    assert found == pytest.approx(3 * 0.04**3 * six_hours**2, rel=5e-3)
