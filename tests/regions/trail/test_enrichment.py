"""What enriched events say beside their record."""

import json
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from regions.calls import Connection
from regions.trail.enrichment import REQUEST_KEYS, event_context
from regions.trail.json_shape import CONTEXT_VERSION, MEMBER_MAX, json_text, large_json_text

OTHER = "444455556666"
TAGS = (("Environment", "prod"), ("team", "audit"))


def told(record: Any, *keys: str) -> dict[str, Any]:
    """Return the condition keys that an event tells."""
    context = event_context(record, (("RequestContext", keys),))
    assert context is not None
    assert context["tagContext"] == {}
    shown: dict[str, Any] = context["requestContext"]
    return shown


def tags(record: Any, *keys: str) -> dict[str, Any]:
    """Return the tags that an event tells."""
    context = event_context(record, (("TagContext", keys),))
    assert context is not None
    assert context["requestContext"] == {}
    shown: dict[str, Any] = context["tagContext"]
    return shown


def test_condition_keys_are_those_that_are_wanted_and_had_a_value(made: ModuleType) -> None:
    wanted = ("aws:ViaAWSService", "aws:username", "aws:PrincipalOrgID", "aws:TokenIssueTime")
    assert told(made.record(), *wanted) == {"aws:ViaAWSService": "false", "aws:username": "alice"}


def test_every_condition_key_of_a_session_reads_as_documented(made: ModuleType) -> None:
    since_ns = made.EPOCH_NS - 90 * 10**9
    caller = replace(made.ROLE, session_ns=since_ns, mfa_ns=since_ns, source_identity="alice")
    assert told(made.record(principal=caller), *REQUEST_KEYS) == {
        "aws:TokenIssueTime": "1767225510",
        "aws:MultiFactorAuthAge": "90",
        "aws:MultiFactorAuthPresent": "true",
        "aws:SourceIdentity": "alice",
        "aws:PrincipalAccount": made.ACCOUNT,
        "aws:PrincipalArn": f"arn:aws:iam::{made.ACCOUNT}:role/app",
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole",
        "aws:userid": "AROAEXAMPLE:session-1",
        "aws:RequestedRegion": "us-east-1",
        "aws:SecureTransport": "true",
        "aws:ViaAWSService": "false",
        "aws:CurrentTime": "2026-01-01 00:00:00",
        "aws:EpochTime": "1767225600",
    }


def test_plain_http_is_told_as_no_secure_transport(made: ModuleType) -> None:
    record = made.record(connection=Connection(host="127.0.0.1"))
    assert told(record, "aws:SecureTransport") == {"aws:SecureTransport": "false"}


@pytest.mark.parametrize(
    "change",
    [
        {"source": "s3.amazonaws.com"},  # It tells no condition keys.
        {"event_type": "AwsServiceEvent"},  # Nobody was authorized.
        {"recipient_account": OTHER},  # The owner of the key sees nothing of its user.
        {"addendum": "DELIVERY_DELAY"},  # Of late events nothing is found out.
    ],
    ids=lambda change: next(iter(change)),
)
def test_some_events_tell_no_condition_keys(made: ModuleType, change: dict[str, str]) -> None:
    assert told(made.record(**change), "aws:userid") == {}


def test_tags_of_resources_and_principal_are_chosen_by_one_list_of_keys(made: ModuleType) -> None:
    caller = replace(made.USER, tags=(("cost", "7"), ("team", "blue")))
    record = made.record(principal=caller, tagged=((made.KEY_ARN, TAGS),))
    assert tags(record, "team", "cost", "none") == {
        "resourceTags": [{"arn": made.KEY_ARN, "tags": {"team": "audit"}}],
        "principalTags": {"team": "blue", "cost": "7"},
    }
    assert tags(record, "none") == {}
    assert tags(record, "Team") == {}  # Keys of tags differ by their case.


