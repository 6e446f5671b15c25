"""The condition keys that a request carries, of each kind of principal."""

from dataclasses import replace
from typing import Any

from regions.calls import ApiCall, Principal
from regions.policy.request import request_context

ACCOUNT = "111122223333"
NOON_NS = 1_767_268_800_500_000_000  # 2026-01-01T12:00:00.5Z
ANA = Principal(
    kind="IAMUser",
    account=ACCOUNT,
    arn=f"arn:aws:iam::{ACCOUNT}:user/ana",
    principal_id="AIDAANA",
    user_name="ana",
    tags=(("Team", "hr"),),
)
ALWAYS = {
    "aws:currenttime": "2026-01-01T12:00:00Z",
    "aws:epochtime": "1767268800",
    "aws:securetransport": "true",
    "aws:requestedregion": "eu-west-1",
    "aws:viaawsservice": "false",
    "aws:principalisawsservice": "false",
    "aws:useragent": "aws-cli/1.2",
    "aws:sourceip": "203.0.113.7",
}


def call(principal: Principal, **changes: Any) -> ApiCall:
    given = {"source_ip": "203.0.113.7", "user_agent": "aws-cli/1.2", **changes}
    return ApiCall(
        service="s3",
        region="eu-west-1",
        action="GetObject",
        parameters={},
        principal=principal,
        **given,
    )


def test_a_users_request_carries_who_when_and_where() -> None:
    assert request_context(call(ANA), NOON_NS) == {
        **ALWAYS,
        "aws:principaltype": "User",
        "aws:principalaccount": ACCOUNT,
        "aws:principalarn": ANA.arn,
        "aws:userid": "AIDAANA",
        "aws:username": "ana",
        "aws:principaltag/team": "hr",
    }


def test_a_session_carries_its_role_its_age_and_its_second_factor() -> None:
    session = Principal(
        kind="AssumedRole",
        account=ACCOUNT,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s1",
        principal_id="AROAAPP:s1",
        user_name="app",
        issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/app",
        session_ns=NOON_NS - 60 * 10**9,
        mfa_ns=NOON_NS - 61 * 10**9,
        source_identity="ana",
    )
    carried = {
        **ALWAYS,
        "aws:principaltype": "AssumedRole",
        "aws:principalaccount": ACCOUNT,
        "aws:principalarn": session.issuer_arn,
        "aws:userid": "AROAAPP:s1",
        "aws:sourceidentity": "ana",
        "aws:tokenissuetime": "2026-01-01T11:59:00Z",
        "aws:multifactorauthpresent": "true",
        "aws:multifactorauthage": "61",
    }
    assert request_context(call(session), NOON_NS) == carried
    alone = request_context(call(replace(session, mfa_ns=0)), NOON_NS)
    assert alone["aws:multifactorauthpresent"] == "false"
    assert "aws:multifactorauthage" not in alone


def test_root_is_its_account_and_nobody_is_nearly_nothing() -> None:
    root = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
    assert request_context(call(root), NOON_NS) == {
        **ALWAYS,
        "aws:principaltype": "Account",
        "aws:principalaccount": ACCOUNT,
        "aws:principalarn": root.arn,
        "aws:userid": ACCOUNT,
    }
    nobody = Principal(kind="Anonymous", account="", arn="")
    assert request_context(call(nobody, secure=False, user_agent=""), NOON_NS) == {
        **{key: value for key, value in ALWAYS.items() if key != "aws:useragent"},
        "aws:securetransport": "false",
        "aws:principaltype": "Anonymous",
    }


def test_a_service_carries_for_whom_and_what_it_acts() -> None:
    trail = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t"
    service = Principal(
        kind="AWSService",
        account=ACCOUNT,
        arn="",
        invoked_by="cloudtrail.amazonaws.com",
        source_arn=trail,
    )
    carried = request_context(call(service, source_ip="cloudtrail.amazonaws.com"), NOON_NS)
    assert carried == {
        **{key: value for key, value in ALWAYS.items() if key != "aws:sourceip"},
        "aws:principalisawsservice": "true",
        "aws:principalservicename": "cloudtrail.amazonaws.com",
        "aws:sourceaccount": ACCOUNT,
        "aws:sourcearn": trail,
    }


def test_a_call_through_a_service_says_through_which() -> None:
    through = replace(ANA, via_service="ssm", invoked_by="ssm.amazonaws.com")
    carried = request_context(call(through, source_ip="ssm.amazonaws.com"), NOON_NS)
    assert carried["aws:viaawsservice"] == "true"
    assert carried["aws:calledvia"] == ("ssm.amazonaws.com",)
    assert carried["aws:calledviafirst"] == carried["aws:calledvialast"] == "ssm.amazonaws.com"
    assert "aws:sourceip" not in carried


def test_resource_and_request_bring_their_owner_and_tags() -> None:
    plain = request_context(call(ANA), NOON_NS)
    carried = request_context(
        call(ANA),
        NOON_NS,
        resource_account="444455556666",
        resource_tags={"Team": "it"},
        request_tags={"Stage": "test"},
    )
    assert {key: value for key, value in carried.items() if key not in plain} == {
        "aws:resourceaccount": "444455556666",
        "aws:resourcetag/team": "it",
        "aws:tagkeys": ("Stage",),
        "aws:requesttag/stage": "test",
    }
