"""StopLogging: events after this call are not delivered; the call itself is.

Source: AWS CloudTrail API Reference, StopLogging.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation
from regions.trail.trails import stopped


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find_at_home(parameters["Name"])
    if found.is_logging:
        desk.changed.append(stopped(found, desk.now_ns))
    return {}


OPERATION = Operation(name="StopLogging", perform=_perform, read_only=False)
