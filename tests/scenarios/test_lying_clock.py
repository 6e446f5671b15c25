"""A calendar that lies in one AZ moves no record out of the time in which its trail logged."""

import pytest

from scenarios.files import loads
from scenarios.run import run

LYING = """
length = "2m"
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 2
think = "1s"
[[fault]]
plan = "at 50s clock-offset us-east-1/use1-az1 for 30s with by={by}"
"""


@pytest.mark.parametrize("by", ["-1h", "1h", "40d", "-40d"])
def test_what_one_az_dates_wrongly_is_delivered_all_the_same(by: str) -> None:
    result = run(loads(LYING.format(by=by)), seed=1)
    assert [(v.name, v.detail) for v in result.promises if not v.holds] == []


@pytest.mark.parametrize("by", ["100d", "-100d", "400d"])
def test_a_trail_whose_calendar_jumps_forgets_nothing_that_is_not_old(by: str) -> None:
    plan = LYING.format(by=by).replace("us-east-1/use1-az1", "us-east-1/trail")
    result = run(loads(plan), seed=1)
    assert [(v.name, v.detail) for v in result.promises if not v.holds] == []
