"""An AZ is asked for its tokens while it belongs to its region, and no longer."""

from scenarios.files import loads
from scenarios.run import run

REMOVED = """
length = "4m"
[topology]
regions = ["us-east-1"]
[[workload]]
kind = "envelope"
clients = 1
think = "1s"
[[fault]]
plan = "at 3m remove-az us-east-1/use1-az2 for 10ms"
[[fault]]
plan = "at 4m crash us-east-1/use1-az2 for 10ms"
"""


def test_an_az_that_left_its_region_owes_no_tokens_when_it_gets_its_power_back() -> None:
    result = run(loads(REMOVED), seed=142)
    (verdict,) = (v for v in result.promises if v.name == "token-spread")
    assert verdict.word == "holds"
    assert verdict.checked
