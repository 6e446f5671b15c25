"""GetEventSelectors: which events a trail delivers now.

Source: AWS CloudTrail API Reference, GetEventSelectors.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation
from regions.trail.operations.put_event_selectors import answer


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find(parameters["TrailName"])
    return answer(found.arn, found.selectors[-1])


OPERATION = Operation(name="GetEventSelectors", perform=_perform, read_only=True)
