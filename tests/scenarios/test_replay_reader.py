"""Reading CloudTrail records: what is issued again, what passes through, what is left out."""

import copy
import itertools
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions.calls import Connection, Principal
from regions.trail.activity import activity
from scenarios.result import Skipped
from scenarios.workloads.replay_events import ACTIONS, Origin, build
from scenarios.workloads.replay_identity import service_of_context, via_service
from scenarios.workloads.replay_reader import (
    Replay,
    ReplayCall,
    ReplayKey,
    read_folder,
)

Record = dict[str, Any]

REAL_LOGS = Path(__file__).parents[3] / "shared" / "data" / "cloudtrail-2023"
ACCOUNT = "111122223333"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0987dcba-09fe-87dc-65ba-ab0987654321"
#: 2023-07-10T11:57:49Z.
NOON_NS = 1_688_990_269_000_000_000

USER: Record = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "accountId": ACCOUNT,
    "accessKeyId": "AKIAEXAMPLE",
    "userName": "alice",
}
ids = itertools.count()


def record(**changes: Any) -> Record:
    """Return an Encrypt by alice under the alias ``alias/app``, with some fields changed."""
    return {
        "eventVersion": "1.08",
        "userIdentity": USER,
        "eventTime": "2023-07-10T11:57:49Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Encrypt",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2",
        "requestParameters": {"keyId": "alias/app", "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        "responseElements": None,
        "requestID": "r",
        "eventID": f"event-{next(ids)}",
        "readOnly": True,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY}],
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        **changes,
    }


def replay_of(*records: Record) -> Replay:
    numbered = ((Origin(file="f.json", index=n), entry) for n, entry in enumerate(records))
    return build(source="logs", files=1, records=numbered)


def only_call(entry: Record) -> ReplayCall:
    replay = replay_of(entry)
    assert replay.skipped == ()
    (call,) = replay.calls
    return call


def skipped(entry: Record) -> str:
    replay = replay_of(entry)
    assert replay.calls == ()
    (row,) = replay.skipped
    return row.reason


def test_a_call_keeps_its_time_place_caller_and_parameters() -> None:
    entry = record(requestParameters={"keyId": "alias/app", "encryptionContext": {"a": "b"}})
    assert only_call(entry) == ReplayCall(
        time_ns=NOON_NS,
        region="us-east-1",
        action="Encrypt",
        parameters={"EncryptionContext": {"a": "b"}, "KeyId": "alias/app"},
        key_arn=KEY,
        principal=Principal(
            kind="IAMUser",
            account=ACCOUNT,
            arn=f"arn:aws:iam::{ACCOUNT}:user/alice",
            principal_id="AIDAEXAMPLE",
            user_name="alice",
            access_key_id="AKIAEXAMPLE",
        ),
        source_ip="192.0.2.1",
        user_agent="aws-cli/2",
        error_code="",
        event_id=entry["eventID"],
    )


def test_a_call_keeps_how_it_came() -> None:
    """CT-03: host, TLS, and whether by the console."""
    tls = {
        "tlsVersion": "TLSv1.2",
        "cipherSuite": "ECDHE-RSA-AES128-GCM-SHA256",
        "clientProvidedHostHeader": "kms.us-east-1.amazonaws.com",
    }
    assert only_call(record(tlsDetails=tls, sessionCredentialFromConsole="true")).connection == (
        Connection(
            host="kms.us-east-1.amazonaws.com",
            tls_version="TLSv1.2",
            cipher_suite="ECDHE-RSA-AES128-GCM-SHA256",
            console=True,
        )
    )
    assert only_call(record(tlsDetails=[7])).connection == Connection()


def test_an_assumed_role_keeps_its_issuer_and_a_service_its_name() -> None:
    issuer = {
        "type": "Role",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "userName": "app",
        "accountId": ACCOUNT,
    }
    role = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:session",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"sessionIssuer": issuer, "attributes": {}},
    }
    assert only_call(record(userIdentity=role)).principal == Principal(
        kind="AssumedRole",
        account=ACCOUNT,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/session",
        principal_id="AROAEXAMPLE:session",
        user_name="app",
        access_key_id="ASIAEXAMPLE",
        issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/app",
    )
    service = {"type": "AWSService", "invokedBy": "dynamodb.amazonaws.com"}
    assert only_call(record(userIdentity=service)).principal == Principal(
        kind="AWSService",
        account=ACCOUNT,
        arn="",
        invoked_by="dynamodb.amazonaws.com",
        via_service="dynamodb",
    )


