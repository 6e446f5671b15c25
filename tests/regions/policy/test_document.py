"""Policy documents: what compiles, what is refused, and with which words."""

import json
from typing import Any

import pytest

from regions.calls import Principal
from regions.errors import MalformedPolicyDocumentException
from regions.policy.defaults import default_key_policy, managed_key_policy
from regions.policy.document import (
    BY_ACCOUNT,
    BY_NAME,
    INVALID_PRINCIPALS,
    NO_PRINCIPAL,
    NOT_NAMED,
    compile_identity_policy,
    compile_key_policy,
)

ACCOUNT = "111122223333"
ALLOW = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}


def document(**changes: Any) -> str:
    statement = {**ALLOW, **changes}
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", ""),
        ("[]", ""),
        ("[" * 100_000, ""),
        ('{"Version":"2012-10-17"}', ""),
        ('{"Version":"2012-10-17","Statement":[]}', ""),
        ('{"Version":"2099-01-01","Statement":[]}', ""),
        (document(Effect="Maybe"), ""),
        (document(Effect=None), ""),
        (document(Action=None), ""),
        (document(NotAction="kms:Sign"), ""),
        (document(Resource=[]), ""),
        (document(Surprise=1), ""),
        (document(Principal=None), NO_PRINCIPAL),
        (document(Principal={"AWS": "ana"}), INVALID_PRINCIPALS),
        (document(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:group/g"}), INVALID_PRINCIPALS),
        (document(Principal={"Planet": "x"}), INVALID_PRINCIPALS),
        (document(Principal=["*"]), INVALID_PRINCIPALS),
    ],
)
def test_a_broken_key_policy_is_malformed(text: str, message: str) -> None:
    with pytest.raises(
        MalformedPolicyDocumentException, match=f"^MalformedPolicyDocumentException: {message}$"
    ):
        compile_key_policy(text)


def test_an_identity_policy_names_no_principal() -> None:
    with pytest.raises(MalformedPolicyDocumentException):
        compile_identity_policy(document())
    assert len(compile_identity_policy(document(Principal=None)).statements) == 1


def test_a_statement_names_principals_by_name_by_account_or_not() -> None:
    ana = Principal(kind="IAMUser", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/ana")
    root = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
    role = Principal(
        kind="AssumedRole",
        account=ACCOUNT,
        arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s1",
        issuer_arn=f"arn:aws:iam::{ACCOUNT}:role/app",
    )
    service = Principal(kind="AWSService", account=ACCOUNT, arn="", invoked_by="logs.amazonaws.com")

    def named(principals: Any) -> list[int]:
        (statement,) = compile_key_policy(document(**principals)).statements
        assert statement.principals is not None
        return [statement.principals.names(who) for who in (ana, root, role, service)]

    account = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert named({"Principal": "*"}) == [BY_NAME] * 4
    assert named({"Principal": account}) == [BY_ACCOUNT, BY_NAME, BY_ACCOUNT, NOT_NAMED]
    assert named({"Principal": {"AWS": ACCOUNT}}) == named({"Principal": account})
    assert named({"Principal": {"AWS": [ana.arn, role.issuer_arn]}}) == [
        *(BY_NAME, NOT_NAMED, BY_NAME, NOT_NAMED)
    ]
    assert named({"Principal": {"AWS": role.arn}}) == [NOT_NAMED, NOT_NAMED, BY_NAME, NOT_NAMED]
    assert named({"Principal": {"Service": "logs.amazonaws.com"}}) == [
        *(NOT_NAMED, NOT_NAMED, NOT_NAMED, BY_NAME)
    ]
    assert named({"Principal": None, "NotPrincipal": {"AWS": ana.arn}}) == [
        *(NOT_NAMED, BY_NAME, BY_NAME, BY_NAME)
    ]


def test_actions_match_without_regard_to_case_and_denials_come_first() -> None:
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "KMS:enc*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW, deny]})
    compiled = compile_key_policy(text)
    assert [statement.allows for statement in compiled.of_action("kms:Encrypt")] == [False, True]
    assert [statement.allows for statement in compiled.of_action("kms:Sign")] == [True]
    assert compile_key_policy(text) is compiled


def test_the_services_own_policies_compile() -> None:
    for text in (
        default_key_policy("us-east-1", ACCOUNT),
        default_key_policy("cn-north-1", ACCOUNT),
        managed_key_policy("us-east-1", ACCOUNT, "ssm"),
    ):
        assert compile_key_policy(text).statements
    assert "arn:aws-cn:iam::111122223333:root" in default_key_policy("cn-north-1", ACCOUNT)
