"""A packed list is the same list."""

import pytest

from scenarios.evidence import Evidence
from scenarios.packed import BLOCK_ROWS, Packed


def row(number: int) -> Evidence:
    owners = ("111122223333",) * (number % 3)
    return Evidence(f"e{number}", f"r{number}", "Encrypt", "us-east-1", "1", number, owners=owners)


@pytest.mark.parametrize("count", [0, 10, BLOCK_ROWS, 3 * BLOCK_ROWS + 7])
def test_rows_come_out_as_they_went_in(count: int) -> None:
    rows = [row(number) for number in range(count)]
    packed = Packed(Evidence, plain=10)
    for place in range(0, count, 500):
        packed.extend(rows[place : place + 500])
    assert len(packed) == count
    assert list(packed) == rows
    assert list(packed) == rows, "it can be walked again"
    assert len(packed._blocks) == count // BLOCK_ROWS


@pytest.mark.parametrize("plain", [10, 100_000])
def test_only_rows_that_are_wanted_are_made(plain: int) -> None:
    rows = [row(number) for number in range(2 * BLOCK_ROWS + 7)]
    packed = Packed(Evidence, plain=plain)
    packed.extend(rows)
    made = list(packed.where(lambda values: values[0].endswith("7")))
    assert made == [one for one in rows if one.event_id.endswith("7")]
