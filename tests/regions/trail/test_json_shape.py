"""One record as JSON."""

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from regions.calls import Connection, Principal
from regions.trail.activity import activity
from regions.trail.json_shape import json_text, to_json
from regions.trail.messages import RECORD_CODEC
from sim.units import seconds

SHARED = Path(__file__).parents[4] / "shared" / "data" / "cloudtrail-2023"


def real_records() -> list[dict[str, Any]]:
    files = sorted(SHARED.glob("*.json"))
    if not files:
        pytest.skip(f"no real CloudTrail files in {SHARED}")
    return [event for file in files for event in json.loads(file.read_text())["Records"]]


def test_a_record_has_the_whole_shape_of_a_real_one(made: ModuleType) -> None:
    """CT-08, CT-09, CT-10: who did what to which resource, when, where and how."""
    shape = to_json(made.record(7, time_ns=made.EPOCH_NS + seconds(61.9)))
    assert shape == {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLE",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLE",
            "userName": "alice",
        },
        "eventTime": "2026-01-01T00:01:01Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Encrypt",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "nines/1",
        "requestParameters": {
            "keyId": "alias/app",
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        },
        "responseElements": None,
        "requestID": "00000007-1111-4000-8000-000000000000",
        "eventID": "00000007-0000-4000-8000-000000000000",
        "readOnly": True,
        "resources": [{"accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": made.KEY_ARN}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": "kms.us-east-1.amazonaws.com",
        },
    }


def test_keys_stand_in_the_order_of_real_records(made: ModuleType) -> None:
    real = [r for r in real_records() if r["eventSource"] == "kms.amazonaws.com"]
    through = replace(made.USER, invoked_by="ssm.amazonaws.com")
    ours = list(to_json(made.record(principal=through)))
    assert ours in [[key for key in event if key != "vpcEndpointId"] for event in real]
    failed = next(r for r in real_records() if "errorCode" in r and "resources" in r)
    ours = list(to_json(made.record(error_code="AccessDenied", error_message="no", additional={})))
    assert ours == [key for key in failed if key != "vpcEndpointId"]


@pytest.mark.parametrize("kind", ["user", "user-by-service", "role", "role-by-service", "service"])
def test_identities_tell_users_roles_and_services_apart(made: ModuleType, kind: str) -> None:
    """CT-02: a user, an assumed role, an AWS service, and a service acting for either."""
    by = {"invoked_by": "ssm.amazonaws.com"} if kind.endswith("-by-service") else {}
    base = {"user": made.USER, "role": made.ROLE, "service": made.SERVICE}[kind.partition("-")[0]]
    identity = to_json(made.record(principal=replace(base, **by)))["userIdentity"]
    user = {
        "type": "IAMUser",
        "principalId": "AIDAEXAMPLE",
        "arn": "arn:aws:iam::111122223333:user/alice",
        "accountId": "111122223333",
        "accessKeyId": "AKIAEXAMPLE",
        "userName": "alice",
    }
    role = {
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:session-1",
        "arn": "arn:aws:sts::111122223333:assumed-role/app/session-1",
        "accountId": "111122223333",
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": "AROAEXAMPLE",
                "arn": "arn:aws:iam::111122223333:role/app",
                "accountId": "111122223333",
                "userName": "app",
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"},
        },
    }
    # A service that acts for a user does so in a session that is made for the call.
    made_for_it = {**role["sessionContext"], "sessionIssuer": {}}
    expected = {
        "user": user,
        "user-by-service": {
            **user,
            "sessionContext": made_for_it,
            "invokedBy": "ssm.amazonaws.com",
        },
        "role": role,
        "role-by-service": {**role, "invokedBy": "ssm.amazonaws.com"},
        "service": {"type": "AWSService", "invokedBy": "ssm.amazonaws.com"},
    }[kind]
    assert identity == expected
    assert list(identity) == list(expected)


def test_an_event_of_the_service_itself_has_no_type_and_no_request(made: ModuleType) -> None:
    shape = to_json(
        made.record(
            name="RotateKey",
            request_id="",
            event_type="AwsServiceEvent",
            principal=replace(made.SERVICE, invoked_by="AWS Internal"),
            request_parameters=None,
            read_only=False,
            service_event={"keyId": "1234"},
        )
    )
    assert shape["userIdentity"] == {"accountId": made.ACCOUNT, "invokedBy": "AWS Internal"}
    assert "requestID" not in shape
    assert shape["requestParameters"] is None
    assert shape["serviceEventDetails"] == {"keyId": "1234"}


