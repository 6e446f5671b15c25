"""The condition keys of KMS: every key that the Developer Guide lists, and when it is there.

Goal: a policy can ask for whatever the model knows of a call, and finds nothing that it does not.
Method: the keys of one call beside what they must be; actions need not be modelled for that.
"""

import json
from dataclasses import replace
from typing import Any

import pytest
from kms_grants import ARN, PAIR, ROLE, ben, code, document

from regions.calls import ApiCall
from regions.kms.condition_keys import condition_context
from regions.kms.operation import Turn

SQS = f"arn:aws:sqs:us-east-1:{'1' * 12}:orders"
GRANT = {"Operations": ["Encrypt", "Decrypt"], "GranteePrincipal": ROLE}


def keys_of(
    desk: Any,
    kit: Any,
    action: str,
    parameters: Any,
    *,
    member: str = "EncryptionContext",
    **more: Any,
) -> dict[str, Any]:
    """The condition keys of a call; ``more`` are fields of its principal."""
    principal = replace(kit.user("ben"), **more)
    call = ApiCall(
        service="kms",
        region=desk.region,
        action=action,
        parameters=parameters,
        principal=principal,
        source_ip="203.0.113.7",
        user_agent="cli",
    )
    turn = Turn(call, desk.keyring, now_ns=desk.now_ns, seed="s")
    if "KeyId" in parameters:
        turn.key = desk.keyring.key(parameters["KeyId"])
    return dict(condition_context(turn, turn.key, member))


