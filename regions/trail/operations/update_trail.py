"""UpdateTrail: change a trail in its home region; delivered files stay where they are.

What a call does not name stays as it is; an empty text takes a topic, a key, or a log group and its
role away.
Source: AWS CloudTrail API Reference, UpdateTrail.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from regions.trail.operation import Desk, Operation, describe
from regions.trail.settings_rules import (
    check_settings,
    placed,
    refuse_organization,
    topic_arn,
)
from regions.trail.trails import TrailSettings, switched


def _propose(desk: Desk, parameters: Mapping[str, Any]) -> TrailSettings:
    before = desk.find_at_home(parameters["Name"])
    refuse_organization(parameters)
    validates = parameters.get("EnableLogFileValidation", before.validates)
    topic = parameters.get("SnsTopicName", before.sns_topic)
    settings = replace(
        before,
        bucket=parameters.get("S3BucketName", before.bucket),
        prefix=parameters.get("S3KeyPrefix", before.prefix),
        multi_region=parameters.get("IsMultiRegionTrail", before.multi_region),
        global_events=parameters.get("IncludeGlobalServiceEvents", before.global_events),
        validation=switched(before.validation, desk.now_ns, on=validates),
        sns_topic=topic,
        sns_topic_arn=topic_arn(topic, before.home_region, before.account),
        log_group_arn=parameters.get("CloudWatchLogsLogGroupArn", before.log_group_arn),
        logs_role_arn=parameters.get("CloudWatchLogsRoleArn", before.logs_role_arn),
        kms_key_id=parameters.get("KmsKeyId", before.kms_key_id),
        recursive_logging=parameters.get("RecursiveLogging", before.recursive_logging),
        version=before.version + 1,
    )
    check_settings(settings)
    if settings.multi_region and not before.multi_region:
        others = [region for region in desk.regions if region != settings.home_region]
        desk.archive.trails.check_room(desk.account, others)
    return settings


def _perform(desk: Desk, parameters: Mapping[str, Any]) -> dict[str, Any]:
    settings = placed(_propose(desk, parameters), desk.places)
    desk.changed.append(settings)
    return describe(settings)


OPERATION = Operation(name="UpdateTrail", perform=_perform, read_only=False, propose=_propose)
