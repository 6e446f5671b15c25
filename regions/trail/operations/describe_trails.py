"""DescribeTrails: the trails of this region, shadows of other regions' trails included.

Source: AWS CloudTrail API Reference, DescribeTrails.
"""

from collections.abc import Mapping
from typing import Any

from regions.errors import TrailNotFoundException
from regions.trail.operation import Desk, Operation, described


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    names = parameters.get("trailNameList") or ()
    found = []
    for name in names:
        # What is not there is left out; the service answers with what it found.
        try:
            found.append(desk.find(name))
        except TrailNotFoundException:
            continue
    if not names:
        shadows = parameters.get("includeShadowTrails", True)
        here = desk.archive.trails.here(desk.account)
        found = [t for t in here if shadows or t.home_region == desk.archive.region]
    return {"trailList": [described(settings) for settings in found]}


OPERATION = Operation(name="DescribeTrails", perform=_perform, read_only=True)
