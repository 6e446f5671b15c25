"""AddTags of an event data store or a channel; those of trails are the trail's.

Source: CloudTrail API Reference, AddTags.
"""

from typing import Any

from regions.lake.desk import LakeDesk
from regions.lake.policies import find_resource
from regions.lake.tagging import given_tags, on_tagged, retagged
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    thing = find_resource(desk, parameters["ResourceId"])
    retagged(desk, thing, {**dict(thing.tags), **given_tags(parameters)})
    return {}


OPERATION = on_tagged("AddTags", _perform)
