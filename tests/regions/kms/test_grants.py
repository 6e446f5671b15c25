"""Grants through the loop: who gets what by them, what binds them, and what they beget."""

from dataclasses import replace
from typing import Any

import pytest
from kms_grants import (
    ACCOUNT,
    ARN,
    AWAY,
    PAIR,
    ROLE,
    SESSION,
    ben,
    code,
    document,
    give,
)

from regions.calls import Principal
from regions.errors import (
    InvalidArnException,
    ValidationException,
)


def test_a_grant_lets_its_grantee_do_what_it_names_and_nothing_else(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    encrypt = {"KeyId": key_id, "Plaintext": b"pin"}
    assert code(desk, who, "Encrypt", **encrypt) == "AccessDeniedException"
    given = give(desk, key_id, who.arn, "Encrypt", "DescribeKey")
    assert sorted(given) == ["GrantId", "GrantToken"]
    blob = desk.call("Encrypt", who, **encrypt)["CiphertextBlob"]
    desk.call("DescribeKey", who, KeyId=key_id)
    assert code(desk, who, "Decrypt", CiphertextBlob=blob) == "AccessDeniedException"
    assert code(desk, kit.user("eve", policy=""), "Encrypt", **encrypt) == "AccessDeniedException"
    assert desk.keyring.digest() == desk.twin.digest()


def test_kms_07_an_explicit_deny_ends_what_a_grant_allows(desk: Any, kit: Any) -> None:
    """KMS-07: key policy, identity policies and grants are weighed together; a deny wins."""
    key_id = desk.create_key()
    who = ben(kit)
    give(desk, key_id, who.arn, "Encrypt")
    encrypt = {"KeyId": key_id, "Plaintext": b"pin"}
    deny = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}
    assert code(desk, ben(kit, document(deny)), "Encrypt", **encrypt) == "AccessDeniedException"
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": root}
    policy = document(allow, {**deny, "Principal": {"AWS": who.arn}})
    desk.call("PutKeyPolicy", KeyId=key_id, Policy=policy)
    assert code(desk, who, "Encrypt", **encrypt) == "AccessDeniedException"


