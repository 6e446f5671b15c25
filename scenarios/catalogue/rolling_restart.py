"""An upgrade restarts every AZ of every region, one after the other."""

from typing import Final

from regions.topology import default_regions
from scenarios.scenario import Scenario
from sim.plan import Plan

_STEP: Final = 25  #: per cent of the run between two AZs of a region


def _lines() -> list[str]:
    return [
        f"at {5 + _STEP * turn}% power-off {region}/{az} for 5%"
        for region, azs in default_regions().items()
        for turn, az in enumerate(azs)
    ]


SCENARIO: Final = Scenario(
    name="rolling-restart",
    summary="every AZ of every region restarts, one at a time per region",
    plan=Plan.parse(_lines()),
)
