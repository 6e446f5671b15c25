"""DeleteTrail: remove a trail in its home region; delivered files stay.

Source: AWS CloudTrail API Reference, DeleteTrail.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.trail.operation import Desk, Operation


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = desk.find_at_home(parameters["Name"])
    desk.changed.append(replace(found, deleted=True, version=found.version + 1))
    return {}


OPERATION = Operation(name="DeleteTrail", perform=_perform, read_only=False)