def test_a_failed_call_carries_its_error_and_the_callers_request_id(made: ModuleType) -> None:
    """CT-14."""
    failed = made.record(9, error_code="AccessDenied", error_message='not "authorized"\n')
    shape = to_json(failed)
    assert (shape["errorCode"], shape["errorMessage"]) == ("AccessDenied", 'not "authorized"\n')
    assert shape["requestID"] == failed.request_id


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        (
            "Root",
            {"arn": "arn:aws:iam::111122223333:root", "principal_id": "111122223333"},
            {
                "type": "Root",
                "principalId": "111122223333",
                "arn": "arn:aws:iam::111122223333:root",
                "accountId": "111122223333",
            },
        ),
        (
            "FederatedUser",
            {
                "arn": "arn:aws:sts::111122223333:federated-user/ana",
                "principal_id": "111122223333:ana",
                "access_key_id": "ASIAEXAMPLE",
                "issuer_arn": "arn:aws:iam::111122223333:user/broker",
                "session_ns": 1_767_225_600 * 10**9,
            },
            {
                "type": "FederatedUser",
                "principalId": "111122223333:ana",
                "arn": "arn:aws:sts::111122223333:federated-user/ana",
                "accountId": "111122223333",
                "accessKeyId": "ASIAEXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "IAMUser",
                        "arn": "arn:aws:iam::111122223333:user/broker",
                        "accountId": "111122223333",
                        "userName": "broker",
                    },
                    "webIdFederationData": {},
                    "attributes": {
                        "creationDate": "2026-01-01T00:00:00Z",
                        "mfaAuthenticated": "false",
                    },
                },
            },
        ),
        (
            "AWSAccount",
            {"arn": "", "principal_id": "AIDAEXAMPLE"},
            {"type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "111122223333"},
        ),
        (
            "Anonymous",
            {"arn": "", "account": ""},
            {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"},
        ),
        (
            "WebIdentityUser",
            {
                "arn": "",
                "principal_id": "accounts.google.com:an-app:a-user",
                "user_name": "a-user",
            },
            {
                "type": "WebIdentityUser",
                "principalId": "accounts.google.com:an-app:a-user",
                "userName": "a-user",
                "identityProvider": "accounts.google.com",
            },
        ),
        (
            "SAMLUser",
            {"arn": "", "principal_id": "SbdGOnUkh1i4:ana", "user_name": "ana"},
            {
                "type": "SAMLUser",
                "principalId": "SbdGOnUkh1i4:ana",
                "userName": "ana",
                "identityProvider": "SbdGOnUkh1i4",
            },
        ),
        (
            "Unknown",
            {"arn": "", "access_key_id": "AKIAWHO"},
            {"type": "Unknown", "accountId": "111122223333", "accessKeyId": "AKIAWHO"},
        ),
    ],
)
def test_every_type_of_identity_has_its_own_members_in_order(
    made: ModuleType, kind: str, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    """CT-02, CT-08."""
    principal = Principal(**{"kind": kind, "account": made.ACCOUNT, **fields})
    identity = to_json(made.record(principal=principal, recipient_account="1"))["userIdentity"]
    assert json.dumps(identity) == json.dumps(expected)


def test_clients_are_told_apart_by_how_they_came(made: ModuleType) -> None:
    """CT-03: console, command line, SDK and services, by agent, address, session and TLS."""
    console = Connection(host="kms.us-east-1.amazonaws.com", console=True)
    plain = Connection(host="localhost:4599")
    secure = Connection(
        host="127.0.0.1", tls_version="TLSv1.2", cipher_suite="ECDHE-RSA-AES128-SHA"
    )
    told = [
        {key: shape[key] for key in ("tlsDetails", "sessionCredentialFromConsole") if key in shape}
        for shape in (
            to_json(made.record(connection=console)),
            to_json(made.record(connection=plain)),
            to_json(made.record(connection=secure)),
            to_json(made.record(connection=Connection())),
            to_json(made.record(principal=made.SERVICE)),
        )
    ]
    assert told == [
        {
            "tlsDetails": {"clientProvidedHostHeader": "kms.us-east-1.amazonaws.com"},
            "sessionCredentialFromConsole": "true",
        },
        {"tlsDetails": {"clientProvidedHostHeader": "localhost:4599"}},
        {
            "tlsDetails": {
                "tlsVersion": "TLSv1.2",
                "cipherSuite": "ECDHE-RSA-AES128-SHA",
                "clientProvidedHostHeader": "127.0.0.1",
            }
        },
        {},
        {},
    ]


def test_every_optional_member_stands_where_real_records_have_it(made: ModuleType) -> None:
    shape = to_json(
        made.record(
            source="logs.amazonaws.com",
            error_code="X",
            error_message="x",
            additional={"a": 1},
            service_event={"b": 2},
            shared_event_id="71797d26-1286-4204-81d4-cbcce8819672",
            addendum="DELIVERY_DELAY",
            connection=Connection(host="h", console=True),
        )
    )
    assert list(shape) == [
        *("eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion"),
        *("sourceIPAddress", "userAgent", "errorCode", "errorMessage", "requestParameters"),
        *("responseElements", "additionalEventData", "requestID", "eventID", "readOnly"),
        *("resources", "eventType", "apiVersion", "managementEvent", "recipientAccountId"),
        *("sharedEventID", "serviceEventDetails", "eventCategory", "addendum", "tlsDetails"),
        "sessionCredentialFromConsole",
    ]
    assert shape["addendum"] == {"reason": "DELIVERY_DELAY"}
    assert shape["apiVersion"] == "20140328"


def test_long_texts_are_cut_and_long_parts_give_way_to_their_size(made: ModuleType) -> None:
    shape = to_json(
        made.record(
            user_agent="u" * 2000,
            error_code="X",
            error_message="m" * 2000,
            request_parameters={"x": "p" * 110_000},
            response_elements={"x": "p" * 100},
            additional={"x": "p" * 30_000},
        )
    )
    assert shape["userAgent"] == "u" * 1024
    assert shape["errorMessage"] == "m" * 1024
    assert shape["requestParameters"] == {
        "reason": "requestParameters too large",
        "omitted": "true",
        "originalSize": "110008",
    }
    assert shape["responseElements"] == {"x": "p" * 100}
    assert shape["additionalEventData"]["reason"] == "additionalEventData too large"


def test_an_event_of_many_large_parts_stays_within_its_limit(made: ModuleType) -> None:
    large = {"x": "p" * 100_000}
    parts = {"request_parameters": large, "response_elements": large, "service_event": large}
    text = json_text(made.record(**parts))
    assert len(text) <= 256 * 1024
    shape = json.loads(text)
    kept = [name for name in ("requestParameters", "serviceEventDetails") if shape[name] == large]
    assert kept == ["requestParameters", "serviceEventDetails"]
    assert shape["responseElements"]["omitted"] == "true"


def test_the_callers_policies_never_show(made: ModuleType) -> None:
    policies = ('{"Statement": "secret-policy"}',)
    text = json_text(made.record(principal=replace(made.USER, policies=policies)))
    assert "secret-policy" not in text


def test_recorded_activity_keeps_every_field_but_the_time(made: ModuleType) -> None:
    for event in real_records():
        taken = activity(event, time_ns=made.EPOCH_NS)
        shape = to_json(taken)
        assert shape == {**event, "eventTime": "2026-01-01T00:00:00Z"}
        assert list(shape) == list(event)
        assert (taken.event_id, taken.region) == (event["eventID"], event["awsRegion"])
        assert RECORD_CODEC.decode(RECORD_CODEC.encode(taken)) == taken


def test_a_session_tells_when_it_began_and_who_is_behind_it(made: ModuleType) -> None:
    principal = replace(
        made.record().principal, session_ns=made.EPOCH_NS, mfa_ns=1, source_identity="ana"
    )
    begun = {
        "sessionIssuer": {},
        "webIdFederationData": {},
        "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "true"},
        "sourceIdentity": "ana",
    }
    shape = to_json(made.record(principal=principal, time_ns=made.EPOCH_NS + seconds(61)))
    assert shape["userIdentity"]["sessionContext"] == begun
    role = replace(
        principal, kind="AssumedRole", principal_id="AROA1:s", issuer_arn="arn:aws:iam::1:role/r",
        user_name="r", mfa_ns=0,
    )  # fmt: skip
    context = to_json(made.record(principal=role))["userIdentity"]["sessionContext"]
    assert list(context) == ["sessionIssuer", "webIdFederationData", "attributes", "sourceIdentity"]
    assert context["attributes"]["mfaAuthenticated"] == "false"
