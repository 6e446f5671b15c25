"""The lumped chain: its states, its moves, and what lumping may not change."""

import pytest

from scenarios.durability.chain import LOST, build
from scenarios.durability.model import Model
from tests.scenarios.durability.models import M1, M4, M5


@pytest.mark.parametrize(("model", "states"), [(M1, 3), (M4, 64), (M5, 165)])
def test_equal_disks_azs_and_regions_are_one_state(model: Model, states: int) -> None:
    assert len(build(model).states) == states


def test_the_chain_of_three_copies_is_the_textbooks() -> None:
    chain = build(M1)
    moves = {
        (source, target, chain.causes[name]): round(rate, 9)
        for source, target, name, rate in zip(
            chain.sources, chain.targets, chain.names, chain.rates, strict=True
        )
    }
    assert moves == {
        (0, 1, "copy-lost"): 0.12,
        (1, 2, "copy-lost"): 0.08,
        (1, 0, "copy-repaired"): 1461.0,
        (2, LOST, "copy-lost"): 0.04,
        (2, 1, "copy-repaired"): 2922.0,
    }
