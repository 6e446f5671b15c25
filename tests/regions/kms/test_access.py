"""Who reaches a key, by which route, and what a refused caller leaves behind."""

import json
from dataclasses import replace
from typing import Any

import pytest

from regions.errors import AccessDeniedException, DisabledException, ValidationException

ARN = "arn:aws:kms:us-east-1:111122223333:"


def key_policy(*statements: dict[str, Any]) -> str:
    admin = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:user/ana"},
        "Action": ["kms:PutKeyPolicy", "kms:DisableKey", "kms:EnableKey"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [admin, *statements]})


def test_enc_03_whoever_has_no_permission_has_no_use_of_any_key(desk: Any, kit: Any) -> None:
    """ENC-03: a principal without permission gets no use of a key by any action."""
    key_id = desk.create_key()
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    desk.call("CreateAlias", AliasName="alias/b", TargetKeyId=key_id)
    given = desk.call(
        "CreateGrant", KeyId=key_id, GranteePrincipal=kit.user("ben").arn, Operations=["Decrypt"]
    )
    state, asked = desk.keyring.digest(), len(desk.hsm_commands)
    eve = kit.user("eve", policy="")
    calls: dict[str, dict[str, Any]] = {
        "CancelKeyDeletion": {"KeyId": key_id},
        "CreateAlias": {"AliasName": "alias/a", "TargetKeyId": key_id},
        "CreateGrant": {"KeyId": key_id, "GranteePrincipal": eve.arn, "Operations": ["Decrypt"]},
        "CreateKey": {},
        "Decrypt": {"CiphertextBlob": blob},
        "DeleteAlias": {"AliasName": "alias/b"},
        "DescribeKey": {"KeyId": key_id},
        "DisableKey": {"KeyId": key_id},
        "EnableKey": {"KeyId": key_id},
        "Encrypt": {"KeyId": key_id, "Plaintext": b"x"},
        "GenerateDataKey": {"KeyId": key_id, "KeySpec": "AES_256"},
        "GenerateDataKeyWithoutPlaintext": {"KeyId": key_id, "KeySpec": "AES_256"},
        "GenerateRandom": {"NumberOfBytes": 32},
        "GetKeyPolicy": {"KeyId": key_id},
        "ListAliases": {},
        "ListGrants": {"KeyId": key_id},
        "ListKeyPolicies": {"KeyId": key_id},
        "ListKeys": {},
        "ListResourceTags": {"KeyId": key_id},
        "ListRetirableGrants": {"RetiringPrincipal": eve.arn},
        "PutKeyPolicy": {"KeyId": key_id, "Policy": "{}"},
        "ReEncrypt": {"CiphertextBlob": blob, "DestinationKeyId": key_id},
        "RetireGrant": {"GrantToken": given["GrantToken"]},
        "RevokeGrant": {"KeyId": key_id, "GrantId": given["GrantId"]},
        "ScheduleKeyDeletion": {"KeyId": key_id},
        "TagResource": {"KeyId": key_id, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "UntagResource": {"KeyId": key_id, "TagKeys": ["a"]},
        "UpdateAlias": {"AliasName": "alias/b", "TargetKeyId": key_id},
        "UpdateKeyDescription": {"KeyId": key_id, "Description": "mine"},
    }
    for action, parameters in calls.items():
        with pytest.raises(AccessDeniedException):
            desk.call(action, eve, **parameters)
    assert (desk.keyring.digest(), len(desk.hsm_commands)) == (state, asked)
    assert [record.error_code for record in desk.records[4:]] == ["AccessDenied"] * len(calls)


def test_kms_06_both_routes_reach_the_same_checks(desk: Any, kit: Any) -> None:
    """KMS-06, CMK-27: directly or through a service; a service shows as kms:ViaService."""
    ana, ben = kit.user("ana"), kit.user("ben", policy="")
    key_id = desk.create_key(ana)
    through = {
        "Effect": "Allow",
        "Principal": {"AWS": ben.arn},
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    }
    direct = {
        "Effect": "Allow",
        "Principal": {"AWS": ana.arn},
        "Action": "kms:Encrypt",
        "Resource": "*",
    }
    desk.call("PutKeyPolicy", ana, KeyId=key_id, Policy=key_policy(through, direct))
    by_s3 = replace(ben, via_service="s3", invoked_by="s3.amazonaws.com")
    encrypt = {"KeyId": key_id, "Plaintext": b"x"}
    desk.call("Encrypt", ana, **encrypt)
    desk.call("Encrypt", by_s3, **encrypt)
    assert desk.records[-1].principal.invoked_by == "s3.amazonaws.com"
    for caller in (ben, replace(by_s3, via_service="ssm")):
        with pytest.raises(AccessDeniedException):
            desk.call("Encrypt", caller, **encrypt)


def test_cmk_14_the_owner_retains_control_over_a_services_use(desk: Any, kit: Any) -> None:
    """CMK-14: a service uses the key for a user until the owner disables or withdraws it."""
    ana, ben = kit.user("ana"), replace(kit.user("ben", policy=""), via_service="s3")
    key_id = desk.create_key(ana)
    allow = {
        "Effect": "Allow",
        "Principal": {"AWS": ben.arn},
        "Action": "kms:GenerateDataKey",
        "Resource": "*",
        "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
    }
    use = {"KeyId": key_id, "KeySpec": "AES_256"}
    desk.call("PutKeyPolicy", ana, KeyId=key_id, Policy=key_policy(allow))
    desk.call("GenerateDataKey", ben, **use)
    desk.call("DisableKey", ana, KeyId=key_id)
    with pytest.raises(DisabledException):
        desk.call("GenerateDataKey", ben, **use)
    desk.call("EnableKey", ana, KeyId=key_id)
    desk.call("GenerateDataKey", ben, **use)
    desk.call("PutKeyPolicy", ana, KeyId=key_id, Policy=key_policy())
    with pytest.raises(AccessDeniedException):
        desk.call("GenerateDataKey", ben, **use)


def test_conditions_see_the_call(desk: Any, kit: Any) -> None:
    ana, ben = kit.user("ana"), kit.user("ben", policy="")
    key_id = desk.create_key(ana, Tags=[{"TagKey": "Team", "TagValue": "hr"}])
    desk.call("CreateAlias", ana, AliasName="alias/app", TargetKeyId=key_id)
    blob = desk.call("Encrypt", ana, KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]

    def allowed(action: str, condition: dict[str, Any], **parameters: Any) -> bool:
        policy = key_policy(statement_for(ben, condition))
        desk.call("PutKeyPolicy", ana, KeyId=key_id, Policy=policy)
        answer = desk.outcome(action, ben, KeyId=key_id, **parameters).answer
        return not isinstance(answer, AccessDeniedException)

    pair = {"EncryptionContext": {"Tenant": "1"}}
    encrypt = {"Plaintext": b"x"}
    tenant = {"StringEquals": {"kms:EncryptionContext:tenant": "1"}}
    assert allowed("Encrypt", tenant, **encrypt, **pair)
    assert not allowed("Encrypt", tenant, **encrypt)
    only = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["Tenant"]}}
    assert allowed("Encrypt", only, **encrypt, **pair)
    assert not allowed("Encrypt", only, **encrypt, EncryptionContext={"tenant": "1"})
    window = {"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}
    assert not allowed("ScheduleKeyDeletion", window, PendingWindowInDays=7)
    assert allowed("DescribeKey", {"StringEquals": {"aws:ResourceTag/Team": "hr"}})
    assert allowed("DescribeKey", {"StringEquals": {"aws:username": "ben"}})
    assert not allowed("DescribeKey", {"StringEquals": {"kms:RequestAlias": "alias/app"}})
    same = {"Bool": {"kms:ReEncryptOnSameKey": "true"}}
    desk.call("PutKeyPolicy", ana, KeyId=key_id, Policy=key_policy(statement_for(ben, same)))
    desk.call("ReEncrypt", ben, CiphertextBlob=blob, DestinationKeyId=key_id)


def statement_for(who: Any, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": who.arn},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": condition,
    }


def test_re_encrypt_needs_a_permission_on_either_key(desk: Any, kit: Any) -> None:
    first, second = desk.create_key(), desk.create_key()
    blob = desk.call("Encrypt", KeyId=first, Plaintext=b"x")["CiphertextBlob"]

    def refused_for(*permissions: tuple[str, str]) -> str:
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": f"{ARN}key/{key_id}"}
            for action, key_id in permissions
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        who = kit.user("ben", policy=policy if statements else "")
        call = {"CiphertextBlob": blob, "DestinationKeyId": second}
        answer = desk.outcome("ReEncrypt", who, **call).answer
        return answer.message.split("perform: ")[1].split()[0] if hasattr(answer, "message") else ""

    source, destination = ("kms:ReEncryptFrom", first), ("kms:ReEncryptTo", second)
    assert refused_for(destination) == "kms:ReEncryptFrom"
    assert refused_for(source) == "kms:ReEncryptTo"
    assert refused_for(source, destination) == ""


def test_a_tag_without_a_value_is_refused_and_recorded_as_it_came(desk: Any) -> None:
    with pytest.raises(ValidationException):
        desk.call("CreateKey", Tags=[{"TagKey": "team"}])
    assert desk.records[0].request_parameters["tags"] == ({"tagKey": "team", "tagValue": None},)
