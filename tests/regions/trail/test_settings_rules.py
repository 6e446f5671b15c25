"""What a trail's settings may say, told without asking anyone."""

from typing import Any

import pytest
from looked_at import ACCOUNT, a_trail

from regions.errors import (
    InvalidCloudWatchLogsLogGroupArnException,
    InvalidCloudWatchLogsRoleArnException,
    InvalidKmsKeyIdException,
    InvalidS3BucketNameException,
    InvalidS3PrefixException,
    InvalidSnsTopicNameException,
    InvalidTagParameterException,
    OrganizationsNotInUseException,
    ServiceError,
    TagsLimitExceededException,
)
from regions.trail.operation import Places
from regions.trail.settings_rules import (
    check_settings,
    key_region,
    log_group_name,
    placed,
    refuse_organization,
    topic_arn,
    with_tags,
    without_tags,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/CloudTrail_CloudWatchLogs_Role"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/audit:*"


NAMED = (
    "it can only contain lowercase letters, numbers, periods (.) and hyphens (-), must begin and "
    "end with a letter or number, and must have no two adjacent periods."
)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            {"bucket": "ab"},
            InvalidS3BucketNameException,
            "S3 bucket name ab is not valid: it must have 3 to 63 characters.",
        ),
        (
            {"bucket": "My-Logs"},
            InvalidS3BucketNameException,
            f"S3 bucket name My-Logs is not valid: {NAMED}",
        ),
        (
            {"bucket": "my..logs"},
            InvalidS3BucketNameException,
            f"S3 bucket name my..logs is not valid: {NAMED}",
        ),
        (
            {"bucket": "192.168.5.4"},
            InvalidS3BucketNameException,
            "S3 bucket name 192.168.5.4 is not valid: it must not be in IP address format.",
        ),
        (
            {"prefix": "p" * 201},
            InvalidS3PrefixException,
            "S3 prefix is longer than maximum length: 200 characters.",
        ),
        (
            {"log_group_arn": GROUP},
            InvalidCloudWatchLogsRoleArnException,
            "You must specify a role ARN as well as a log group.",
        ),
        (
            {"logs_role_arn": ROLE},
            InvalidCloudWatchLogsLogGroupArnException,
            "You must specify a log group ARN as well as a role ARN.",
        ),
        (
            {"log_group_arn": GROUP.replace("us-east-1", "eu-west-1"), "logs_role_arn": ROLE},
            InvalidCloudWatchLogsLogGroupArnException,
            "Check the log group ARN: CloudTrail can't validate it.",
        ),
        (
            {"log_group_arn": GROUP.removesuffix(":*"), "logs_role_arn": ROLE},
            InvalidCloudWatchLogsLogGroupArnException,
            "Check the log group ARN: CloudTrail can't validate it.",
        ),
        (
            {"log_group_arn": GROUP, "logs_role_arn": "CloudTrail_CloudWatchLogs_Role"},
            InvalidCloudWatchLogsRoleArnException,
            "Check the role ARN: CloudTrail can't validate it.",
        ),
        (
            {"kms_key_id": "arn:aws:sns:us-east-1:111122223333:news"},
            InvalidKmsKeyIdException,
            (
                "KMS key arn:aws:sns:us-east-1:111122223333:news is not valid: it must be a key "
                "ID, a key ARN, an alias name or an alias ARN."
            ),
        ),
    ],
)
def test_bad_settings_are_refused_with_their_reason(
    fields: dict[str, Any], error: type[ServiceError], message: str
) -> None:
    with pytest.raises(error) as caught:
        check_settings(a_trail(**fields))
    assert caught.value.message == message


def test_good_settings_pass() -> None:
    check_settings(a_trail(log_group_arn=GROUP, logs_role_arn=ROLE, prefix="p" * 200))
    check_settings(a_trail(bucket="my.logs-1", kms_key_id="alias/logs"))
    assert log_group_name(GROUP) == "/aws/audit"


def test_a_topic_is_given_by_its_name_or_by_its_arn() -> None:
    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
    assert topic_arn("news", "us-east-1", ACCOUNT) == arn
    elsewhere = "arn:aws:sns:eu-west-1:444455556666:news"
    assert topic_arn(elsewhere, "us-east-1", ACCOUNT) == elsewhere
    assert topic_arn("", "us-east-1", ACCOUNT) == ""
    for bad in ("a topic", "n" * 257, "arn:aws:sqs:us-east-1:111122223333:news"):
        with pytest.raises(InvalidSnsTopicNameException) as caught:
            topic_arn(bad, "us-east-1", ACCOUNT)
        assert caught.value.message == (
            f"SNS topic name {bad} is not valid: it must be an ARN, or have 1 to 256 letters, "
            "numbers, hyphens (-) and underscores (_)."
        )


def test_only_arns_of_keys_tell_a_region() -> None:
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    assert key_region(key) == key_region("alias/logs") == ""
    assert key_region(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key}") == "eu-west-1"
    assert key_region(f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/logs") == "us-east-1"


def test_places_replace_what_was_given_and_leave_what_was_not_asked_about() -> None:
    before = a_trail(kms_key_id="alias/logs")
    assert placed(before, Places()) == before
    after = placed(before, Places(bucket_site="eu-west-1/bucket", kms_key_id="arn"))
    assert (after.bucket_site, after.kms_key_id) == ("eu-west-1/bucket", "arn")


def test_no_account_is_a_member_of_an_organization() -> None:
    refuse_organization({"IsOrganizationTrail": False})
    with pytest.raises(
        OrganizationsNotInUseException,
        match="^OrganizationsNotInUseException: Your account is not a member of an organization, "
        r"so it cannot have an organization trail\.$",
    ):
        refuse_organization({"IsOrganizationTrail": True})


def test_a_tag_that_is_given_again_gets_the_new_value() -> None:
    tags = with_tags((), [{"Key": "b", "Value": "1"}, {"Key": "a"}])
    assert tags == (("a", ""), ("b", "1"))
    assert with_tags(tags, [{"Key": "b", "Value": "2"}]) == (("a", ""), ("b", "2"))


def test_tags_are_taken_away_by_key_or_by_key_and_value() -> None:
    tags = (("a", "1"), ("b", "2"), ("c", "3"))
    gone = [{"Key": "a"}, {"Key": "b", "Value": "2"}, {"Key": "c", "Value": "9"}, {"Key": "d"}]
    assert without_tags(tags, gone) == (("c", "3"),)


def test_a_trail_has_at_most_fifty_tags() -> None:
    fifty = with_tags((), [{"Key": f"k{n}"} for n in range(50)])
    assert len(with_tags(fifty, [{"Key": "k1", "Value": "new"}])) == 50
    with pytest.raises(
        TagsLimitExceededException,
        match="^TagsLimitExceededException: A trail can have at most 50 tags; "
        r"this would make 51\.$",
    ):
        with_tags(fifty, [{"Key": "one-more"}])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["a", "b", "a"], "Tag key a is given more than once."),
        (["AWS:team"], "Tag key AWS:team begins with aws:, which is reserved."),
    ],
)
def test_bad_tags_are_refused(keys: list[str], message: str) -> None:
    with pytest.raises(InvalidTagParameterException) as caught:
        with_tags((), [{"Key": key} for key in keys])
    assert caught.value.message == message