ROWS: list[tuple[str, dict[str, Any], str, Any]] = [
    ("CreateKey", {}, "BypassPolicyLockoutSafetyCheck", "false"),
    (
        *("PutKeyPolicy", {"BypassPolicyLockoutSafetyCheck": True}),
        *("BypassPolicyLockoutSafetyCheck", "true"),
    ),
    ("Encrypt", {}, "BypassPolicyLockoutSafetyCheck", None),
    ("ListKeys", {}, "CallerAccount", "111122223333"),
    ("CreateKey", {"KeySpec": "RSA_2048"}, "CustomerMasterKeySpec", "RSA_2048"),
    ("CreateKey", {"KeyUsage": "SIGN_VERIFY"}, "CustomerMasterKeyUsage", "SIGN_VERIFY"),
    ("CreateKey", {}, "KeySpec", "SYMMETRIC_DEFAULT"),
    ("CreateKey", {"CustomerMasterKeySpec": "RSA_4096"}, "KeySpec", "RSA_4096"),
    ("CreateKey", {}, "KeyUsage", "ENCRYPT_DECRYPT"),
    ("CreateKey", {"Origin": "EXTERNAL"}, "KeyOrigin", "EXTERNAL"),
    ("CreateKey", {}, "MultiRegion", "false"),
    ("CreateKey", {"MultiRegion": True}, "MultiRegion", "true"),
    ("CreateKey", {"MultiRegion": True}, "MultiRegionKeyType", "PRIMARY"),
    ("CreateKey", {}, "MultiRegionKeyType", None),
    ("GenerateRandom", {}, "KeySpec", None),
    ("GenerateDataKeyPair", {"KeyPairSpec": "RSA_3072"}, "DataKeyPairSpec", "RSA_3072"),
    (
        *("Encrypt", {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}),
        *("EncryptionAlgorithm", "RSAES_OAEP_SHA_256"),
    ),
    ("GenerateDataKey", {}, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
    ("DescribeKey", {}, "EncryptionAlgorithm", None),
    ("Encrypt", {"EncryptionContext": PAIR}, "EncryptionContext:tenant", "7"),
    ("Encrypt", {"EncryptionContext": PAIR}, "EncryptionContextKeys", ("Tenant",)),
    ("Encrypt", {}, "EncryptionContextKeys", None),
    (
        *("ImportKeyMaterial", {"ExpirationModel": "KEY_MATERIAL_EXPIRES"}),
        *("ExpirationModel", "KEY_MATERIAL_EXPIRES"),
    ),
    ("ImportKeyMaterial", {"ValidTo": 1546257599.0}, "ValidTo", "1546257599.0"),
    ("DeriveSharedSecret", {"KeyAgreementAlgorithm": "ECDH"}, "KeyAgreementAlgorithm", "ECDH"),
    ("GenerateMac", {"MacAlgorithm": "HMAC_SHA_256"}, "MacAlgorithm", "HMAC_SHA_256"),
    ("Sign", {}, "MessageType", "RAW"),
    ("Verify", {"MessageType": "DIGEST"}, "MessageType", "DIGEST"),
    ("Sign", {"SigningAlgorithm": "ECDSA_SHA_256"}, "SigningAlgorithm", "ECDSA_SHA_256"),
    ("GetKeyPolicy", {}, "PolicyName", "default"),
    ("UpdatePrimaryRegion", {"PrimaryRegion": "eu-west-1"}, "PrimaryRegion", "eu-west-1"),
    ("ReplicateKey", {"ReplicaRegion": "eu-west-1"}, "ReplicaRegion", "eu-west-1"),
    ("EnableKeyRotation", {"RotationPeriodInDays": 90}, "RotationPeriodInDays", "90"),
    (
        *("ScheduleKeyDeletion", {"PendingWindowInDays": 7}),
        *("ScheduleKeyDeletionPendingWindowInDays", "7"),
    ),
    (
        *("GetParametersForImport", {"WrappingAlgorithm": "RSAES_OAEP_SHA_1"}),
        *("WrappingAlgorithm", "RSAES_OAEP_SHA_1"),
    ),
    ("GetParametersForImport", {"WrappingKeySpec": "RSA_2048"}, "WrappingKeySpec", "RSA_2048"),
    ("CreateGrant", GRANT, "GrantOperations", ("Encrypt", "Decrypt")),
    ("CreateGrant", GRANT, "GranteePrincipal", ROLE),
    ("CreateGrant", GRANT, "RetiringPrincipal", None),
    ("CreateGrant", {**GRANT, "RetiringPrincipal": ROLE}, "RetiringPrincipal", ROLE),
    (
        *("CreateGrant", {**GRANT, "GranteeServicePrincipal": "sqs.amazonaws.com"}),
        *("GranteeServicePrincipal", "sqs.amazonaws.com"),
    ),
    (
        *("CreateGrant", {**GRANT, "RetiringServicePrincipal": "sqs.amazonaws.com"}),
        *("RetiringServicePrincipal", "sqs.amazonaws.com"),
    ),
    ("CreateGrant", GRANT, "GrantConstraintType", None),
    (
        *("CreateGrant", {**GRANT, "Constraints": {"EncryptionContextSubset": PAIR}}),
        *("GrantConstraintType", "EncryptionContextSubset"),
    ),
    (
        *("CreateGrant", {**GRANT, "Constraints": {"EncryptionContextEquals": PAIR}}),
        *("EncryptionContext:tenant", "7"),
    ),
    (
        *("CreateGrant", {**GRANT, "Constraints": {"SourceArn": SQS}}),
        *("GrantConstraintSourceArn", SQS),
    ),
    ("CreateGrant", GRANT, "GrantIsForAWSResource", "false"),
    ("ListKeys", {}, "GrantIsForAWSResource", None),
    ("ListKeys", {}, "ViaService", None),
]


@pytest.mark.parametrize(
    ("action", "parameters", "name", "value"), ROWS, ids=[f"{row[0]}-{row[2]}" for row in ROWS]
)
def test_a_condition_key_is_what_the_call_says(
    desk: Any, kit: Any, action: str, parameters: dict[str, Any], name: str, value: Any
) -> None:
    found = keys_of(desk, kit, action, parameters)
    assert found.get(f"kms:{name.lower()}") == value


def test_a_key_s_own_properties_are_condition_keys(desk: Any, kit: Any) -> None:
    key_id = desk.create_key(Tags=[{"TagKey": "Team", "TagValue": "hr"}])
    desk.call("CreateAlias", AliasName="alias/a", TargetKeyId=key_id)
    desk.call("CreateAlias", AliasName="alias/b", TargetKeyId=key_id)
    found = keys_of(desk, kit, "DescribeKey", {"KeyId": key_id})
    wanted = {
        "kms:keyspec": "SYMMETRIC_DEFAULT",
        "kms:customermasterkeyspec": "SYMMETRIC_DEFAULT",
        "kms:keyusage": "ENCRYPT_DECRYPT",
        "kms:customermasterkeyusage": "ENCRYPT_DECRYPT",
        "kms:keyorigin": "AWS_KMS",
        "kms:multiregion": "false",
        "kms:resourcealiases": ("alias/a", "alias/b"),
        "aws:resourceaccount": "111122223333",
        "aws:resourcetag/team": "hr",
    }
    assert {name: found.get(name) for name in wanted} == wanted


def test_re_encrypt_shows_either_sides_algorithm(desk: Any, kit: Any) -> None:
    call = {"SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_1", "SourceEncryptionContext": PAIR}
    source = keys_of(desk, kit, "ReEncrypt", call, member="SourceEncryptionContext")
    other = keys_of(desk, kit, "ReEncrypt", call, member="DestinationEncryptionContext")
    name = "kms:encryptionalgorithm"
    assert (source[name], other[name]) == ("RSAES_OAEP_SHA_1", "SYMMETRIC_DEFAULT")
    assert "kms:encryptioncontext:tenant" in source
    assert "kms:encryptioncontext:tenant" not in other


def test_tags_of_the_request_are_condition_keys(desk: Any, kit: Any) -> None:
    tags = [{"TagKey": "Team", "TagValue": "hr"}, {"TagKey": "App", "TagValue": ""}]
    for action in ("CreateKey", "TagResource"):
        found = keys_of(desk, kit, action, {"Tags": tags})
        assert found["aws:tagkeys"] == ("Team", "App")
        assert (found["aws:requesttag/team"], found["aws:requesttag/app"]) == ("hr", "")
    found = keys_of(desk, kit, "UntagResource", {"TagKeys": ["Team"]})
    assert found["aws:tagkeys"] == ("Team",)
    assert "aws:requesttag/team" not in found


def test_a_service_s_call_says_so(desk: Any, kit: Any) -> None:
    found = keys_of(desk, kit, "CreateGrant", GRANT, via_service="sqs")
    assert found["kms:grantisforawsresource"] == "true"
    assert found["kms:viaservice"] == "sqs.us-east-1.amazonaws.com"


def test_what_the_model_does_not_know_is_absent(desk: Any, kit: Any) -> None:
    # Whoever asks for it meets a missing key: no organisation and no VPC is modelled.
    found = keys_of(desk, kit, "Encrypt", {})
    assert [name for name in found if name.startswith(("aws:principalorg", "aws:sourcevp"))] == []
    assert [name for name in found if name.startswith("kms:recipientattestation")] == []


# ---- through the loop ----


def test_aliases_of_a_key_are_seen_by_identity_policies_only(desk: Any, kit: Any) -> None:
    # AWS KMS Developer Guide, kms:ResourceAliases: it is for IAM policies.
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)
    named = {"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/*"}}
    allow = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": named}
    assert code(desk, ben(kit, document(allow)), "DescribeKey", KeyId=key_id) == ""
    root = {**allow, "Principal": {"AWS": kit.user("ana").arn}}
    del root["Condition"]
    policy = document(root, {**allow, "Principal": {"AWS": ben(kit).arn}})
    desk.call("PutKeyPolicy", KeyId=key_id, Policy=policy)
    assert code(desk, ben(kit), "DescribeKey", KeyId=key_id) == "AccessDeniedException"


