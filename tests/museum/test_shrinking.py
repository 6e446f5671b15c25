"""Runs that show a planted bug shrink to what somebody can read.

Goal: of nine bugs in ten at most three faults and ten calls are left. Method: the seed that once
showed a bug (catches.json) is run with the bug planted and shrunk. How long that takes is printed;
the target is a minute.
"""

import sys

import pytest
from museum.collection import BUGS
from museum.matrix import KEPT, load
from museum.shrinking import shrink, to_text

from scenarios.swarm_worker import HANG

CATCHES = load() if KEPT.exists() else {}
#: A bug with several faults and callers around it, whose run is quick.
QUICK = "restart-skips-a-record"


def test_a_run_that_shows_a_bug_shrinks_to_what_somebody_can_read() -> None:
    row = shrink(BUGS[QUICK], CATCHES[QUICK])
    assert row.few, to_text([row])


@pytest.mark.campaign
def test_nine_bugs_of_ten_shrink_to_three_faults_and_ten_calls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [
        shrink(BUGS[name], catch)
        for name, catch in CATCHES.items()
        if catch.seed and catch.checkers[0] != HANG and name in BUGS
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + to_text(rows) + "\n")
    assert sum(row.few for row in rows) * 10 >= len(rows) * 9
