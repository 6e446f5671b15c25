"""REQUIREMENTS.md is fresh, and every row it claims has a test."""

import runpy
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent
TOOL = runpy.run_path(str(TESTS / "requirements.py"))
TEXT = (TESTS / "REQUIREMENTS.md").read_text(encoding="utf-8")


def test_there_are_108_rows_by_heading() -> None:
    kinds = Counter(row.partition("-")[0] for row in TOOL["ROWS"])
    expected = {"DOC": 1, "CT": 37, "LIM": 8, "ENC": 3, "KMI": 4, "HSM": 10, "KMS": 17, "CMK": 28}
    assert kinds == expected
    for kind, count in expected.items():
        numbers = [row for row in TOOL["ROWS"] if row.startswith(f"{kind}-")]
        assert numbers == [f"{kind}-{number:02}" for number in range(1, count + 1)]


def test_no_test_carries_an_id_that_is_no_row() -> None:
    strays = {row: tests for row, tests in TOOL["carriers"]().items() if row not in TOOL["ROWS"]}
    assert strays == {}


def test_every_row_claimed_as_shown_has_a_test() -> None:
    found = TOOL["carriers"]()
    assert [row for row in TOOL["claims"](TEXT) if row not in found] == []


def test_the_document_is_fresh() -> None:
    assert TOOL["document"](TOOL["carriers"]()) == TEXT, (
        "run: python tests/requirements.py --write"
    )


def test_ids_are_read_from_names_and_docstrings_and_from_nothing_else() -> None:
    ids = TOOL["_ids"]
    assert ids("test_kms_10_no_material_leaves", "") == ["KMS-10"]
    assert ids("test_x", "Shows CT-26 and LIM-03, not XCT-01 or CT-260.") == ["CT-26", "LIM-03"]
    assert ids("test_hsm_100_times", "") == []
