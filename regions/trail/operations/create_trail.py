"""CreateTrail: a trail's configuration; logging stays off until StartLogging.

Source: AWS CloudTrail API Reference, CreateTrail.
"""

from collections.abc import Mapping
from typing import Any

from regions.trail.operation import Desk, Operation, describe
from regions.trail.settings_rules import (
    check_settings,
    placed,
    refuse_organization,
    topic_arn,
    with_tags,
)
from regions.trail.trails import TrailSettings, switched, trail_arn


def _propose(desk: Desk, parameters: Mapping[str, Any]) -> TrailSettings:
    name, region, now_ns = parameters["Name"], desk.archive.region, desk.now_ns
    multi_region = parameters.get("IsMultiRegionTrail", False)
    version = desk.archive.trails.admit(
        desk.account, name, multi_region=multi_region, regions=list(desk.regions)
    )
    refuse_organization(parameters)
    topic = parameters.get("SnsTopicName", "")
    settings = TrailSettings(
        arn=trail_arn(region, desk.account, name),
        name=name,
        account=desk.account,
        home_region=region,
        bucket=parameters["S3BucketName"],
        bucket_site="",
        prefix=parameters.get("S3KeyPrefix", ""),
        multi_region=multi_region,
        global_events=parameters.get("IncludeGlobalServiceEvents", True),
        version=version,
        created_ns=now_ns,
        validation=switched((), now_ns, on=parameters.get("EnableLogFileValidation", False)),
        sns_topic=topic,
        sns_topic_arn=topic_arn(topic, region, desk.account),
        log_group_arn=parameters.get("CloudWatchLogsLogGroupArn", ""),
        logs_role_arn=parameters.get("CloudWatchLogsRoleArn", ""),
        kms_key_id=parameters.get("KmsKeyId", ""),
        recursive_logging=parameters.get("RecursiveLogging", True),
        tags=with_tags((), parameters.get("TagsList") or ()),
    )
    check_settings(settings)
    return settings


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    settings = placed(_propose(desk, parameters), desk.places)
    desk.changed.append(settings)
    return describe(settings)


OPERATION = Operation(name="CreateTrail", perform=_perform, read_only=False, propose=_propose)
