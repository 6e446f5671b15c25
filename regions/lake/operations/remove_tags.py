"""RemoveTags of an event data store or a channel; those of trails are the trail's.

Source: CloudTrail API Reference, RemoveTags: a tag goes by its key, whatever value is given.
"""

from typing import Any

from regions.lake.desk import LakeDesk
from regions.lake.policies import find_resource
from regions.lake.tagging import given_tags, on_tagged, retagged
from regions.service.operation import Values


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    thing = find_resource(desk, parameters["ResourceId"])
    gone = given_tags(parameters)
    retagged(desk, thing, {key: value for key, value in thing.tags if key not in gone})
    return {}


OPERATION = on_tagged("RemoveTags", _perform)
