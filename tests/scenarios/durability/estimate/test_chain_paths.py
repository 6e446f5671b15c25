"""Estimates on Markov chains against exact answers, and against naive paths at high rates."""

import numpy as np
import pytest

from scenarios.durability.chain import build
from scenarios.durability.estimate.adapt import arrays_of
from scenarios.durability.estimate.chain import (
    LOSS,
    REPAIR,
    Chain,
    Move,
    balanced,
    chain,
    natural,
    values,
    zero_variance,
)
from scenarios.durability.estimate.chain_paths import ChainPaths
from scenarios.durability.model import Model
from tests.scenarios.durability.models import M1, M4, M5


def exact(found: Chain, mission: float) -> float:
    """Return the chance of a loss by uniformization and squaring: only non-negative terms."""
    size = found.states + 1
    matrix = np.zeros((size, size))
    np.add.at(matrix, (found.rows(), np.where(found.targets == LOSS, size - 1, found.targets)),
              found.rates)  # fmt: skip
    fastest = matrix.sum(axis=1).max()
    stays = 1 - matrix.sum(axis=1) / fastest
    jump = matrix / fastest + np.diag(stays)
    halvings = int(np.ceil(np.log2(fastest * mission))) + 4
    step = fastest * mission / 2**halvings
    result, term = np.zeros_like(jump), np.eye(size) * np.exp(-step)
    for order in range(1, 30):
        result += term
        term = term @ jump * (step / order)
    for _ in range(halvings):
        result = result @ result
    return float(result[0, -1])


def paths(found: Chain, way: str, **more: object) -> ChainPaths:
    bias = {
        "balanced": lambda: balanced(found),
        "zero-variance": lambda: zero_variance(found, values(found)),
        "natural": lambda: natural(found),
    }[way]()
    return ChainPaths(name=way, chain=found, bias=bias, mission=1.0, stream=0, **more)


def test_values_are_the_textbooks_for_two_copies() -> None:
    # From one of two copies left: the other one fails before the repair ends with 1/(1 + 99).
    found = chain([Move(0, 1, 2.0, 0), Move(1, LOSS, 1.0, 0), Move(1, 0, 99.0, REPAIR)])
    assert values(found).tolist() == [0.0, 0.01]


def test_sparse_and_dense_values_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = arrays_of(build(M5)).chain
    dense = values(found)
    monkeypatch.setattr("scenarios.durability.estimate.chain._DENSE", 10)
    assert values(found) == pytest.approx(dense, rel=1e-6)


@pytest.mark.parametrize("way", ["balanced", "zero-variance"])
@pytest.mark.parametrize("model", [M1, M4, M5], ids=lambda model: model.name)
def test_an_excursion_finds_the_exact_answer(model: Model, way: str) -> None:
    found = arrays_of(build(model)).chain
    tally = paths(found, way).walk(0, 60_000, 1)
    assert tally.standard_error < 0.04 * tally.mean
    assert abs(tally.mean - exact(found, 1.0)) < 3 * tally.standard_error


def test_a_table_that_is_wrong_by_three_only_costs_paths() -> None:
    found = arrays_of(build(M4)).chain
    wrong = values(found) * np.where(np.arange(found.states) % 2, 3.0, 1 / 3)
    bias = zero_variance(found, wrong)
    tally = ChainPaths(name="", chain=found, bias=bias, mission=1.0, stream=0).walk(0, 60_000, 1)
    assert tally.standard_error < 0.02 * tally.mean
    assert abs(tally.mean - exact(found, 1.0)) < 3 * tally.standard_error


def test_naive_paths_agree_where_losses_are_frequent() -> None:
    # Three copies that fail twice a year and take a month to repair.
    moves = [Move(0, 1, 6.0, 0), Move(1, 2, 4.0, 0), Move(1, 0, 12.0, REPAIR),
             Move(2, LOSS, 2.0, 0), Move(2, 1, 24.0, REPAIR)]  # fmt: skip
    found = chain(moves)
    answer = exact(found, 1.0)
    assert answer > 0.05
    for one in (
        paths(found, "natural", excursion=False),
        paths(found, "natural"),
        paths(found, "balanced"),
        paths(found, "zero-variance"),
    ):
        tally = one.walk(0, 40_000, 5)
        assert abs(tally.mean - answer) < 3 * tally.standard_error


def test_signatures_count_the_failures_on_the_way_to_a_loss() -> None:
    moves = [Move(0, 1, 1.0, 2), Move(1, LOSS, 1.0, 5), Move(1, 0, 1e6, REPAIR)]
    tally = paths(chain(moves), "zero-variance").walk(0, 1_000, 1)
    assert tally.failures(6) == (((0, 0, 1, 0, 0, 1), 1.0),)


def test_a_chain_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^state 1 of a chain: expected a way out of it$"):
        chain([Move(0, 1, 1.0, 0)])
    with pytest.raises(ValueError, match=r"^rate 0\.0 of a move: expected a positive number"):
        chain([Move(0, LOSS, 0.0, 0)])
