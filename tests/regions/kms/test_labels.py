"""What hangs on keys beside grants: aliases that go, descriptions, tags, names of policies."""

import json
import re
from typing import Any

import pytest

from regions.errors import (
    AccessDeniedException,
    InvalidMarkerException,
    KMSInvalidStateException,
    NotAuthorizedException,
    NotFoundException,
    TagException,
    ValidationException,
)

ARN = "arn:aws:kms:us-east-1:111122223333:"


def refused(text: str) -> str:
    """A pattern for exactly this text, as str(ServiceError) shows it behind the code."""
    return f"^[A-Za-z]+: {re.escape(text)}$"


def tags(**values: str) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in values.items()]


def test_a_deleted_alias_names_nothing_and_its_key_stays(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)
    assert desk.call("DeleteAlias", AliasName="alias/app") == {}
    record = desk.records[-1]
    assert record.request_parameters == {"aliasName": "alias/app"}
    assert [one.arn for one in record.resources] == [f"{ARN}alias/app", f"{ARN}key/{key_id}"]
    assert desk.call("ListAliases")["Aliases"] == ()
    missing = refused(f"Alias {ARN}alias/app is not found.")
    with pytest.raises(NotFoundException, match=missing):
        desk.call("DeleteAlias", AliasName="alias/app")
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)  # The name is free.
    assert desk.keyring.digest() == desk.twin.digest()


def test_an_alias_that_goes_meanwhile_is_not_found(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)
    desk.before_commit = lambda: desk.call("DeleteAlias", AliasName="alias/app")
    with pytest.raises(NotFoundException):
        desk.call("DeleteAlias", AliasName="alias/app")


def test_a_condemned_key_loses_its_alias_all_the_same(desk: Any) -> None:
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)
    desk.call("ScheduleKeyDeletion", KeyId=key_id)
    desk.call("DeleteAlias", AliasName="alias/app")


def test_only_a_customers_own_alias_can_be_deleted(desk: Any) -> None:
    desk.call("DescribeKey", KeyId="alias/aws/s3")
    with pytest.raises(NotAuthorizedException):
        desk.call("DeleteAlias", AliasName="alias/aws/s3")
    with pytest.raises(ValidationException):
        desk.call("DeleteAlias", AliasName="app")


def test_both_the_alias_and_its_key_must_allow_that_it_goes(desk: Any, kit: Any) -> None:
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)

    def holder(*resources: str) -> Any:
        entry = {"Effect": "Allow", "Action": "kms:DeleteAlias", "Resource": list(resources)}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [entry]})
        return kit.user("ben", policy=policy)

    both = [f"{ARN}alias/app", f"{ARN}key/{key_id}"]
    for one in both:
        with pytest.raises(AccessDeniedException):
            desk.call("DeleteAlias", holder(one), AliasName="alias/app")
    desk.call("DeleteAlias", holder(*both), AliasName="alias/app")


def test_a_description_is_replaced(desk: Any) -> None:
    key_id = desk.create_key(Description="old")
    assert desk.call("UpdateKeyDescription", KeyId=key_id, Description="new") == {}
    assert desk.records[-1].request_parameters == {"keyId": key_id, "description": "new"}
    described = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
    assert described["Description"] == "new"
    assert desk.keyring.digest() == desk.twin.digest()


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("UpdateKeyDescription", {"Description": "late"}),
        ("TagResource", {"Tags": tags(a="b")}),
        ("UntagResource", {"TagKeys": ["a"]}),
    ],
)
def test_a_condemned_key_takes_no_labels(
    desk: Any, action: str, parameters: dict[str, Any]
) -> None:
    key_id = desk.create_key()
    pending = refused(f"{ARN}key/{key_id} is pending deletion.")
    # Also when it is condemned while the change is under way.
    desk.before_commit = lambda: desk.call("ScheduleKeyDeletion", KeyId=key_id)
    for _ in range(2):
        with pytest.raises(KMSInvalidStateException, match=pending):
            desk.call(action, KeyId=key_id, **parameters)


def test_a_key_has_exactly_one_policy_name(desk: Any) -> None:
    key_id = desk.create_key()
    listed = {"PolicyNames": ("default",), "Truncated": False}
    assert desk.call("ListKeyPolicies", KeyId=key_id) == listed
    with pytest.raises(InvalidMarkerException):
        desk.call("ListKeyPolicies", KeyId=key_id, Marker="x")


def test_tags_are_set_replaced_and_removed(desk: Any) -> None:
    key_id = desk.create_key(Tags=tags(team="hr", cost="7"))
    assert desk.call("TagResource", KeyId=key_id, Tags=tags(cost="8", app="pay")) == {}
    record = desk.records[-1].request_parameters
    assert record == {
        "keyId": key_id,
        "tags": ({"tagKey": "cost", "tagValue": "8"}, {"tagKey": "app", "tagValue": "pay"}),
    }
    listed = {"Tags": tuple(tags(app="pay", cost="8", team="hr")), "Truncated": False}
    assert desk.call("ListResourceTags", KeyId=key_id) == listed
    assert desk.call("UntagResource", KeyId=key_id, TagKeys=["team", "nobody"]) == {}
    assert desk.records[-1].request_parameters == {"keyId": key_id, "tagKeys": ("team", "nobody")}
    left = desk.call("ListResourceTags", KeyId=key_id)["Tags"]
    assert left == tuple(tags(app="pay", cost="8"))
    assert desk.keyring.digest() == desk.twin.digest()


def test_tags_are_listed_by_page(desk: Any) -> None:
    names = sorted(f"t{number}" for number in range(50))
    key_id = desk.create_key(Tags=[{"TagKey": name, "TagValue": ""} for name in names])
    seen: list[str] = []
    marker: dict[str, str] = {}
    while True:
        page = desk.call("ListResourceTags", KeyId=key_id, Limit=20, **marker)
        seen += [tag["TagKey"] for tag in page["Tags"]]
        if not page["Truncated"]:
            break
        marker = {"Marker": page["NextMarker"]}
    assert seen == names


FULL = [{"TagKey": f"t{number}", "TagValue": ""} for number in range(50)]


@pytest.mark.parametrize(
    ("action", "parameters", "text"),
    [
        ("TagResource", {"Tags": tags(one="more")}, "Too many tags"),
        ("TagResource", {"Tags": tags(t1="x") * 2}, "Duplicate tag keys"),
        (
            "TagResource",
            {"Tags": [{"TagKey": "AWS:x", "TagValue": ""}]},
            "Tags beginning with aws: are reserved",
        ),
        ("UntagResource", {"TagKeys": ["aws:x"]}, "Tags beginning with aws: are reserved"),
    ],
)
def test_tags_that_no_key_takes_are_refused(
    desk: Any, action: str, parameters: dict[str, Any], text: str
) -> None:
    room = {"Too many tags": FULL}.get(text, tags(t1=""))
    key_id = desk.create_key(Tags=room)
    with pytest.raises(TagException, match=refused(text)):
        desk.call(action, KeyId=key_id, **parameters)
    assert desk.call("TagResource", KeyId=key_id, Tags=tags(t1="other")) == {}  # no more than were


def test_tags_that_came_meanwhile_count(desk: Any) -> None:
    key_id = desk.create_key(Tags=FULL[:49])
    desk.before_commit = lambda: desk.call("TagResource", KeyId=key_id, Tags=tags(a=""))
    with pytest.raises(TagException, match=refused("Too many tags")):
        desk.call("TagResource", KeyId=key_id, Tags=tags(b=""))
