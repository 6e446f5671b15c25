"""ListTags: the tags of trails.

Source: AWS CloudTrail API Reference, ListTags.
"""

from collections.abc import Mapping
from typing import Any

from regions.errors import InvalidTokenException, ValidationException
from regions.trail.operation import Desk, Operation
from regions.trail.operations.add_tags import tagged

#: Source: API Reference, ResourceIdList.
RESOURCES_MAX = 20


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if parameters.get("NextToken"):
        raise InvalidTokenException("Token is not valid: all tags are always in one answer.")
    names = parameters["ResourceIdList"]
    if len(names) > RESOURCES_MAX:
        raise ValidationException(
            f"1 validation error detected: Value at 'resourceIdList' failed to satisfy constraint: "
            f"Member must have length less than or equal to {RESOURCES_MAX}"
        )
    found = [tagged(desk, name) for name in names]
    return {
        "ResourceTagList": [
            {
                "ResourceId": settings.arn,
                "TagsList": [{"Key": key, "Value": value} for key, value in settings.tags],
            }
            for settings in found
        ]
    }


OPERATION = Operation(name="ListTags", perform=_perform, read_only=True)
