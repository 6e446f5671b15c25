"""Published figures come out, or differ by as much as is said."""

import pytest

from scenarios.durability.published import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: f"{check.id}: {check.what}")
def test_a_published_figure_comes_out(check: Check) -> None:
    assert check.ours() / check.published == pytest.approx(1.0, abs=check.within) or check.note, (
        "a figure that is far off needs a reason"
    )
    assert abs(check.ours() / check.published - 1) <= check.within
