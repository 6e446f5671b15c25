"""The page of the regions names every action of KMS, its test, and what is not modelled of it.

With ``NINES_REWRITE=1`` its table is written anew; the difference is read before it is committed.
"""

import ast
import os
from pathlib import Path

from botocore import xform_name

import regions
from regions.api.shapes import shapes
from regions.kms.gaps import GAPS
from regions.kms.operations import OPERATIONS

PAGE = Path(regions.__file__).parent / "README.md"
CALLS = Path(__file__).parent / "live" / "kms_calls.py"
BEGIN, END = "<!-- table: kms -->\n", "<!-- end -->\n"
ACTIONS = sorted(shapes("kms").requests)


def called() -> set[str]:
    tree = ast.parse(CALLS.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def table() -> str:
    lines = ["| action | status | test | not modelled |", "|---|---|---|---|"]
    calls = called()
    for action in ACTIONS:
        test = xform_name(action)
        shown = f"`{test}`" if test in calls else ""
        status = "in part" if action in GAPS else "whole"
        lines.append(f"| {action} | {status} | {shown} | {GAPS.get(action, '')} |")
    return "\n".join(lines) + "\n"


def test_the_page_lists_every_action_of_the_service() -> None:
    head, found, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    assert found, f"{PAGE} has no place for the table"
    old, _, tail = rest.partition(END)
    if os.environ.get("NINES_REWRITE"):
        PAGE.write_text(head + BEGIN + table() + END + tail, encoding="utf-8")
    else:
        assert old == table(), "NINES_REWRITE=1 writes it anew"


def test_there_are_as_many_actions_as_the_service_has() -> None:
    assert len(ACTIONS) == 56
    assert set(OPERATIONS) == set(ACTIONS)


def test_a_gap_is_one_of_an_action_that_there_is() -> None:
    assert set(GAPS) <= set(ACTIONS)
