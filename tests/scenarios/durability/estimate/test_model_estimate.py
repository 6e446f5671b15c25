"""The estimate of a whole model, from its file's laws to what is shown of it."""

import json
from dataclasses import replace

import pytest

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import CLOCK_CAUSES
from scenarios.durability.estimate.answer import Interval
from scenarios.durability.estimate.clock import ClockError
from scenarios.durability.estimate.model_estimate import estimated
from scenarios.durability.estimate.shown import to_text, to_values
from scenarios.durability.exact import solve
from scenarios.durability.fit import memoryless
from scenarios.durability.laws import Deterministic, Exponential, Weibull
from scenarios.durability.model import Backup, Copies, Domain, Mistake, Model, Shock, Write
from scenarios.durability.rates import Rate
from tests.scenarios.durability.models import M1, M4, M5

HOUR, DAY = 1 / 8766, 1 / 365.25
FIXED = replace(M1, copy=replace(M1.copy, repaired=Deterministic(6 * HOUR)))


@pytest.mark.parametrize(
    ("model", "key"), [(M1, 8.984896580e-11), (M4, 4.360990681e-11), (M5, 1.696243812e-11)]
)
def test_the_answer_key_lies_in_the_interval_and_so_does_the_exact_answer(
    model: Model, key: float
) -> None:
    found = estimated(model, paths=30_000, seed=2).answer
    assert found.flags == ()
    assert found.estimates[0].relative_error < 0.01
    for answer in (key, solve(build(model)).probability):
        # Within four errors: the key's M4 and M5 are .4 % off for what a repair does with rot.
        assert abs(found.probability - answer) < 4 * found.estimates[0].standard_error + 4e-3 * key


def test_any_law_of_repair_gives_venkatesans_rate_with_both_estimators() -> None:
    found = estimated(FIXED, paths=20_000)
    assert found.causes == CLOCK_CAUSES
    assert found.answer.interval.low < 8.995e-11 < found.answer.interval.high
    assert found.answer.failures[0] == ((3, 0, 0, 0, 0, 0), pytest.approx(1, abs=1e-3))


def test_progress_ends_with_all_paths_and_workers_do_not_show() -> None:
    told: list[tuple[int, int]] = []
    found = estimated(M1, paths=20_000, advance=lambda *done: told.append(done))
    assert told[-1] == (40_000, 40_000)
    assert found == estimated(M1, paths=20_000, workers=3)


def test_a_few_paths_give_a_bound_and_say_so() -> None:
    found = estimated(FIXED, paths=500)
    assert found.answer.bounded
    assert (
        to_text(FIXED, found)
        == """\
estimate (no chain has copy.repaired exactly; seed 1)
  probability     at most 0.006 (95 %)
  because         led by a table: 500 paths, fewer than 10,000
  because         balanced: 500 paths, fewer than 10,000
  led by a table  9.000e-11 ± 2.6 %  of 500 paths, of which one has 0.4 %
  balanced        8.938e-11 ± 3.6 %  of 500 paths, of which one has 0.5 %
  naive           no loss in 500 paths
  ways            100.0 %  copy-lost x 3
"""
    )
    values = to_values(FIXED, found)
    assert (values["probability"], values["bound_only"]) == (None, True)
    json.dumps(values, allow_nan=False)


def test_heavy_tails_are_told_of() -> None:
    slow = replace(FIXED, copy=replace(FIXED.copy, repaired=Weibull(4 * HOUR, 0.6)))
    text = to_text(slow, estimated(slow, paths=1_000))
    assert "note" not in text
    assert "heavy-tailed repair (disk): few long repairs matter most" in text


def test_rates_that_were_counted_give_an_interval_of_their_own() -> None:
    # 40 of 1,000 copies a year; three failures make a loss, so the factor counts three times.
    known = {"copy-lost": Rate(source="test", events=40, years=1_000.0)}
    found = estimated(FIXED, paths=20_000, known=known).answer
    assert found.probability is not None
    assert isinstance(found.rates, Interval)
    assert found.rates.high / found.probability == pytest.approx((54.17 / 40.5) ** 3, rel=0.03)
    assert found.rates.high - found.rates.low > 10 * (found.interval.high - found.interval.low)


def test_a_new_key_is_refused_beside_laws_without_phases() -> None:
    model = replace(FIXED, write=Write(azs=2, spread=Exponential(5 / 31_557_600)))
    with pytest.raises(
        ClockError,
        match=r"^key 'write': expected none beside laws without phases \(copy\.repaired\)$",
    ):
        estimated(model, paths=10)


def test_what_strikes_the_key_itself_needs_no_paths() -> None:
    """Wrong deletions and shocks of the key are added to what paths find, exactly."""
    mistake = Mistake(name="script", rate=1e-3, window=7 * DAY, noticed=DAY)
    bug = Shock(name="bug", rate=1e-4, level="key", scope="all", kills=0.5)
    model = replace(FIXED, mistakes=(mistake,), shocks=(bug,))
    found = estimated(model, paths=20_000)
    exact = solve(build(memoryless(model))).probability
    assert found.causes == (*CLOCK_CAUSES, "bug", "script")
    assert found.answer.probability == pytest.approx(exact, rel=1e-6)
    assert found.answer.interval.low <= found.answer.probability <= found.answer.interval.high
    assert sum(share for _, share in found.answer.failures) == pytest.approx(1, abs=1e-9)


def test_a_shock_of_all_copies_is_estimated_beside_laws_without_phases() -> None:
    # What strikes the key itself is looked up beside it, and needs no phases of any law.
    model = replace(FIXED, shocks=(Shock(name="bug", rate=0.1, scope="all", kills=0.1),))
    found = estimated(model, paths=10_000).answer
    # All three copies at once; whatever the repair takes, the rest is below one part in 1,000.
    assert found.flags == ()
    assert found.probability == pytest.approx(0.1 * 0.1**3, rel=0.01)


def test_workers_do_not_show_in_an_estimate_with_every_cause() -> None:
    model = replace(
        FIXED,
        domain=Domain(dark=0.5, lasts=Weibull(6 * HOUR, 2.0), region_dark=0.02, safe=0.9),
        shocks=(Shock(name="burst", rate=0.1, kills=0.05),),
        backup=Backup(restores=0.5),
    )
    found = estimated(model, paths=20_000)
    assert found == estimated(model, paths=20_000, workers=3)
    assert found.answer.flags == ()


def test_lifetimes_that_jump_are_refused() -> None:
    model = Model(copy=Copies(lost=Deterministic(5.0), repaired=Exponential(1.0)))
    with pytest.raises(
        ClockError,
        match=r"^key 'copy\.lost': law 'deterministic' has no hazard; expected one that fails at"
        r" any age$",
    ):
        estimated(model, paths=10)
