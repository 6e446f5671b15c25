"""Nothing goes wrong for an hour: the figures that everything else is compared with."""

from typing import Final

from scenarios.scenario import Scenario

SCENARIO: Final = Scenario(
    name="steady-state",
    summary="three regions, eight applications each, and nothing goes wrong for an hour",
)
