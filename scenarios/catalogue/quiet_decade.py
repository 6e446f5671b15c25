"""Ten years in which nobody calls: keys rotate, and the first blob still opens at the end.

Domain keys rotate daily and every token is wrapped anew; the AWS managed key gets new material
every year.
"""

from typing import Final

from regions.topology import Topology, default_azs
from scenarios.scenario import Scenario
from sim.units import years

SCENARIO: Final = Scenario(
    name="quiet-decade",
    summary="ten quiet years of one region: daily and yearly rotation, then the first blob opens",
    topology=Topology(regions={"us-east-1": default_azs("us-east-1")}),
    length_ns=years(10),
    clients_per_region=0,
    managed_keys=("ssm",),
)
