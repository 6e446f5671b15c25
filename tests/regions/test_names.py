"""Names: what parses to what, and the exact refusals."""

import re

import pytest

from regions.errors import InvalidArnException, NotFoundException
from regions.names import (
    REGIONS,
    KeyName,
    alias_arn,
    foreign_arn,
    is_account,
    is_key_id,
    is_reserved_alias,
    key_arn,
    missing_alias,
    missing_key,
    parse_key_name,
    partition,
    root_arn,
    via_service,
)

ACCOUNT = "111122223333"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MRK = "mrk-1234abcd12ab34cd56ef1234567890ab"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (KEY_ID, KeyName(region="", account="", is_alias=False, name=KEY_ID)),
        (MRK, KeyName(region="", account="", is_alias=False, name=MRK)),
        ("alias/app", KeyName(region="", account="", is_alias=True, name="alias/app")),
        (
            key_arn("eu-west-1", ACCOUNT, KEY_ID),
            KeyName(region="eu-west-1", account=ACCOUNT, is_alias=False, name=KEY_ID),
        ),
        (
            alias_arn("cn-north-1", ACCOUNT, "alias/a/b:c"),
            KeyName(region="cn-north-1", account=ACCOUNT, is_alias=True, name="alias/a/b:c"),
        ),
    ],
)
def test_all_four_ways_to_name_a_key_parse(text: str, name: KeyName) -> None:
    assert parse_key_name(text) == name


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("fake-key-id", NotFoundException, "Invalid keyId 'fake-key-id'"),
        (
            "134f2428cec14b25a1ae9048164dba47",
            NotFoundException,
            "Invalid keyId '134f2428cec14b25a1ae9048164dba47'",
        ),
        ("mrk-fake-key-id", NotFoundException, "Invalid keyId 'mrk-fake-key-id'"),
        ("", NotFoundException, "Invalid keyId ''"),
        (
            f"arn:aws:kms:mars-1:{ACCOUNT}:key/{KEY_ID}",
            NotFoundException,
            "Invalid arn mars-1",
        ),
        (
            f"arn:aws-cn:kms:us-east-1:{ACCOUNT}:key/{KEY_ID}",
            NotFoundException,
            "Invalid arn us-east-1",
        ),
        ("arn:aws:s3:::bucket", InvalidArnException, "Invalid arn arn:aws:s3:::bucket"),
        (
            f"arn:aws:kms:us-east-1:{ACCOUNT}:grant/x",
            InvalidArnException,
            f"Invalid arn arn:aws:kms:us-east-1:{ACCOUNT}:grant/x",
        ),
    ],
)
def test_what_names_nothing_is_refused_in_the_services_words(
    text: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"^{error.__name__}: {re.escape(message)}$"):
        parse_key_name(text)


def test_arns_are_printed_for_their_partition() -> None:
    assert key_arn("us-east-1", ACCOUNT, KEY_ID) == f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY_ID}"
    assert alias_arn("us-gov-west-1", ACCOUNT, "alias/a") == (
        f"arn:aws-us-gov:kms:us-gov-west-1:{ACCOUNT}:alias/a"
    )
    assert root_arn("cn-north-1", ACCOUNT) == f"arn:aws-cn:iam::{ACCOUNT}:root"
    assert via_service("ssm", "eu-west-1") == "ssm.eu-west-1.amazonaws.com"
    partitions = {partition(region) for region in REGIONS}
    assert sorted(partitions) == ["aws", "aws-cn", "aws-us-gov"]


def test_errors_for_well_formed_names_of_nothing() -> None:
    arn = key_arn("us-east-1", ACCOUNT, KEY_ID)
    assert str(missing_key("us-east-1", ACCOUNT, KEY_ID)) == (
        f"NotFoundException: Key '{arn}' does not exist"
    )
    assert str(missing_alias("us-east-1", ACCOUNT, "alias/a")) == (
        f"NotFoundException: Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/a is not found."
    )
    assert str(foreign_arn("eu-west-1")) == "NotFoundException: Invalid arn eu-west-1"


def test_every_region_has_three_zones_and_no_zone_two_regions() -> None:
    zones = [zone for found in REGIONS.values() for zone in found]
    assert all(len(found) >= 3 for found in REGIONS.values())
    assert len(set(zones)) == len(zones)
    assert REGIONS["us-east-1"][:3] == ("use1-az1", "use1-az2", "use1-az3")
    assert REGIONS["ap-northeast-1"] == ("apne1-az1", "apne1-az2", "apne1-az4")


def test_forms_are_told_apart() -> None:
    assert [is_account(text) for text in (ACCOUNT, "1", f"{ACCOUNT}\n")] == [True, False, False]
    assert [is_key_id(text) for text in (KEY_ID, MRK, KEY_ID.upper())] == [True, True, False]
    assert [is_reserved_alias(a) for a in ("alias/aws/s3", "alias/awsome")] == [True, False]
