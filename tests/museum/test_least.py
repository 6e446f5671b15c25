"""The kit's state machine finds planted bugs, and what is left of each is a few lines.

Goal: the minimal example of a user's failing machine is something that a person understands.
Method: bugs of different kinds are planted, and the machine runs as a user would run it, with a
fixed draw. The table is printed: ``pytest -m campaign tests/museum/test_least.py``.
"""

import sys

import pytest
from hypothesis import Phase, settings
from hypothesis.database import InMemoryExampleDatabase
from museum.collection import BUGS
from museum.least import least, to_text

from scenarios.kit.machine import CloudMachine, usual_settings

HOW = settings(
    usual_settings(), derandomize=True, report_multiple_bugs=False, max_examples=200
)
#: Bugs of ever another kind; the comments say what it takes to meet them.
SHOWN = (
    "one-az-is-skipped",  # a key
    "an-hsm-joins-only-once",  # a fault
    "failed-call-is-not-recorded",  # a call that is refused
    "nobody-needs-permission",  # somebody else
    "key-is-deleted-too-early",  # a key that awaits its deletion
    "disabled-key-decrypts",  # a key whose state has changed
    "contexts-run-together",  # a context, and the one that is taken for it
    "data-key-is-another",  # a data key that is opened again
)


def test_a_bug_is_left_as_the_one_call_that_shows_it_and_is_met_at_once_the_next_time() -> None:
    # Whatever is drawn, nearly every example makes a key, and the least does nothing else.
    how = settings(HOW, stateful_step_count=4, derandomize=False, database=InMemoryExampleDatabase())
    bug = BUGS["one-az-is-skipped"]
    found = least(bug, CloudMachine, how)
    assert found.promise == "key-survival"
    assert found.steps == ("key_0 = state.create_key(region='us-east-1')",)
    again = least(bug, CloudMachine, settings(how, phases=(Phase.reuse,)))
    assert (again.steps, again.examples) == (found.steps, 1)


@pytest.mark.campaign
def test_bugs_of_all_kinds_are_left_as_a_few_steps(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [least(BUGS[name], CloudMachine, HOW) for name in SHOWN]
    with capsys.disabled():
        sys.stdout.write("\n" + to_text(rows) + "\n")
    assert all(row.small for row in rows)
