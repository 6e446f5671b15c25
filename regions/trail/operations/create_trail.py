"""CreateTrail: a trail's configuration; logging stays off until StartLogging.

Source: AWS CloudTrail API Reference, CreateTrail.
"""

from collections.abc import Mapping
from typing import Any, Final

from regions.errors import InvalidParameterCombinationException, InvalidS3PrefixException
from regions.trail.operation import Desk, Operation, describe, refuse_unmodelled
from regions.trail.trails import TrailSettings, trail_arn

#: Source: API Reference, S3KeyPrefix.
PREFIX_MAX: Final = 200

UNMODELLED: Final = (
    "SnsTopicName",
    "EnableLogFileValidation",
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "KmsKeyId",
    "IsOrganizationTrail",
    "TagsList",
)


def check_settings(settings: TrailSettings) -> None:
    """Refuse settings that exclude each other.

    Raises:
      InvalidS3PrefixException: the prefix is too long.
      InvalidParameterCombinationException: a multi-region trail without global events.
    """
    if len(settings.prefix) > PREFIX_MAX:
        raise InvalidS3PrefixException(
            f"S3 prefix is longer than maximum length: {PREFIX_MAX} characters."
        )
    if settings.multi_region and not settings.global_events:
        raise InvalidParameterCombinationException(
            "Multi-Region trail must include global service events."
        )


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    refuse_unmodelled(parameters, *UNMODELLED)
    name, region = parameters["Name"], desk.archive.region
    multi_region = parameters.get("IsMultiRegionTrail", False)
    version = desk.archive.trails.admit(
        desk.account, name, multi_region=multi_region, regions=list(desk.regions)
    )
    settings = TrailSettings(
        arn=trail_arn(region, desk.account, name),
        name=name,
        account=desk.account,
        home_region=region,
        bucket=parameters["S3BucketName"],
        bucket_site=desk.bucket_site,
        prefix=parameters.get("S3KeyPrefix", ""),
        multi_region=multi_region,
        global_events=parameters.get("IncludeGlobalServiceEvents", True),
        version=version,
        created_ns=desk.now_ns,
    )
    check_settings(settings)
    desk.changed.append(settings)
    return describe(settings)


OPERATION = Operation(
    name="CreateTrail", perform=_perform, read_only=False, bucket_member="S3BucketName"
)
