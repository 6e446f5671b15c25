"""GetEventConfiguration: how large, rich and aggregated the events of a trail may be.

Source: AWS CloudTrail API Reference, GetEventConfiguration.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation
from regions.trail.operations.put_event_configuration import answer
from regions.trail.operations.put_insight_selectors import the_trail


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return answer(desk.find(the_trail(parameters)))


OPERATION = Operation(name="GetEventConfiguration", perform=_perform, read_only=True)
