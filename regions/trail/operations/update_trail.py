"""UpdateTrail: change a trail in its home region; delivered files stay where they are.

Source: AWS CloudTrail API Reference, UpdateTrail.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.trail.operation import Desk, Operation, describe, refuse_unmodelled
from regions.trail.operations.create_trail import UNMODELLED, check_settings


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    refuse_unmodelled(parameters, *UNMODELLED)
    before = desk.find_at_home(parameters["Name"])
    settings = replace(
        before,
        bucket=parameters.get("S3BucketName", before.bucket),
        bucket_site=desk.bucket_site or before.bucket_site,
        prefix=parameters.get("S3KeyPrefix", before.prefix),
        multi_region=parameters.get("IsMultiRegionTrail", before.multi_region),
        global_events=parameters.get("IncludeGlobalServiceEvents", before.global_events),
        version=before.version + 1,
    )
    check_settings(settings)
    if settings.multi_region and not before.multi_region:
        others = [region for region in desk.regions if region != settings.home_region]
        desk.archive.trails.check_room(desk.account, others)
    desk.changed.append(settings)
    return describe(settings)


OPERATION = Operation(
    name="UpdateTrail", perform=_perform, read_only=False, bucket_member="S3BucketName"
)
