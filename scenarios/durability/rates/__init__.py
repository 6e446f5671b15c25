"""Named sets of rates, one file each; RATE_SETS is the table.

A set gives the rates that a model file leaves open; how fast things are mended is the model's own.
"""

from typing import Final

from scenarios.durability.rates.design import DESIGN
from scenarios.durability.rates.observed import OBSERVED
from scenarios.durability.rates.rate import CAUSE_OF, Rate, RateSet

__all__ = ["CAUSE_OF", "RATE_SETS", "Rate", "RateSet"]

#: Name -> set, in the order of the report.
RATE_SETS: Final[dict[str, RateSet]] = {one.name: one for one in (DESIGN, OBSERVED)}
