"""StartLogging: events from now on are delivered, this call's own included.

Source: AWS CloudTrail API Reference, StartLogging.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation
from regions.trail.trails import started


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find_at_home(parameters["Name"])
    if not found.is_logging:
        desk.changed.append(started(found, desk.now_ns))
    return {}


OPERATION = Operation(name="StartLogging", perform=_perform, read_only=False)
