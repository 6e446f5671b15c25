"""One AZ of one region loses power for a third of the run, then gets it back.

Pattern: power loss of one data centre, as use1-az4 on 22 December 2021.
"""

from typing import Final

from scenarios.scenario import Scenario
from sim.plan import Plan

SCENARIO: Final = Scenario(
    name="az-outage",
    summary="use1-az1 loses power for a third of the run; two AZs carry on",
    plan=Plan.parse(["at 30% power-off us-east-1/use1-az1 for 33%"]),
)
