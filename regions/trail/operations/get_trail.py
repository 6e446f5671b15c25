"""GetTrail: the settings of one trail, a shadow by its ARN.

Source: AWS CloudTrail API Reference, GetTrail.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation, described


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"Trail": described(desk.find(parameters["Name"]))}


OPERATION = Operation(name="GetTrail", perform=_perform, read_only=True)
