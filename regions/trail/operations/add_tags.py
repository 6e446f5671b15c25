"""AddTags: give a trail tags; those of the same keys get new values.

A trail has tags in its home region only. Resources of other types than trails take none here.
Source: AWS CloudTrail API Reference, AddTags. The texts are ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.errors import (
    CloudTrailARNInvalidException,
    OperationNotPermittedException,
    ResourceNotFoundException,
    ResourceTypeNotSupportedException,
    TrailNotFoundException,
)
from regions.trail.operation import Desk, Operation
from regions.trail.settings_rules import with_tags
from regions.trail.trails import TrailSettings

_ARN_PARTS = 6


def tagged(desk: Desk, arn: str) -> TrailSettings:
    """Return the trail that an ARN names, a shadow too.

    Raises:
      CloudTrailARNInvalidException: it is no ARN of CloudTrail.
      ResourceTypeNotSupportedException: it is one of something else than a trail.
      ResourceNotFoundException: the account has no such trail here.
    """
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS or parts[0] != "arn" or parts[2] != "cloudtrail":
        raise CloudTrailARNInvalidException(f"Trail ARN {arn} is not valid.")
    kind = parts[5].partition("/")[0]
    if kind != "trail":
        raise ResourceTypeNotSupportedException(f"Resources of type {kind} cannot have tags.")
    try:
        return desk.find(arn)
    except TrailNotFoundException:
        raise ResourceNotFoundException(f"Resource {arn} is not found.") from None


def tagged_at_home(desk: Desk, arn: str) -> TrailSettings:
    """Return the trail that an ARN names, if its tags may be changed here.

    Raises:
      OperationNotPermittedException: it is the shadow of another region's trail.
    """
    found = tagged(desk, arn)
    if found.home_region != desk.archive.region:
        raise OperationNotPermittedException(
            f"Tags of trail {arn} can only be changed in its home region {found.home_region}."
        )
    return found


def retag(desk: Desk, found: TrailSettings, tags: tuple[tuple[str, str], ...]) -> None:
    """Change a trail's tags, if they differ."""
    if tags != found.tags:
        desk.changed.append(replace(found, tags=tags, version=found.version + 1))


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    found = tagged_at_home(desk, parameters["ResourceId"])
    retag(desk, found, with_tags(found.tags, parameters["TagsList"]))
    return {}


OPERATION = Operation(name="AddTags", perform=_perform, read_only=False)