def test_a_grant_counts_without_any_policy_that_lets_the_account_in(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    give(desk, key_id, who.arn, "Encrypt")
    only_ana = {"AWS": kit.user("ana").arn}
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": only_ana}
    desk.call("PutKeyPolicy", KeyId=key_id, Policy=document(allow))
    desk.call("Encrypt", who, KeyId=key_id, Plaintext=b"pin")


def test_a_role_holds_a_grant_for_its_sessions_within_their_session_policies(desk: Any) -> None:
    key_id = desk.create_key()
    give(desk, key_id, ROLE, "Encrypt")
    encrypt = {"KeyId": key_id, "Plaintext": b"pin"}
    desk.call("Encrypt", SESSION, **encrypt)
    other = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    limited = replace(SESSION, session_policies=(other,))
    assert code(desk, limited, "Encrypt", **encrypt) == "AccessDeniedException"


def test_an_account_that_holds_a_grant_hands_it_on_by_identity_policy(desk: Any, kit: Any) -> None:
    key_id = desk.create_key()
    only_ana = {"AWS": kit.user("ana").arn}
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": only_ana}
    desk.call("PutKeyPolicy", KeyId=key_id, Policy=document(allow))
    give(desk, key_id, f"arn:aws:iam::{ACCOUNT}:root", "Encrypt")
    encrypt = {"KeyId": key_id, "Plaintext": b"pin"}
    root = Principal(kind="Root", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root")
    desk.call("Encrypt", root, **encrypt)
    assert code(desk, ben(kit), "Encrypt", **encrypt) == "AccessDeniedException"
    may = document({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"})
    desk.call("Encrypt", ben(kit, may), **encrypt)


def test_across_accounts_a_grant_needs_the_callers_own_account_too(desk: Any, kit: Any) -> None:
    key_id, bob = desk.create_key(), kit.user("bob", account=AWAY)
    give(desk, key_id, bob.arn, "Encrypt")
    encrypt = {"KeyId": f"{ARN}key/{key_id}", "Plaintext": b"pin"}
    assert code(desk, replace(bob, policies=()), "Encrypt", **encrypt) == "AccessDeniedException"
    desk.call("Encrypt", bob, **encrypt)


# ---- constraints ----


@pytest.mark.parametrize(
    ("kind", "context", "allowed"),
    [
        ("EncryptionContextSubset", {"Tenant": "7"}, True),
        ("EncryptionContextSubset", {"tenant": "7", "more": "x"}, True),
        ("EncryptionContextSubset", {"Tenant": "8"}, False),
        ("EncryptionContextSubset", None, False),
        ("EncryptionContextEquals", {"TENANT": "7"}, True),
        ("EncryptionContextEquals", {"Tenant": "7", "more": "x"}, False),
        ("EncryptionContextEquals", None, False),
    ],
)
def test_a_constraint_binds_the_encryption_context(
    desk: Any, kit: Any, kind: str, context: Any, allowed: bool
) -> None:
    # Names of pairs are compared without regard to case, values with it.
    key_id, who = desk.create_key(), ben(kit)
    give(desk, key_id, who.arn, "Encrypt", "DescribeKey", Constraints={kind: PAIR})
    call = {"KeyId": key_id, "Plaintext": b"x"}
    if context is not None:
        call["EncryptionContext"] = context
    assert (code(desk, who, "Encrypt", **call) == "") is allowed
    desk.call("DescribeKey", who, KeyId=key_id)  # No constraint on a context binds it.


def test_re_encrypt_is_bound_by_each_sides_own_context(desk: Any, kit: Any) -> None:
    key_id, who = desk.create_key(), ben(kit)
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"x", EncryptionContext={"a": "1"})
    bound = {"EncryptionContextEquals": {"a": "1"}}
    give(desk, key_id, who.arn, "ReEncryptFrom", Constraints=bound)
    bound = {"EncryptionContextEquals": {"b": "2"}}
    give(desk, key_id, who.arn, "ReEncryptTo", Constraints=bound)
    call = {
        "CiphertextBlob": blob["CiphertextBlob"],
        "SourceEncryptionContext": {"a": "1"},
        "DestinationKeyId": key_id,
    }
    assert code(desk, who, "ReEncrypt", **call) == "AccessDeniedException"
    desk.call("ReEncrypt", who, **call, DestinationEncryptionContext={"b": "2"})


def test_a_service_holds_a_grant_for_one_resource(desk: Any) -> None:
    """CMK-14: a service may use a customer's key on his behalf by a grant, until it is revoked."""
    key_id = desk.create_key()
    source = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
    given = desk.call(
        "CreateGrant",
        KeyId=key_id,
        GranteeServicePrincipal="sqs.amazonaws.com",
        RetiringServicePrincipal="sqs.amazonaws.com",
        Operations=["GenerateDataKey"],
        Constraints={"SourceArn": source},
    )
    sqs = Principal(
        kind="AWSService",
        account=ACCOUNT,
        arn="",
        invoked_by="sqs.amazonaws.com",
        source_arn=source,
    )
    call = {"KeyId": f"{ARN}key/{key_id}", "KeySpec": "AES_256"}
    desk.call("GenerateDataKey", sqs, **call)
    for other in (
        replace(sqs, source_arn=f"{source}2"),
        replace(sqs, invoked_by="sns.amazonaws.com"),
    ):
        assert code(desk, other, "GenerateDataKey", **call) == "AccessDeniedException"
    desk.call("RevokeGrant", KeyId=key_id, GrantId=given["GrantId"])
    assert code(desk, sqs, "GenerateDataKey", **call) == "AccessDeniedException"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "two constraints": (
        {"Constraints": {"EncryptionContextSubset": PAIR, "EncryptionContextEquals": {}}},
        "More than one constraint supplied",
    ),
    "nine pairs": (
        {"Constraints": {"EncryptionContextSubset": {str(n): "" for n in range(9)}}},
        "A grant constraint has at most 8 pairs.",
    ),
    "385 characters": (
        {"Constraints": {"EncryptionContextEquals": {"a": "x" * 384}}},
        "A grant constraint has at most 384 characters.",
    ),
    "nothing allowed": ({"Operations": []}, "Grants must contain at least one operation."),
    "only CreateGrant": (
        {"Operations": ["CreateGrant"]},
        "Grants must not contain only the CreateGrant operation.",
    ),
    "two grantees": (
        {"GranteeServicePrincipal": "sqs.amazonaws.com"},
        "You cannot specify both GranteePrincipal and GranteeServicePrincipal.",
    ),
    "no grantee": (
        {"GranteePrincipal": None},
        "You must specify either GranteePrincipal or GranteeServicePrincipal.",
    ),
    "a service for any resource": (
        {"GranteePrincipal": None, "GranteeServicePrincipal": "sqs.amazonaws.com"},
        "GranteeServicePrincipal requires a SourceArn constraint.",
    ),
    "a service that nobody retires": (
        {
            "GranteePrincipal": None,
            "GranteeServicePrincipal": "sqs.amazonaws.com",
            "Constraints": {"SourceArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"},
        },
        "GranteeServicePrincipal requires RetiringPrincipal or RetiringServicePrincipal.",
    ),
    "an operation of other keys": (
        {"Operations": ["Encrypt", "Sign"]},
        (
            "Operation Sign is not valid for a grant on a key of spec SYMMETRIC_DEFAULT and usage"
            " ENCRYPT_DECRYPT."
        ),
    ),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_what_no_grant_can_say_is_refused(desk: Any, kit: Any, what: str) -> None:
    key_id = desk.create_key()
    changed, text = REFUSED[what]
    call = {"KeyId": key_id, "GranteePrincipal": ben(kit).arn, "Operations": ["Encrypt"], **changed}
    call = {name: value for name, value in call.items() if value is not None}
    with pytest.raises(ValidationException) as refused:
        desk.call("CreateGrant", **call)
    assert refused.value.message == text


@pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
@pytest.mark.parametrize("text", ["ben", f"arn:aws:iam::{ACCOUNT}:group/staff", ACCOUNT])
def test_only_principals_hold_or_retire_grants(desk: Any, kit: Any, member: str, text: str) -> None:
    key_id = desk.create_key()
    call = {"GranteePrincipal": ben(kit).arn, "Operations": ["Encrypt"], member: text}
    with pytest.raises(InvalidArnException) as refused:
        desk.call("CreateGrant", KeyId=key_id, **call)
    assert refused.value.message == f"ARN does not refer to a valid principal: {text}"


# ---- children ----

CHILD: dict[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "the same": ({}, {}, True),
    "fewer operations": ({}, {"Operations": ["Encrypt"]}, True),
    "another operation": ({}, {"Operations": ["Encrypt", "GenerateDataKey"]}, False),
    "no constraint": ({"EncryptionContextSubset": PAIR}, {}, False),
    "a stricter subset": (
        {"EncryptionContextSubset": PAIR},
        {"Constraints": {"EncryptionContextSubset": {**PAIR, "x": "y"}}},
        True,
    ),
    "equality for a subset": (
        {"EncryptionContextSubset": PAIR},
        {"Constraints": {"EncryptionContextEquals": PAIR}},
        True,
    ),
    "another subset": (
        {"EncryptionContextSubset": PAIR},
        {"Constraints": {"EncryptionContextSubset": {"Tenant": "8"}}},
        False,
    ),
    "a subset for equality": (
        {"EncryptionContextEquals": PAIR},
        {"Constraints": {"EncryptionContextSubset": PAIR}},
        False,
    ),
    "more than was equal": (
        {"EncryptionContextEquals": PAIR},
        {"Constraints": {"EncryptionContextEquals": {**PAIR, "x": "y"}}},
        False,
    ),
}


@pytest.mark.parametrize("what", sorted(CHILD))
def test_a_child_allows_no_more_than_its_parent(desk: Any, kit: Any, what: str) -> None:
    key_id, who = desk.create_key(), ben(kit)
    constraints, changed, allowed = CHILD[what]
    more = {"Constraints": constraints} if constraints else {}
    give(desk, key_id, who.arn, "CreateGrant", "Encrypt", "Decrypt", **more)
    child = {"Operations": ["Encrypt", "Decrypt"], **changed}
    refused = code(desk, who, "CreateGrant", KeyId=key_id, GranteePrincipal=ROLE, **child)
    assert refused == ("" if allowed else "AccessDeniedException")


def test_leave_to_create_grants_from_a_policy_is_not_limited(desk: Any, kit: Any) -> None:
    may = document({"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*"})
    key_id, who = desk.create_key(), ben(kit, may)
    give(desk, key_id, who.arn, "CreateGrant", "Encrypt")
    call = {"GranteePrincipal": ROLE, "Operations": ["Decrypt"]}
    desk.call("CreateGrant", who, KeyId=key_id, **call)
