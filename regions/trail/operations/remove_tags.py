"""RemoveTags: take tags from a trail; what is not there is passed over.

Source: AWS CloudTrail API Reference, RemoveTags.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation
from regions.trail.operations.add_tags import retag, tagged_at_home
from regions.trail.settings_rules import without_tags


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = tagged_at_home(desk, parameters["ResourceId"])
    retag(desk, found, without_tags(found.tags, parameters["TagsList"]))
    return {}


OPERATION = Operation(name="RemoveTags", perform=_perform, read_only=False)