def statement(condition: dict[str, Any], *actions: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": "*",
        "Condition": condition,
    }


CREATE = {"GranteePrincipal": ROLE, "Operations": ["Encrypt", "Decrypt"]}
BOUND = {"Constraints": {"EncryptionContextSubset": {"AppName": "ExampleApp"}}}
#: Condition, action, parameters, whether it is allowed: retold from the Developer Guide's section
#: on each key, with names of our own.
PUBLISHED: dict[str, tuple[dict[str, Any], str, dict[str, Any], bool]] = {
    "CallerAccount": ({"StringEquals": {"kms:CallerAccount": "1" * 12}}, "Encrypt", {}, False),
    "a pair of the context": (
        *({"StringEquals": {"kms:EncryptionContext:AppName": "ExampleApp"}}, "Encrypt"),
        *({"EncryptionContext": {"AppName": "ExampleApp"}}, True),
    ),
    "a pair with a name in other case": (
        *({"StringEquals": {"kms:EncryptionContext:appname": "ExampleApp"}}, "Encrypt"),
        *({"EncryptionContext": {"AppName": "ExampleApp"}}, True),
    ),
    "a pair with a value in other case": (
        *({"StringEquals": {"kms:EncryptionContext:AppName": "ExampleApp"}}, "Encrypt"),
        *({"EncryptionContext": {"AppName": "EXAMPLEAPP"}}, False),
    ),
    "a value whose case is no matter": (
        *({"StringEqualsIgnoreCase": {"kms:EncryptionContext:AppName": "ExampleApp"}}, "Encrypt"),
        *({"EncryptionContext": {"AppName": "EXAMPLEAPP"}}, True),
    ),
    "some pair has the name": (
        *({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "AppName"}}, "Encrypt"),
        *({"EncryptionContext": {"AppName": "x", "more": "y"}}, True),
    ),
    "all names are allowed, and there are none": (
        *({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "AppName"}}, "Encrypt"),
        *({}, True),
    ),
    "there must be a context": (
        {"Null": {"kms:EncryptionContextKeys": "false"}},
        *("Encrypt", {}, False),
    ),
    "a service alone may": (
        {"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}},
        *("Encrypt", {}, False),
    ),
    "grants of all these operations": (
        *({"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}},),
        *("CreateGrant", CREATE, True),
    ),
    "grants of fewer operations": (
        {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]}},
        *("CreateGrant", CREATE, False),
    ),
    "grants for one role": (
        {"StringEquals": {"kms:GranteePrincipal": ROLE}},
        *("CreateGrant", CREATE, True),
    ),
    "grants that some role retires": (
        {"StringEquals": {"kms:RetiringPrincipal": ROLE}},
        *("CreateGrant", CREATE, False),
    ),
    "grants with a constraint": (
        {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}},
        *("CreateGrant", {**CREATE, **BOUND}, True),
    ),
    "grants without it": (
        {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}},
        *("CreateGrant", CREATE, False),
    ),
    "grants for AWS resources": (
        {"Bool": {"kms:GrantIsForAWSResource": True}},
        *("CreateGrant", CREATE, False),
    ),
    "keys of one kind": ({"StringEquals": {"kms:KeySpec": "RSA_4096"}}, "Encrypt", {}, False),
    "keys of KMS's own material": (
        {"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}},
        *("Encrypt", {}, True),
    ),
    "a window of a week at least": (
        {"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": 7}},
        *("ScheduleKeyDeletion", {"PendingWindowInDays": 7}, True),
    ),
    "a window of thirty days": (
        {"NumericEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": 30}},
        *("ScheduleKeyDeletion", {"PendingWindowInDays": 7}, False),
    ),
    "keys with a tag": ({"StringEquals": {"aws:ResourceTag/Team": "hr"}}, "Encrypt", {}, True),
    "keys of the caller's own team": (
        {"StringEquals": {"aws:ResourceTag/Team": "${aws:PrincipalTag/team}"}},
        *("Encrypt", {}, True),
    ),
    "tags of these names only": (
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}},
        *("TagResource", {"Tags": [{"TagKey": "App", "TagValue": "x"}]}, False),
    ),
    "a tag with this value": (
        {"StringEquals": {"aws:RequestTag/Team": "it"}},
        *("TagResource", {"Tags": [{"TagKey": "Team", "TagValue": "it"}]}, True),
    ),
    "from these addresses": (
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        *("Encrypt", {}, True),
    ),
    "in an organisation": (
        {"StringEquals": {"aws:PrincipalOrgID": "o-12345"}},
        *("Encrypt", {}, False),
    ),
    "with the lock-out check": (
        {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": False}},
        *("PutKeyPolicy", {"Policy": "{}", "BypassPolicyLockoutSafetyCheck": True}, False),
    ),
}


