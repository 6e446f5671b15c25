"""ListTags of event data stores and channels; those of trails are the trail's.

Source: CloudTrail API Reference, ListTags.
"""

from collections.abc import Iterable
from typing import Any

from regions.lake.desk import LakeDesk, LakeOperation, shown_tags, wanted
from regions.lake.policies import find_resource
from regions.service.operation import Values, Wanted

_NAME = "ListTags"


def _wants(desk: LakeDesk, parameters: Values) -> Iterable[Wanted]:
    for arn in parameters["ResourceIdList"]:
        yield wanted(desk, _NAME, find_resource(desk, arn))


def _perform(desk: LakeDesk, parameters: Values) -> dict[str, Any]:
    return {
        "ResourceTagList": [
            {"ResourceId": arn, "TagsList": shown_tags(find_resource(desk, arn).tags)}
            for arn in parameters["ResourceIdList"]
        ]
    }


OPERATION = LakeOperation(name=_NAME, perform=_perform, read_only=True, wants_all=_wants)
