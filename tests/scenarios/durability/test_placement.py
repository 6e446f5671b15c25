"""Many keys: the same expectation, in few large losses or many small ones."""

import pytest

from scenarios.durability.placement import placement

#: Of one set of disks, in a year.
SET = 1.3375e-9


@pytest.mark.parametrize(
    ("copysets", "any_lost", "together"), [(8_000, 1.07e-5, 125), (20, 2.7e-8, 50_000)]
)
def test_fewer_copysets_lose_more_seldom_and_more_at_once(
    copysets: int, any_lost: float, together: int
) -> None:
    found = placement(SET, keys=10**6, copysets=copysets)
    assert found.expected == pytest.approx(10**6 * SET)
    assert found.any_lost == pytest.approx(any_lost, rel=0.01)
    assert found.together == together
