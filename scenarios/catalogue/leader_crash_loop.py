"""Whoever leads us-east-1's replicated log crashes, again and again."""

from typing import Final

from scenarios.scenario import Scenario
from sim.plan import Plan

SCENARIO: Final = Scenario(
    name="leader-crash-loop",
    summary="the leader of us-east-1's key log crashes every ten seconds, whoever it is",
    plan=Plan.parse(["at 30% crash-loop us-east-1/@leader for 30%"]),
)
