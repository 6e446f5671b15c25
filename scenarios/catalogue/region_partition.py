"""A region is cut off from the others: its keys go on working there, its records wait.

The trail over all regions keeps its bucket in another region, so the files of the cut-off region
are late, and none is lost.
"""

from typing import Final

from scenarios.scenario import Scenario
from sim.plan import Plan

SCENARIO: Final = Scenario(
    name="region-partition",
    summary="eu-west-1 is cut off from all other regions; its keys work, its records wait",
    plan=Plan.parse(["at 30% partition eu-west-1 for 40%"]),
)
