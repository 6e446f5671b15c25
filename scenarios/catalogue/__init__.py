"""The scenarios that come with the project, one file each; SCENARIOS is the table."""

from typing import Final

from scenarios.catalogue import (
    az_outage,
    leader_crash_loop,
    quiet_decade,
    region_partition,
    rolling_restart,
    steady_state,
    two_azs_dark,
)
from scenarios.scenario import Scenario

SCENARIOS: Final[dict[str, Scenario]] = {
    module.SCENARIO.name: module.SCENARIO
    for module in (
        az_outage,
        leader_crash_loop,
        quiet_decade,
        region_partition,
        rolling_restart,
        steady_state,
        two_azs_dark,
    )
}