@pytest.mark.parametrize("what", sorted(PUBLISHED))
def test_a_published_condition_decides_as_it_says(desk: Any, kit: Any, what: str) -> None:
    condition, action, parameters, allowed = PUBLISHED[what]
    key_id = desk.create_key(Tags=[{"TagKey": "Team", "TagValue": "hr"}])
    given = {"Encrypt": {"Plaintext": b"x"}}.get(action, {})
    who = ben(kit, document(statement(condition, f"kms:{action}")))
    who = replace(who, tags=(("team", "hr"),))
    answer = code(desk, who, action, KeyId=key_id, **given, **parameters)
    assert (answer != "AccessDeniedException") is allowed


def test_a_request_by_alias_is_allowed_by_its_alias(desk: Any, kit: Any) -> None:
    key_id = desk.create_key()
    desk.call("CreateAlias", AliasName="alias/app", TargetKeyId=key_id)
    named = statement({"StringLike": {"kms:RequestAlias": "alias/a*"}}, "kms:DescribeKey")
    who = ben(kit, document(named))
    assert code(desk, who, "DescribeKey", KeyId="alias/app") == ""
    assert code(desk, who, "DescribeKey", KeyId=f"{ARN}alias/app") == ""
    assert code(desk, who, "DescribeKey", KeyId=key_id) == "AccessDeniedException"


def test_new_keys_are_limited_by_what_they_would_be(desk: Any, kit: Any) -> None:
    spec = {"StringEquals": {"kms:KeySpec": "RSA_2048"}}
    call = {"Tags": [{"TagKey": "Team", "TagValue": "hr"}]}
    assert code(desk, ben(kit, document(statement(spec, "kms:*"))), "CreateKey") == (
        "AccessDeniedException"
    )
    tagged = {"StringEquals": {"aws:RequestTag/Team": "hr"}}
    who = ben(kit, document(statement(tagged, "kms:CreateKey", "kms:TagResource")))
    assert code(desk, who, "CreateKey", **call) == ""
    assert code(desk, who, "CreateKey") == "AccessDeniedException"


def test_a_policy_that_would_lock_its_author_out_may_be_put_on_purpose(desk: Any, kit: Any) -> None:
    key_id, ana = desk.create_key(), kit.user("ana")
    entry = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{**entry, "Principal": {"AWS": ana.arn}}]}
    )
    call = {"KeyId": key_id, "Policy": policy}
    assert code(desk, ana, "PutKeyPolicy", **call) == "MalformedPolicyDocumentException"
    assert code(desk, ana, "PutKeyPolicy", **call, BypassPolicyLockoutSafetyCheck=True) == ""
    assert code(desk, ana, "PutKeyPolicy", **call) == "AccessDeniedException"
