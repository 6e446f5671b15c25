"""Two of three AZs go dark in two regions that chose differently what to do then.

us-east-1 keeps the default: a call that is not recorded in two AZs is refused, so every call
fails and nothing is lost. eu-west-1 records locally and reads its own replica, so decryption goes
on in the one AZ that is left. Pattern: me-central-1, 1 March 2026 (two AZs in one night).
"""

from typing import Final

from regions.topology import Topology
from scenarios.scenario import Scenario
from sim.plan import Plan

SCENARIO: Final = Scenario(
    name="two-azs-dark",
    summary="two AZs of three dark: us-east-1 refuses every call, eu-west-1 still decrypts",
    topology=Topology(audit_acks={"eu-west-1": "local"}),
    plan=Plan.parse(
        [
            "at 30% power-off us-east-1/use1-az1 for 30%",
            "at 32% power-off us-east-1/use1-az2 for 30%",
            "at 30% power-off eu-west-1/euw1-az1 for 30%",
            "at 32% power-off eu-west-1/euw1-az2 for 30%",
        ]
    ),
)
