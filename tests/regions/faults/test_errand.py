"""Staff that cannot undo an error tries for half an hour, less and less often, and lets it be."""

from regions.faults.errand import UNDO_PAUSES_NS
from scenarios.files import loads
from scenarios.run import run
from sim.units import minutes, seconds

#: The alias's own key is condemned by somebody else, so the alias cannot be moved back to it.
CONDEMNED = """
length = "20d"
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "key-states"
clients = 2
think = "2h"
[[workload]]
kind = "envelope"
clients = 2
think = "2h"
[[fault]]
plan = "at 10h alias-moved us-east-1 for 2m"
"""


def test_pauses_grow_to_half_an_hour_in_all() -> None:
    assert UNDO_PAUSES_NS[0] == seconds(2)
    assert minutes(30) < sum(UNDO_PAUSES_NS) < minutes(60)


def test_an_error_that_cannot_be_undone_does_not_keep_staff_busy_for_days() -> None:
    for seed in (1, 2, 3):
        result = run(loads(CONDEMNED), seed=seed)
        assert result.holds
        assert result.statistics["events"] < 200_000