@pytest.mark.parametrize(
    ("context", "service"),
    [
        ({"PARAMETER_ARN": "arn:aws:ssm:us-east-1:1:parameter/p"}, "ssm"),
        ({"SecretARN": "arn:aws:secretsmanager:us-east-1:1:secret:s", "SecretVersionId": "v"},
         "secretsmanager"),
        ({"aws:s3:arn": "arn:aws:s3:::bucket/key"}, "s3"),
        ({"aws:ebs:id": "vol-1"}, "ec2"),
        ({"aws:cloudtrail:arn": "arn:aws:cloudtrail:us-east-1:1:trail/t", "aws:s3:arn": "b"},
         "cloudtrail"),
        ({"aws:dynamodb:subscriberId": "1", "aws:dynamodb:tableName": "t"}, "dynamodb"),
        ({"aws:lambda:FunctionArn": "arn:aws:lambda:us-east-1:1:function:f"}, "lambda"),
        ({"anything": "arn:aws:sqs:us-east-1:1:queue"}, "sqs"),
        ({"stage": "test"}, "internal"),
        ({}, "internal"),
    ],
)  # fmt: skip
def test_behind_aws_internal_the_context_names_the_service(
    context: dict[str, str], service: str
) -> None:
    assert service_of_context(context) == service
    assert via_service("AWS Internal", context) == service


def test_invoked_by_names_the_service_before_the_context_does() -> None:
    context = {"PARAMETER_ARN": "arn:aws:ssm:us-east-1:1:parameter/p"}
    assert via_service("secretsmanager.amazonaws.com", context) == "secretsmanager"
    assert via_service("delivery.logs.amazonaws.com", {}) == "logs"
    assert via_service("", context) == ""


def test_a_refused_call_recorded_without_parameters_names_its_key_by_the_refusal() -> None:
    entry = record(
        requestParameters=None,
        resources=[],
        errorCode="AccessDenied",
        errorMessage=f"User: x is not authorized to perform: kms:Encrypt on resource: {KEY} as",
    )
    call = only_call(entry)
    assert (call.parameters, call.key_arn) == ({"KeyId": KEY}, KEY)
    assert call.error_code == "AccessDenied"


def test_a_decrypt_without_a_key_id_finds_its_key_among_the_resources() -> None:
    entry = record(eventName="Decrypt", requestParameters={"encryptionContext": {"a": "b"}})
    call = only_call(entry)
    assert (call.parameters, call.key_arn) == ({"EncryptionContext": {"a": "b"}}, KEY)


def test_a_reencrypt_names_the_source_first_and_the_destination_second() -> None:
    entry = record(
        eventName="ReEncrypt",
        requestParameters={"destinationKeyId": "alias/new", "sourceEncryptionContext": {"a": "b"}},
        resources=[{"ARN": KEY}, {"ARN": OTHER_KEY}],
    )
    call = only_call(entry)
    assert (call.key_arn, call.destination_arn) == (KEY, OTHER_KEY)
    assert replay_of(entry).keys == (
        ReplayKey(
            arn=OTHER_KEY, region="us-east-1", account=ACCOUNT, aliases=("alias/new",)
        ),
        ReplayKey(arn=KEY, region="us-east-1", account=ACCOUNT),
    )


def test_keys_and_aliases_that_the_log_takes_for_granted_are_listed_once() -> None:
    managed = record(
        requestParameters={"keyId": "alias/aws/ssm"}, resources=[{"ARN": OTHER_KEY}]
    )
    by_arn = record(requestParameters={"keyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/second"})
    missing = record(
        requestParameters={"keyId": "alias/none"}, resources=[], errorCode="NotFoundException"
    )
    assert replay_of(record(), record(), by_arn, managed, missing).keys == (
        ReplayKey(arn=OTHER_KEY, region="us-east-1", account=ACCOUNT, managed_by="ssm"),
        ReplayKey(
            arn=KEY, region="us-east-1", account=ACCOUNT, aliases=("alias/app", "alias/second")
        ),
    )


