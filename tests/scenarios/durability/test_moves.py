"""What causes do to a key: domain keys, safes, rings, shocks, backups, mistakes and new keys."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from scenarios.durability.chain import LOST, build
from scenarios.durability.exact import mean_time_to_loss, solve
from scenarios.durability.laws import Deterministic, Erlang, Exponential
from scenarios.durability.model import (
    Backup,
    Copies,
    Domain,
    Latent,
    Layout,
    Mistake,
    Model,
    ModelError,
    Shock,
    Site,
    Write,
)
from scenarios.durability.moves import Moves
from scenarios.durability.states import (
    DARK,
    GOOD,
    HOLLOW,
    LIT,
    MISSING,
    all_good,
    describe,
)
from tests.scenarios.durability.models import M1, M4, M5, days

#: Nothing fails: what remains is the cause under test.
SAFE = Model(copy=Copies(lost=Exponential(1e15)))


def loss(model: Model) -> float:
    return solve(build(model)).probability


def yearly(rate: float) -> float:
    """Return the probability of at least one event in a year."""
    return -math.expm1(-rate)


def unlumped(mission: float) -> float:
    """Return M4's loss without lumping: each of the six copies and three AZs has a name.

    A copy is 0 good, 1 latent or 2 missing; an AZ is two copies, or None where it is destroyed.
    """
    zones = [*itertools.product(range(3), repeat=2), None]
    states = [s for s in itertools.product(zones, repeat=3) if any(z and 0 in z for z in s)]
    numbers = {state: number for number, state in enumerate(states)}

    def moves(zone: tuple[int, ...] | None) -> Iterator[tuple[float, tuple[int, ...] | None]]:
        if zone is None:
            yield 365.25 / 14, (2, 2)
            return
        yield 2e-3, None
        for place, copy in enumerate(zone):
            for rate, after in {
                0: ((0.04, 2), (0.05, 1)),
                1: ((0.04, 2), (365.25 / 14, 2)),
                2: ((1461.0, 0),),
            }[copy]:
                yield rate, (*zone[:place], after, *zone[place + 1 :])

    size, fastest = len(states), 8 * 1461.0
    step = np.zeros((size, size))
    lost = np.zeros(size)
    for state, number in numbers.items():
        for place, zone in enumerate(state):
            for rate, after in moves(zone):
                target = (*state[:place], after, *state[place + 1 :])
                if target in numbers:
                    step[number, numbers[target]] += rate / fastest
                else:
                    lost[number] += rate / fastest
    step[np.diag_indices(size)] = 1 - step.sum(axis=1) - lost
    here, found = np.eye(size)[numbers[((0, 0),) * 3]], 0.0
    terms = []
    weight, events = math.exp(-fastest * mission), fastest * mission
    left = -math.expm1(-events)
    for number in range(120):
        found = here @ lost
        terms.append(found * left)
        here = here @ step
        weight *= events / (number + 1)
        left = max(0.0, left - weight)
    return math.fsum(terms)


def test_lumping_changes_nothing() -> None:
    mission = 0.002  # short, so that few events matter and the sum without lumping stays exact
    assert solve(build(M4), mission=mission).probability == pytest.approx(
        unlumped(mission), rel=1e-6
    )


def test_a_dark_region_loses_its_keys_without_a_safe_and_seldom_with_one() -> None:
    dark = Domain(region_dark=1e-3)
    assert loss(replace(SAFE, domain=dark)) == pytest.approx(yearly(1e-3))
    kept = replace(SAFE, domain=replace(dark, safe=0.99))
    assert loss(kept) == pytest.approx(yearly(1e-5), rel=1e-3)


def test_three_dark_azs_forget_the_domain_keys_and_two_do_not() -> None:
    domain = Domain(dark=1.0, lasts=days(1))
    found = loss(replace(SAFE, domain=domain))
    share = 1 / 365.25  # mean darkness, in years
    assert found == pytest.approx(3 * share**2, rel=0.02)


def test_a_second_region_fills_up_one_that_lost_its_domain_keys() -> None:
    domain = Domain(region_dark=1e-2, lasts=days(1))
    found = loss(replace(SAFE, domain=domain, layout=Layout(regions=2)))
    assert 0 < found < 1e-5  # alone: 1e-2


def test_a_darkness_longer_than_the_ring_costs_the_copies() -> None:
    # Always longer: the AZ's copies are missing for the day that it is dark.
    domain = Domain(dark=0.01, lasts=Deterministic(1 / 365.25), ring=1e-6, safe=1.0)
    one = Layout(azs=1)
    assert loss(replace(SAFE, layout=one, domain=domain)) == pytest.approx(yearly(0.01))
    kept = replace(SAFE, layout=one, domain=replace(domain, ring=None))
    assert loss(kept) == pytest.approx(0.0, abs=1e-12)


def test_a_shock_takes_each_copy_with_its_probability() -> None:
    shock = Shock(name="burst", rate=1e-6, level="copy", scope="region", kills=0.5)
    assert loss(replace(SAFE, shocks=(shock,))) == pytest.approx(1e-6 / 8, rel=1e-6)


def test_a_shock_of_azs_spares_none_that_it_hits() -> None:
    shock = Shock(name="fire", rate=1e-6, level="az", scope="region", kills=2 / 3)
    found = loss(replace(SAFE, shocks=(shock,), layout=Layout(copies=4)))
    assert found == pytest.approx(1e-6 * 8 / 27, rel=1e-6)


def test_a_shock_of_all_regions_knows_no_borders() -> None:
    shock = Shock(name="war", rate=1e-6, level="region", scope="all", kills=0.1)
    model = replace(SAFE, shocks=(shock,), layout=Layout(regions=2), region=Site(rate=0.0))
    assert loss(model) == pytest.approx(1e-6 / 100, rel=1e-3)


def test_a_bug_strikes_the_key_wherever_it_is() -> None:
    shock = Shock(name="bug", rate=1e-4, level="key", scope="all", kills=0.5)
    model = replace(SAFE, shocks=(shock,), layout=Layout(regions=2, copies=2))
    assert loss(model) == pytest.approx(yearly(5e-5))


def test_a_backup_makes_good_what_it_covers() -> None:
    bug = Shock(name="bug", rate=1e-4, level="key", scope="all")
    worm = Shock(name="worm", rate=1e-5, level="key", scope="all")
    backup = Backup(restores=0.9, covers=("bug",))
    model = replace(SAFE, shocks=(bug, worm), backup=backup)
    assert loss(model) == pytest.approx(yearly(2e-5))
    assert loss(replace(model, backup=Backup(restores=0.9))) == pytest.approx(yearly(1.1e-5))


def test_a_deletion_is_undone_if_somebody_notices_within_the_window() -> None:
    mistake = Mistake(name="clean-up", rate=1e-2, window=30 / 365.25, noticed=10 / 365.25)
    found = loss(replace(SAFE, mistakes=(mistake,)))
    assert found == pytest.approx(yearly(1e-2 * math.exp(-3)))


def test_a_new_key_is_in_danger_until_its_copies_have_spread() -> None:
    young = replace(M1, write=Write(azs=1, spread=days(1)), mission=1 / 365.25)
    old = replace(M1, mission=1 / 365.25)
    # Alone for 12 h on average, while either of two others may arrive first.
    assert loss(young) / loss(old) > 1e5
    settled = replace(young, write=Write(azs=2, spread=days(1)))
    assert loss(old) < loss(settled) < loss(young)


def test_few_repairers_make_repair_take_turns() -> None:
    alone = replace(M1, copy=replace(M1.copy, repairers=1))
    # Two missing copies are repaired one by one: half as fast where it matters.
    assert loss(alone) / loss(M1) == pytest.approx(2.0, rel=1e-3)
    three = replace(M1, copy=replace(M1.copy, repairers=3))
    assert loss(three) == pytest.approx(loss(M1), rel=1e-12)


def test_a_failure_that_nobody_notices_at_first_lasts_longer() -> None:
    seen_late = replace(M1, copy=replace(M1.copy, noticed=days(0.25)))
    assert loss(seen_late) / loss(M1) == pytest.approx(4.0, rel=2e-3)


def test_stages_of_a_repair_are_states_of_their_own() -> None:
    staged = replace(M1, copy=replace(M1.copy, repaired=Erlang(6 / 8766, 4)))
    assert len(build(staged).states) == 15  # multisets of at most two copies in four stages
    assert build(staged).causes == ("copy-lost", "copy-repaired")


def test_a_latent_error_need_not_be_fatal() -> None:
    latent = Latent(rate=0.05, found=days(14), fatal=False)
    chain = build(replace(M1, latent=latent))
    last = {chain.causes[n] for n, t in zip(chain.names, chain.targets, strict=True) if t == LOST}
    assert last == {"copy-lost"}


def test_a_state_is_described_by_what_is_wrong() -> None:
    moves = Moves(M5)
    seen = {describe(move.target) for move in moves.of(all_good(M5)) if move.target}
    assert seen == {"copy missing", "latent error", "AZ destroyed", "region destroyed"}
    assert describe(all_good(M5)) == "all is well"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Model(layout=Layout(needed=4)),
         "layout.needed 4: expected at most the 3 copies there are"),
        (lambda: Model(mission=0.0), "mission 0.0: expected a time above 0"),
        (lambda: Model(write=Write(azs=4, spread=days(1))), "write.azs 4: expected 1 to 3"),
        (lambda: Model(shocks=(Shock(name="a", rate=1), Shock(name="a", rate=2))),
         "shock 'a': expected a name of its own"),
        (lambda: Model(shocks=(Shock(name="a", rate=1, level="az", scope="az"),)),
         "shock 'a' of level 'az': expected a wider scope than 'az'"),
        (lambda: build(replace(M1, copy=Copies(repaired=Deterministic(1.0)))),
         "law 'deterministic' has no phases; expected a phase-type law, or one fitted to it"),
        (lambda: build(M5, states_max=100),
         "model 'M5' has more than 100 states; expected a smaller one, or an estimate"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_is_refused(make: object, said: str) -> None:
    assert callable(make)
    with pytest.raises(ModelError) as caught:
        make()
    assert str(caught.value) == said


# Errors that a running process does not feel.

#: Errors are found after a fortnight, and copies made again at once; AZs go dark for a day.
SHADOWED = replace(
    SAFE,
    latent=Latent(rate=3.0, found=days(14), memory=True),
    domain=Domain(dark=5.0, lasts=days(1), safe=1.0),
)


def test_one_copy_with_an_error_is_lost_when_its_az_goes_dark() -> None:
    """Solved by hand: all well, an error in the shadow of memory, dark and all well."""
    model = replace(SAFE, layout=Layout(azs=1), latent=SHADOWED.latent, domain=SHADOWED.domain)
    error, found, dark, back = 3.0, 365.25 / 14, 5.0, 365.25
    # Mean times to a loss: w = 1/(e+d) + (e s + d n)/(e+d); s = 1/(f+d) + f w/(f+d);
    # n = 1/(b+e) + b w/(b+e), as an error in the dark is a loss.
    rows = [
        [1, -error / (error + dark), -dark / (error + dark)],
        [-found / (found + dark), 1, 0],
        [-back / (back + error), 0, 1],
    ]
    waits = [1 / (error + dark), 1 / (found + dark), 1 / (back + error)]
    by_hand = np.linalg.solve(np.array(rows), np.array(waits))[0]
    assert mean_time_to_loss(build(model)) == pytest.approx(by_hand, rel=1e-9)


def test_an_error_in_memorys_shadow_loses_nothing_while_another_az_has_power() -> None:
    model = replace(SHADOWED, domain=None)
    assert solve(build(model)).probability < 1e-12


def test_a_copy_that_comes_back_with_an_error_is_whole_at_once_from_another() -> None:
    moves = Moves(SHADOWED)
    state = (((DARK, HOLLOW), (LIT, GOOD), (LIT, GOOD)),)
    back = [move.target for move in moves.of(state) if move.cause == "az-back"]
    assert back == [all_good(SHADOWED)]


def test_a_copy_waits_for_one_that_has_power() -> None:
    """Whose repair ends while all others are dark has nothing to be copied from."""
    model = replace(SHADOWED, latent=None)
    state = (((LIT, MISSING), (DARK, GOOD), (DARK, GOOD)),)
    state = (tuple(sorted(state[0])),)
    repaired = [move.target for move in Moves(model).of(state) if move.cause == "copy-repaired"]
    assert repaired == [(tuple(sorted(((LIT, HOLLOW), (DARK, GOOD), (DARK, GOOD)))),)]
    assert repaired[0] is not None
    assert describe(repaired[0]) == "2 x AZ dark + copy unread"
    back = [move.target for move in Moves(model).of(repaired[0]) if move.cause == "az-back"]
    assert back == [(tuple(sorted(((LIT, GOOD), (LIT, GOOD), (DARK, GOOD)))),)]


def test_memory_makes_latent_errors_harmless_in_proportion_to_the_dark() -> None:
    felt = replace(SHADOWED, latent=Latent(rate=3.0, found=days(14)))
    assert loss(SHADOWED) < loss(felt)
    assert loss(replace(SHADOWED, domain=replace(SHADOWED.domain, dark=50.0))) > loss(SHADOWED)
