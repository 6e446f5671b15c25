"""What counts as slower than the recorded ratios."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from baseline import BENCHMARKS, FILE, ratios, slower

FIGURES = {"calls": 7, "ratio": 2.0, "ratio_batch": {"raw_1": 3.5, "raw_8": None}, "moto": {"x": 1}}


def test_ratios_are_the_figures_of_that_name_however_deep() -> None:
    assert dict(ratios(FIGURES)) == {"ratio": 2.0, "ratio_batch.raw_1": 3.5}


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        ({"a": 2.0, "b": 9.0}, []),
        ({"a": 1.8}, []),
        ({"a": 1.79}, ["a: recorded 2.00, found 1.79"]),
        ({"b": 2.0}, ["a: recorded 2.00, not measured"]),
    ],
)
def test_a_ratio_may_fall_by_a_tenth_and_no_more(found: dict[str, float], lines: list[str]) -> None:
    assert slower({"a": 2.0}, found) == lines


def test_every_benchmark_of_the_baseline_has_ratios_in_it() -> None:
    recorded = json.loads(FILE.read_text())
    assert set(recorded) == set(BENCHMARKS)
    assert all(value > 0 for figures in recorded.values() for value in figures.values())
    assert all(recorded.values())