def test_a_key_and_an_alias_that_the_log_creates_are_not_taken_for_granted() -> None:
    created = record(
        eventName="CreateKey",
        requestParameters={
            "description": "d",
            "keySpec": "SYMMETRIC_DEFAULT",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        },
        responseElements={"keyMetadata": {"arn": KEY}},
    )
    named = record(
        eventName="CreateAlias", requestParameters={"aliasName": "alias/app", "targetKeyId": KEY}
    )
    replay = replay_of(created, named, record())
    assert replay.calls[0].created_arn == KEY
    assert replay.calls[0].parameters == {"Description": "d", "KeySpec": "SYMMETRIC_DEFAULT"}
    assert replay.keys == (
        ReplayKey(
            arn=KEY, region="us-east-1", account=ACCOUNT, created_by=created["eventID"], aliases=()
        ),
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eventName": "Sign"}, "action not modelled"),
        ({"eventName": "RotateKey", "eventType": "AwsServiceEvent"}, "made by KMS itself"),
        ({"requestParameters": {}, "resources": []}, "requestParameters lack KeyId"),
        (
            {"eventName": "Decrypt", "requestParameters": None, "resources": None},
            "no key is named",
        ),
        ({"userIdentity": None}, "userIdentity is missing"),
        ({"userIdentity": {**USER, "type": "SAMLUser"}}, ("principals of type SAMLUser are not"
         " modelled")),
        ({"userIdentity": {"type": "AWSAccount", "accountId": ACCOUNT}},
         "the key owner's copy of another account's call"),
        ({"userIdentity": {**USER, "accountId": "12"}}, "accountId is not twelve digits"),
        ({"awsRegion": None}, "awsRegion is missing"),
        ({"awsRegion": "mars-north-1"}, "awsRegion is no region that we know"),
        ({"eventID": 7}, "eventID is missing"),
        ({"eventName": ""}, "eventName is missing"),
        ({"eventSource": None}, "eventSource is missing"),
        ({"requestParameters": {"keyId": 7}}, "KeyId is not text"),
        (
            {"requestParameters": {"keyId": KEY, "encryptionContext": {"a": 1}}},
            "EncryptionContext is not a map of text to text",
        ),
        (
            {"eventName": "GenerateRandom", "requestParameters": {"numberOfBytes": 2**64}},
            "NumberOfBytes is not an integer",
        ),
        (
            {"resources": [{"ARN": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-{'0a' * 16}"}]},
            "multi-Region keys are not modelled",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_counted_with_its_reason(
    changes: Record, reason: str
) -> None:
    assert skipped(record(**changes)) == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"userIdentity": None},
        {"userIdentity": {"sessionContext": None}},
        {"userIdentity": {"sessionContext": {"sessionIssuer": "x"}}},
        {"userIdentity": {"arn": None}},
        {"resources": "x"},
        {"resources": ["x"]},
        {"eventType": None},
        {"userAgent": 7},
    ],
)
def test_an_event_that_trails_could_not_take_is_counted(changes: Record) -> None:
    entry = record(eventSource="s3.amazonaws.com", **changes)
    assert skipped(entry) == "a field has another type than events have"


def test_reasons_come_by_falling_count_with_a_few_examples() -> None:
    signs = [record(eventName=name) for name in ("Sign", "Sign", "Verify", "CreateGrant")]
    twice = record()
    replay = replay_of(*signs, twice, copy.deepcopy(twice))
    assert len(replay.calls) == 1
    assert replay.skipped == (
        Skipped(reason="action not modelled", count=4, examples=("Sign", "Verify", "CreateGrant")),
        Skipped(reason="delivered twice, same eventID", count=1, examples=("Encrypt",)),
    )


def test_other_services_pass_through_whole() -> None:
    entry = record(eventSource="ssm.amazonaws.com", eventName="GetParameter")
    replay = replay_of(entry)
    assert (replay.calls, replay.keys, replay.skipped) == ((), (), ())
    (event,) = replay.activity
    assert (event.source, event.name) == ("ssm.amazonaws.com", "GetParameter")
    assert event.record == entry


times = st.integers(min_value=0, max_value=20)


@given(st.lists(st.tuples(times, st.booleans()), max_size=12))
def test_calls_come_in_order_of_time_and_then_of_their_place(
    events: list[tuple[int, bool]],
) -> None:
    records = [
        record(
            eventTime=f"2023-07-10T00:00:{second:02}Z",
            eventSource="kms.amazonaws.com" if is_kms else "s3.amazonaws.com",
            eventID=f"{place}",
        )
        for place, (second, is_kms) in enumerate(events)
    ]
    replay = replay_of(*records)
    for items, wanted in ((replay.calls, True), (replay.activity, False)):
        order = [(second, place) for place, (second, kms) in enumerate(events) if kms == wanted]
        assert [item.event_id for item in items] == [str(place) for _, place in sorted(order)]
    assert replay.records == len(events)
    seconds = [second for second, _ in events]
    assert replay.span_ns == (max(seconds, default=0) - min(seconds, default=0)) * 10**9


texts = st.sampled_from(["", "x", "12", KEY, "alias/app", "arn:::::", "us-east-1", "AssumedRole"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["ARN", "type", "accountId", "a:b:c"]), inner)
    ),
    max_leaves=6,
)
field_names = st.sampled_from([*record(), "errorCode", "errorMessage"])
parameter_names = st.sampled_from(["keyId", "encryptionContext", "numberOfBytes", "policy"])


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(ACTIONS)),
    st.dictionaries(field_names.filter(lambda name: name != "eventTime"), json_values, max_size=4),
    st.dictionaries(parameter_names, json_values, max_size=3),
)
def test_any_json_in_a_record_is_replayed_passed_on_or_counted(
    action: str, changes: Record, parameters: Record
) -> None:
    entry = record(
        **{"eventName": action, "requestParameters": {"keyId": KEY, **parameters}, **changes}
    )
    replay = replay_of(entry)
    counted = sum(row.count for row in replay.skipped)
    assert len(replay.calls) + len(replay.activity) + counted == 1
    for event in replay.activity:
        activity(event.record, time_ns=NOON_NS)  # trails can take what passes through


