"""What a trail's settings may say, as far as that can be told without asking anyone.

What does not belong here: whether buckets, topics, keys and log groups are there and let CloudTrail
in (checks.py), and event selectors (selector_rules.py).
Source: CloudTrail API Reference, CreateTrail; S3 User Guide, "Bucket naming rules"; the texts on
prefixes, on multi-Region trails and on a missing role or a bad log group are the service's, the
others are ours.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from regions.errors import (
    InvalidArnException,
    InvalidCloudWatchLogsLogGroupArnException,
    InvalidCloudWatchLogsRoleArnException,
    InvalidKmsKeyIdException,
    InvalidParameterCombinationException,
    InvalidS3BucketNameException,
    InvalidS3PrefixException,
    InvalidSnsTopicNameException,
    InvalidTagParameterException,
    NotFoundException,
    OrganizationsNotInUseException,
    TagsLimitExceededException,
)
from regions.names import parse_key_name, partition
from regions.trail.operation import Places
from regions.trail.trails import TrailSettings

#: Source: API Reference, S3KeyPrefix.
PREFIX_MAX: Final = 200
#: Source: S3 User Guide, "Bucket naming rules".
BUCKET_MIN: Final = 3
BUCKET_MAX: Final = 63
#: Source: API Reference, SnsTopicName.
TOPIC_MAX: Final = 256
#: Source: API Reference, AddTags.
TAGS_MAX: Final = 50

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]*[a-z0-9]")
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]+")
_TOPIC_ARN: Final = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:([A-Za-z0-9_-]+)")
_LOG_GROUP_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:logs:([a-z0-9-]+):([0-9]{12}):log-group:([A-Za-z0-9_./#-]{1,512}):\*"
)
_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):role/[\w+=,.@/-]{1,512}")


def check_settings(settings: TrailSettings) -> None:
    """Refuse settings that are malformed or exclude each other.

    Raises:
      InvalidS3BucketNameException: the bucket's name breaks a rule.
      InvalidS3PrefixException: the prefix is too long.
      InvalidCloudWatchLogsLogGroupArnException: it is no log group of the home region and account.
      InvalidCloudWatchLogsRoleArnException: it is no role's ARN, or stands without a log group.
      InvalidParameterCombinationException: a multi-region trail without global events.
      InvalidKmsKeyIdException: the key is named in no way that KMS knows.
    """
    _check_bucket(settings.bucket)
    if len(settings.prefix) > PREFIX_MAX:
        raise InvalidS3PrefixException(
            f"S3 prefix is longer than maximum length: {PREFIX_MAX} characters."
        )
    if settings.multi_region and not settings.global_events:
        raise InvalidParameterCombinationException(
            "Multi-Region trail must include global service events."
        )
    _check_logs(settings)
    if settings.kms_key_id:
        key_region(settings.kms_key_id)


def placed(settings: TrailSettings, places: Places) -> TrailSettings:
    """Return wanted settings with what others have told of the places that they name."""
    return replace(
        settings,
        bucket_site=places.bucket_site or settings.bucket_site,
        kms_key_id=places.kms_key_id or settings.kms_key_id,
    )


def _check_bucket(name: str) -> None:
    if not BUCKET_MIN <= len(name) <= BUCKET_MAX:
        complaint = f"must have {BUCKET_MIN} to {BUCKET_MAX} characters"
    elif _BUCKET.fullmatch(name) is None or ".." in name:
        complaint = (
            "can only contain lowercase letters, numbers, periods (.) and hyphens (-), must begin "
            "and end with a letter or number, and must have no two adjacent periods"
        )
    elif _is_ip_address(name):
        complaint = "must not be in IP address format"
    else:
        return
    raise InvalidS3BucketNameException(f"S3 bucket name {name} is not valid: it {complaint}.")


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


def _check_logs(settings: TrailSettings) -> None:
    group, role = settings.log_group_arn, settings.logs_role_arn
    if not group and not role:
        return
    if not role:
        raise InvalidCloudWatchLogsRoleArnException(
            "You must specify a role ARN as well as a log group."
        )
    if not group:
        raise InvalidCloudWatchLogsLogGroupArnException(
            "You must specify a log group ARN as well as a role ARN."
        )
    parts = _LOG_GROUP_ARN.fullmatch(group)
    if parts is None or parts.group(1, 2) != (settings.home_region, settings.account):
        raise InvalidCloudWatchLogsLogGroupArnException(
            "Check the log group ARN: CloudTrail can't validate it."
        )
    owner = _ROLE_ARN.fullmatch(role)
    if owner is None or owner.group(1) != settings.account:
        raise InvalidCloudWatchLogsRoleArnException(
            "Check the role ARN: CloudTrail can't validate it."
        )


def log_group_name(arn: str) -> str:
    """Return the name in the ARN of a log group that was checked."""
    parts = _LOG_GROUP_ARN.fullmatch(arn)
    assert parts is not None, f"{arn} was never checked"
    return parts.group(3)


def topic_arn(given: str, region: str, account: str) -> str:
    """Return the ARN of a topic that is given by it or by its name; "" of none.

    Args:
      given: SnsTopicName of a request.
      region: the trail's home region, where a topic that is named only must be.
      account: likewise.

    Raises:
      InvalidSnsTopicNameException: it is neither.
    """
    if not given:
        return ""
    found = _TOPIC_ARN.fullmatch(given)
    name = found.group(1) if found else given
    if len(name) > TOPIC_MAX or _TOPIC.fullmatch(name) is None:
        raise InvalidSnsTopicNameException(
            f"SNS topic name {given} is not valid: it must be an ARN, or have 1 to {TOPIC_MAX} "
            "letters, numbers, hyphens (-) and underscores (_)."
        )
    return given if found else f"arn:{partition(region)}:sns:{region}:{account}:{name}"


def key_region(key_id: str) -> str:
    """Return the region that a key's or an alias's ARN names, "" if it is given otherwise.

    Raises:
      InvalidKmsKeyIdException: it is no key id, no alias and no ARN of one of them.
    """
    try:
        return parse_key_name(key_id).region
    except (InvalidArnException, NotFoundException):
        raise InvalidKmsKeyIdException(
            f"KMS key {key_id} is not valid: it must be a key ID, a key ARN, an alias name or an "
            "alias ARN."
        ) from None


def refuse_organization(parameters: Mapping[str, Any]) -> None:
    """Refuse trails of organisations: no account here is a member of one.

    Raises:
      OrganizationsNotInUseException: the call asks for one.
    """
    if parameters.get("IsOrganizationTrail"):
        raise OrganizationsNotInUseException(
            "Your account is not a member of an organization, so it cannot have an organization "
            "trail."
        )


def with_tags(
    tags: tuple[tuple[str, str], ...], given: Sequence[Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return tags with those of a request added; the same key gets the new value.

    Raises:
      InvalidTagParameterException: a key is given twice, or is reserved.
      TagsLimitExceededException: there would be more than 50.
    """
    keys = [tag["Key"] for tag in given]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidTagParameterException(f"Tag key {key} is given more than once.")
        if key.lower().startswith("aws:"):
            raise InvalidTagParameterException(
                f"Tag key {key} begins with aws:, which is reserved."
            )
    merged = dict(tags) | {tag["Key"]: tag.get("Value", "") for tag in given}
    if len(merged) > TAGS_MAX:
        raise TagsLimitExceededException(
            f"A trail can have at most {TAGS_MAX} tags; this would make {len(merged)}."
        )
    return tuple(sorted(merged.items()))


def without_tags(
    tags: tuple[tuple[str, str], ...], given: Sequence[Mapping[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return tags without those of a request; a value that is given must be the tag's."""
    gone = {(tag["Key"], tag.get("Value")) for tag in given}
    return tuple((k, v) for k, v in tags if not {(k, None), (k, v)} & gone)