def test_tags_stay_within_their_account_and_region(made: ModuleType) -> None:
    tagged = [made.KEY_ARN.replace("us-east-1", "eu-west-1"), made.KEY_ARN]
    record = made.record(
        principal=replace(made.USER, tags=TAGS), tagged=tuple((arn, TAGS) for arn in tagged)
    )
    near = [{"arn": made.KEY_ARN, "tags": {"team": "audit"}}]
    own = {"team": "audit"}
    assert tags(record, "team") == {"resourceTags": near, "principalTags": own}
    # The resource is another account's: each hears of its own.
    foreign = made.KEY_ARN.replace(made.ACCOUNT, OTHER)
    crossing = replace(record, tagged=((foreign, TAGS),))
    assert tags(crossing, "team") == {"principalTags": own}
    to_owner = replace(crossing, recipient_account=OTHER)
    assert tags(to_owner, "team") == {"resourceTags": [{"arn": foreign, "tags": own}]}


@pytest.mark.parametrize("change", [{"category": "Insight"}, {"raw": '{"eventID": "1"}'}])
def test_insights_and_recorded_activity_have_no_context(
    made: ModuleType, change: dict[str, str]
) -> None:
    assert event_context(made.record(**change), (("TagContext", ("team",)),)) is None


def test_context_stands_last_in_an_event_of_its_version(made: ModuleType) -> None:
    record = made.record()
    context = event_context(record, (("RequestContext", ("aws:ViaAWSService",)),))
    shape, plain = json.loads(large_json_text(record, context)), json.loads(json_text(record))
    assert shape == plain | {
        "eventVersion": CONTEXT_VERSION,
        "eventContext": {"requestContext": {"aws:ViaAWSService": "false"}, "tagContext": {}},
    }
    assert list(shape) == [*plain, "eventContext"]
    assert large_json_text(record) == json_text(record)


# Large events.


def test_a_large_event_is_whole_up_to_one_megabyte(made: ModuleType) -> None:
    record = made.record(
        user_agent="u" * 2000,
        request_parameters={"x": "p" * 500_000},
        response_elements={"x": "r" * 500_000},
        additional={"x": "a" * 30_000},
    )
    shape = json.loads(large_json_text(record))
    assert shape["userAgent"] == record.user_agent
    assert shape["requestParameters"] == record.request_parameters
    assert shape["responseElements"] == record.response_elements
    assert shape["additionalEventData"] == record.additional


def test_members_of_an_event_above_one_megabyte_are_cut_one_by_one(made: ModuleType) -> None:
    record = made.record(
        user_agent="u" * 2000,
        error_code="X",
        error_message="m" * 3000,
        request_parameters={"x": "p" * 900_000},
        response_elements={"x": "r" * 100_000},
        additional={"x": "a" * 60_000},
    )
    text = large_json_text(record, {"requestContext": {"aws:userid": "A"}, "tagContext": {}})
    assert len(text) <= 1024 * 1024
    shape = json.loads(text)
    # The first that is too large goes, and that is enough: what follows is whole.
    assert shape["additionalEventData"]["omitted"] == "true"
    assert (shape["userAgent"], shape["errorMessage"]) == ("u" * 2000, "m" * 3000)
    assert shape["eventContext"]["requestContext"] == {"aws:userid": "A"}
    assert shape["responseElements"] == record.response_elements


def test_a_member_within_its_limit_stays_however_large_the_event(made: ModuleType) -> None:
    small = {"x": "r" * 90_000}
    record = made.record(request_parameters={"x": "p" * 2_000_000}, response_elements=small)
    context = {"requestContext": {}, "tagContext": {"principalTags": {"team": "blue"}}}
    shape = json.loads(large_json_text(record, context))
    assert shape["responseElements"] == small
    assert [name for name, value in shape.items() if "omitted" in str(value)[:90]] == [
        "requestParameters",
        "eventContext",
    ]
    assert list(MEMBER_MAX)[5:8] == ["eventContext", "responseElements", "requestParameters"]
