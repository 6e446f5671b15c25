"""Only failures become more frequent: nothing that mends, and no share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.durability.crosscheck.acceleration import accelerated, factors_of
from scenarios.durability.files import DEFAULT, loads
from scenarios.durability.laws import Exponential, Law
from scenarios.durability.model import Model, ModelError

PLAIN = loads(DEFAULT, rates="observed").model
NAMES = (
    "copy-lost",
    "latent-error",
    "az-destroyed",
    "region-destroyed",
    "az-dark",
    "region-dark",
    "fire",
)


def rates(model: Model) -> dict[str, float]:
    assert model.latent is not None
    assert model.az is not None
    assert model.region is not None
    assert model.domain is not None
    (fire,) = model.shocks
    found = (
        1 / model.copy.lost.mean,
        model.latent.rate,
        model.az.rate,
        model.region.rate,
        model.domain.dark,
        model.domain.region_dark,
        fire.rate,
    )
    return dict(zip(NAMES, found, strict=True))


def mending(model: Model) -> dict[str, Law]:
    return {name: law for name, law in model.laws().items() if name != "copy.lost"}


@given(st.dictionaries(st.sampled_from(NAMES), st.floats(1e-3, 1e6)))
def test_each_failure_is_as_many_times_as_frequent_as_was_asked(factors: dict[str, float]) -> None:
    faster = accelerated(PLAIN, factors)
    before, after = rates(PLAIN), rates(faster)
    for name in NAMES:
        assert after[name] == pytest.approx(before[name] * factors.get(name, 1.0))
    assert mending(faster) == mending(PLAIN)
    assert faster.shocks[0].kills == PLAIN.shocks[0].kills
    assert faster.domain is not None
    assert PLAIN.domain is not None
    assert (faster.domain.safe, faster.domain.ring) == (PLAIN.domain.safe, PLAIN.domain.ring)
    assert faster.layout == PLAIN.layout


def test_a_factor_for_all_comes_before_those_for_one() -> None:
    assert factors_of(["1e4", "az-dark=3"], PLAIN) == {**dict.fromkeys(NAMES, 1e4), "az-dark": 3.0}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("fast", "--accelerate 'fast': expected a number above 0, or NAME=NUMBER"),
        ("0", "--accelerate '0': expected a number above 0, or NAME=NUMBER"),
        ("az-dark=inf", "--accelerate 'az-dark=inf': expected a number above 0, or NAME=NUMBER"),
        ("scrub=2", "--accelerate 'scrub=2': no failure 'scrub'; there are: copy-lost"),
        ("=2", "--accelerate '=2': no failure ''; there are: copy-lost"),
    ],
)
def test_a_factor_that_is_none_is_refused(text: str, error: str) -> None:
    with pytest.raises(ModelError) as raised:
        factors_of([text], Model(copy=PLAIN.copy))
    assert str(raised.value) == error


def test_a_failure_that_a_model_does_not_have_cannot_be_scaled() -> None:
    assert factors_of(["7"], Model()) == {"copy-lost": 7.0}
    assert accelerated(Model(), {"copy-lost": 50.0}).copy.lost == Exponential(0.5)
