"""A bug of the protocol shows as a disagreement; without bugs, model and actors agree.

What each bug does to the rate of losses, and how likely 400 losses would show it, stands in
scenarios/durability/README.md; the campaign counts as many.
"""

from dataclasses import replace

import pytest

from scenarios.durability.crosscheck.compare import LOSSES, Comparison, compared, predicted
from scenarios.durability.crosscheck.lives import live_all
from scenarios.durability.laws import Exponential
from scenarios.durability.model import Copies, Domain, Model, Shock, Site
from tests.scenarios.durability.crosscheck.planted import HALF_AN_HOUR, PLANTED, SIX_HOURS, Planted

BUGS = {one.bug.name: one for one in PLANTED}
#: Losses that are enough to see a bug in the suite; the others take minutes.
FEW = {"acknowledges-before-any-flush": 6}

#: Several causes at once; a key is lost within days.
FRAIL = Model(
    name="frail",
    copy=Copies(lost=Exponential(1 / 4000), repaired=HALF_AN_HOUR),
    az=Site(rate=100.0, rebuilt=SIX_HOURS),
    domain=Domain(dark=50.0, lasts=SIX_HOURS, region_dark=5.0, safe=0.9),
    shocks=(Shock(name="fire", rate=5.0, level="az", kills=0.5),),
)


def seen(model: Model, losses: int, seed: int = 1) -> Comparison:
    return compared(predicted(model), live_all(model, losses=losses, years=1e3, seed=seed))


def with_bug(planted: Planted, losses: int) -> Comparison:
    prediction = predicted(planted.model)
    with planted.bug.planted():
        return compared(prediction, live_all(planted.model, losses=losses, years=1e3))


@pytest.mark.parametrize("name", FEW)
def test_a_planted_bug_shows_as_a_disagreement(name: str) -> None:
    found = with_bug(BUGS[name], FEW[name])
    assert not found.agrees
    assert found.mean < found.predicted.mean
    assert found.unconfirmed == 0


def test_without_a_bug_the_actors_lose_keys_as_the_model_says() -> None:
    """KMS-12: what the model says of durability is what the protocol does."""
    found = seen(FRAIL, 25)
    assert found.agrees
    assert found.unconfirmed == 0
    assert set(found.shares) <= {*found.predicted.shares}


@pytest.mark.campaign
def test_four_hundred_losses_agree_with_the_model() -> None:
    found = seen(FRAIL, LOSSES)
    assert (found.agrees, found.enough) == (True, True)
    for name, share in found.predicted.shares.items():
        assert found.shares.get(name, 0.0) == pytest.approx(share, abs=0.08)


@pytest.mark.campaign
@pytest.mark.parametrize("name", BUGS)
def test_a_bug_would_be_seen_in_four_hundred_losses(name: str) -> None:
    found = with_bug(BUGS[name], 25)
    assert not found.agrees
    whole = compared(found.predicted, live_all(BUGS[name].model, losses=25, years=1e3))
    assert whole.agrees
    factor = found.predicted.mean / found.mean
    assert replace(whole, losses=LOSSES).power(factor) > 0.99