@pytest.mark.skipif(not REAL_LOGS.is_dir(), reason=f"{REAL_LOGS} is not on this machine")
class TestRealLogs:
    def test_every_kms_call_of_the_real_files_can_be_replayed(self) -> None:
        replay = read_folder(REAL_LOGS)
        assert (replay.files, replay.records, len(replay.calls)) == (13, 954, 186)
        assert Counter((call.action, call.principal.via_service) for call in replay.calls) == {
            ("Decrypt", "ssm"): 84,
            ("Encrypt", "ssm"): 42,
            ("Decrypt", "secretsmanager"): 40,
            ("GenerateDataKey", "secretsmanager"): 20,
        }
        assert replay.skipped == ()
        assert (replay.regions, replay.accounts) == (("us-east-1",), ("123837392027",))
        assert replay.span_ns == 1_359 * 10**9
        assert replay.first_call_ns == NOON_NS
        assert replay.last_call_ns == NOON_NS + 39 * 10**9
        assert [(key.managed_by, key.created_by, key.aliases) for key in replay.keys] == [
            ("ssm", "", ()),
            ("secretsmanager", "", ()),
        ]

    def test_every_other_event_of_the_real_files_passes_through(self) -> None:
        replay = read_folder(REAL_LOGS)
        by_source = Counter(event.source for event in replay.activity)
        assert by_source["ssm.amazonaws.com"] == 245
        assert sum(by_source.values()) == 954 - 186

    def test_the_real_calls_come_out_the_same_however_the_records_lie(self) -> None:
        records = [
            entry
            for path in sorted(REAL_LOGS.glob("*.json"))
            for entry in json.loads(path.read_bytes())["Records"]
        ]
        shuffled = random.Random(7).sample(records, len(records))
        first, second = replay_of(*records), replay_of(*shuffled)
        assert first.keys == second.keys

        def by_time_and_id(replay: Replay) -> list[ReplayCall]:
            return sorted(replay.calls, key=lambda call: (call.time_ns, call.event_id))

        assert by_time_and_id(first) == by_time_and_id(second)
