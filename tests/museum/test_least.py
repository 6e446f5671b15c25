"""The kit's state machine finds planted bugs, and what is left of each is a few lines.

Goal: the minimal example of a user's failing machine is something that a person understands.
Method: bugs of different kinds are planted, and the machine runs as a user would run it, with a
fixed draw. The table is printed: ``pytest -m campaign tests/museum/test_least.py``.
"""

import sys

import pytest
from hypothesis import settings
from museum.collection import BUGS
from museum.least import least, to_text

from scenarios.kit.machine import CloudMachine, usual_settings

HOW = settings(usual_settings(), derandomize=True, report_multiple_bugs=False)


def test_a_bug_without_a_fault_is_left_as_the_one_call_that_shows_it() -> None:
    found = least(
        BUGS["one-az-is-skipped"], CloudMachine, settings(HOW, stateful_step_count=4)
    )
    assert found.promise == "key-survival"
    assert found.steps == ("key_0 = state.create_key(region='us-east-1')",)


@pytest.mark.campaign
def test_bugs_of_all_kinds_are_left_as_a_few_steps(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [least(BUGS[name], CloudMachine, HOW) for name in ()]
    with capsys.disabled():
        sys.stdout.write("\n" + to_text(rows) + "\n")
    assert all(row.small for row in rows)
