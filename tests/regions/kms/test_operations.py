"""Each action on keys and their names through the loop, against a real vault: answers and exact refusals."""

import re
from typing import Any

import pytest

from regions.errors import (
    AccessDeniedException,
    AlreadyExistsException,
    DisabledException,
    InvalidArnException,
    InvalidMarkerException,
    KMSInvalidStateException,
    LimitExceededException,
    MalformedPolicyDocumentException,
    NotAuthorizedException,
    NotFoundException,
    TagException,
    UnsupportedOperationException,
    ValidationException,
)
from regions.kms.key_store import CustomKeyStoreNotFoundException

ARN = "arn:aws:kms:us-east-1:111122223333:"
ABSENT = "0987dcba-09fe-87dc-65ba-ab0987654321"


def refused(text: str) -> Any:
    """A pattern for exactly this text, as str(ServiceError) shows it behind the code."""
    return f"^[A-Za-z]+: {re.escape(text)}$"


def test_a_new_key_has_the_whole_metadata_of_kms_01_and_cmk_01(desk: Any) -> None:
    """KMS-01, CMK-01: the key is a resource with id, ARN and metadata."""
    body = desk.call("CreateKey", Description="payroll")
    key_id = body["KeyMetadata"]["KeyId"]
    material_id = body["KeyMetadata"]["CurrentKeyMaterialId"]
    assert body == {
        "KeyMetadata": {
            "AWSAccountId": "111122223333",
            "KeyId": key_id,
            "Arn": f"{ARN}key/{key_id}",
            "CreationDate": 1767268800.0,
            "Enabled": True,
            "Description": "payroll",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ("SYMMETRIC_DEFAULT",),
            "MultiRegion": False,
            "CurrentKeyMaterialId": material_id,
        }
    }
    assert len(material_id) == 64
    assert desk.call("DescribeKey", KeyId=f"{ARN}key/{key_id}") == body


def test_a_disabled_key_is_of_no_use_until_it_is_enabled(desk: Any) -> None:
    """CMK-11: DisableKey refuses cryptography, EnableKey restores it."""
    key_id = desk.create_key()
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    assert desk.call("DisableKey", KeyId=key_id) == {}
    for action, parameters in (
        ("Encrypt", {"KeyId": key_id, "Plaintext": b"pin"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
    ):
        with pytest.raises(DisabledException, match=refused(f"{ARN}key/{key_id} is disabled.")):
            desk.call(action, **parameters)
    assert desk.call("EnableKey", KeyId=key_id) == {}
    assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"pin"


def test_a_condemned_key_can_be_saved_and_comes_back_disabled(desk: Any) -> None:
    key_id = desk.create_key()
    arn = f"{ARN}key/{key_id}"
    scheduled = desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    assert scheduled == {
        "KeyId": arn,
        "DeletionDate": 1767268800.0 + 7 * 86400,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": 7,
    }
    seen = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
    assert (seen["Enabled"], seen["KeyState"], seen["DeletionDate"]) == (
        False,
        "PendingDeletion",
        scheduled["DeletionDate"],
    )
    pending = refused(f"{arn} is pending deletion.")
    for action, parameters in (
        ("Encrypt", {"KeyId": key_id, "Plaintext": b"x"}),
        ("ScheduleKeyDeletion", {"KeyId": key_id}),
        ("EnableKey", {"KeyId": key_id}),
        ("DisableKey", {"KeyId": key_id}),
        ("CreateAlias", {"AliasName": "alias/late", "TargetKeyId": key_id}),
    ):
        with pytest.raises(KMSInvalidStateException, match=pending):
            desk.call(action, **parameters)
    assert desk.call("CancelKeyDeletion", KeyId=key_id) == {"KeyId": arn}
    assert desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"] == "Disabled"
    with pytest.raises(KMSInvalidStateException, match=refused(f"{arn} is not pending deletion.")):
        desk.call("CancelKeyDeletion", KeyId=key_id)


@pytest.mark.parametrize("window", [1, 6, 31, 365])
def test_a_deletion_window_has_7_to_30_days(desk: Any, window: int) -> None:
    key_id = desk.create_key()
    text = "PendingWindowInDays must be between 7 and 30"
    with pytest.raises(ValidationException, match=refused(text)):
        desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=window)
    assert desk.call("ScheduleKeyDeletion", KeyId=key_id)["PendingWindowInDays"] == 30


def test_an_alias_names_a_key_wherever_aliases_are_taken(desk: Any) -> None:
    key_id = desk.create_key()
    assert desk.call("CreateAlias", AliasName="alias/app/main", TargetKeyId=key_id) == {}
    for name in ("alias/app/main", f"{ARN}alias/app/main"):
        blob = desk.call("Encrypt", KeyId=name, Plaintext=b"pin")["CiphertextBlob"]
        assert desk.call("Decrypt", CiphertextBlob=blob, KeyId=name)["Plaintext"] == b"pin"
        assert desk.call("DescribeKey", KeyId=name)["KeyMetadata"]["KeyId"] == key_id
    taken = f"An alias with the name {ARN}alias/app/main already exists"
    with pytest.raises(AlreadyExistsException, match=refused(taken)):
        desk.call("CreateAlias", AliasName="alias/app/main", TargetKeyId=key_id)
    with pytest.raises(NotFoundException, match=refused("Invalid keyId 'alias/app/main'")):
        desk.call("DisableKey", KeyId="alias/app/main")
    text = "Key Aliases are not supported for this operation."
    with pytest.raises(InvalidArnException, match=refused(text)):
        desk.call("DisableKey", KeyId=f"{ARN}alias/app/main")


def test_alias_names_follow_the_rules(desk: Any) -> None:
    """CMK-18: alias/aws/ is reserved, so customers cannot create such aliases."""
    key_id = desk.create_key()
    for name, error, text in (
        (
            "app",
            ValidationException,
            (
                'Alias must start with the prefix "alias/". Please see '
                "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
            ),
        ),
        ("alias/aws/ssm", NotAuthorizedException, ""),
        ("alias/a:b", ValidationException, "alias/a:b contains invalid characters for an alias"),
        (
            "alias/a b",
            ValidationException,
            (
                "1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy "
                "constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"
            ),
        ),
    ):
        with pytest.raises(error, match=refused(text)):
            desk.call("CreateAlias", AliasName=name, TargetKeyId=key_id)
    with pytest.raises(
        ValidationException, match=refused("Aliases must refer to keys. Not aliases")
    ):
        desk.call("CreateAlias", AliasName="alias/b", TargetKeyId="alias/a")
    assert desk.call("ListAliases") == {"Aliases": (), "Truncated": False}


def test_a_key_has_at_most_fifty_aliases(desk: Any) -> None:
    key_id = desk.create_key()
    for number in range(50):
        desk.call("CreateAlias", AliasName=f"alias/n{number}", TargetKeyId=key_id)
    with pytest.raises(
        LimitExceededException, match=refused(f"The key {ARN}key/{key_id} has 50 aliases already")
    ):
        desk.call("CreateAlias", AliasName="alias/n50", TargetKeyId=key_id)


def test_listings_come_in_pages_without_gaps_or_repeats(desk: Any) -> None:
    """CMK-05: the inventory lists every key of the account, once."""
    made = [desk.create_key() for _ in range(7)]
    for number in range(5):
        desk.call("CreateAlias", AliasName=f"alias/n{number}", TargetKeyId=made[0])
    keys: list[str] = []
    parameters: dict[str, Any] = {"Limit": 3}
    while True:
        page = desk.call("ListKeys", **parameters)
        keys += [entry["KeyId"] for entry in page["Keys"]]
        assert page["Truncated"] is ("NextMarker" in page)
        if not page["Truncated"]:
            break
        parameters["Marker"] = page["NextMarker"]
    assert keys == made
    assert page["Keys"] == ({"KeyId": made[6], "KeyArn": f"{ARN}key/{made[6]}"},)
    first = desk.call("ListAliases", Limit=4, KeyId=made[0])
    rest = desk.call("ListAliases", Limit=4, KeyId=made[0], Marker=first["NextMarker"])
    assert [a["AliasName"] for a in first["Aliases"]] == [f"alias/n{n}" for n in range(4)]
    assert rest == {
        "Aliases": (
            {
                "AliasName": "alias/n4",
                "AliasArn": f"{ARN}alias/n4",
                "TargetKeyId": made[0],
                "CreationDate": 1767268800.0,
                "LastUpdatedDate": 1767268800.0,
            },
        ),
        "Truncated": False,
    }
    assert desk.call("ListAliases", KeyId=made[1]) == {"Aliases": (), "Truncated": False}
    for action, marker in (
        ("ListKeys", first["NextMarker"]),
        ("ListKeys", "rubbish"),
        ("ListAliases", "!"),
    ):
        with pytest.raises(InvalidMarkerException):
            desk.call(action, Marker=marker)


def test_the_default_policy_is_shown_as_the_service_writes_it(desk: Any) -> None:
    key_id = desk.create_key()
    body = desk.call("GetKeyPolicy", KeyId=key_id)
    assert body == {
        "Policy": (
            '{\n  "Version" : "2012-10-17",\n  "Id" : "key-default-1",\n  "Statement" : [ {\n'
            '    "Sid" : "Enable IAM User Permissions",\n    "Effect" : "Allow",\n'
            '    "Principal" : {\n      "AWS" : "arn:aws:iam::111122223333:root"\n    },\n'
            '    "Action" : "kms:*",\n    "Resource" : "*"\n  } ]\n}'
        ),
        "PolicyName": "default",
    }
    with pytest.raises(NotFoundException, match=refused("No such policy exists")):
        desk.call("GetKeyPolicy", KeyId=key_id, PolicyName="other")


def test_a_new_policy_changes_who_may_use_the_key(desk: Any, kit: Any) -> None:
    """CMK-13: PutKeyPolicy grants and takes away access."""
    ana, ben = kit.user("ana"), kit.user("ben", policy="")
    key_id = desk.create_key(ana)
    encrypt = {"KeyId": key_id, "Plaintext": b"x"}
    with pytest.raises(AccessDeniedException):
        desk.call("Encrypt", ben, **encrypt)
    policy = (
        '{"Version":"2012-10-17","Statement":['
        '{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ana"},'
        '"Action":["kms:PutKeyPolicy","kms:GetKeyPolicy"],"Resource":"*"},'
        '{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ben"},'
        '"Action":"kms:Encrypt","Resource":"*"}]}'
    )
    assert desk.call("PutKeyPolicy", ana, KeyId=key_id, Policy=policy) == {}
    assert desk.call("GetKeyPolicy", ana, KeyId=key_id)["Policy"] == policy
    desk.call("Encrypt", ben, **encrypt)
    with pytest.raises(
        AccessDeniedException,
        match=refused(
            "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: kms:Encrypt "
            f"on resource: {ARN}key/{key_id} because no resource-based policy allows the "
            "kms:Encrypt action"
        ),
    ):
        desk.call("Encrypt", ana, **encrypt)


def test_a_policy_that_locks_its_author_out_is_refused_unless_insisted(desk: Any) -> None:
    key_id = desk.create_key()
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":'
        '"arn:aws:iam::111122223333:user/zoe"},"Action":"kms:*","Resource":"*"}]}'
    )
    text = "The new key policy will not allow you to update the key policy in the future."
    for action, parameters in (("PutKeyPolicy", {"KeyId": key_id}), ("CreateKey", {})):
        with pytest.raises(MalformedPolicyDocumentException, match=refused(text)):
            desk.call(action, Policy=policy, **parameters)
        desk.call(action, Policy=policy, BypassPolicyLockoutSafetyCheck=True, **parameters)
    with pytest.raises(AccessDeniedException):
        desk.call("PutKeyPolicy", KeyId=key_id, Policy=policy)


def test_a_policy_that_is_none_or_too_long_is_refused(desk: Any) -> None:
    with pytest.raises(MalformedPolicyDocumentException, match=refused("")):
        desk.call("CreateKey", Policy="not a policy")
    with pytest.raises(
        LimitExceededException, match=refused("The policy is longer than 32768 bytes.")
    ):
        desk.call("CreateKey", Policy=" " * 32_769)
    assert len(desk.keyring) == 0


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        (
            {"KeySpec": "HMAC_256"},
            ValidationException,
            (
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption "
                "keys."
            ),
        ),
        (
            {"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"},
            UnsupportedOperationException,
            "KeySpec SM2 is not modelled.",
        ),
        (
            {"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
            UnsupportedOperationException,
            "KeySpec ML_KEM_512 is not modelled.",
        ),
        (
            {"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"},
            ValidationException,
            "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
        ),
        (
            {"KeyUsage": "SIGN_VERIFY"},
            ValidationException,
            "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT",
        ),
        (
            {"CustomKeyStoreId": "cks-1234567890abcdef0", "Origin": "AWS_CLOUDHSM"},
            CustomKeyStoreNotFoundException,
            "Custom key store cks-1234567890abcdef0 does not exist.",
        ),
        (
            {"Tags": [{"TagKey": f"k{n}", "TagValue": ""} for n in range(51)]},
            TagException,
            "Too many tags",
        ),
        (
            {"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]},
            TagException,
            "Duplicate tag keys",
        ),
        (
            {"Tags": [{"TagKey": "aws:x", "TagValue": "1"}]},
            TagException,
            "Tags beginning with aws: are reserved",
        ),
    ],
)
def test_a_key_that_cannot_be_is_refused(
    desk: Any, parameters: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=refused(text)):
        desk.call("CreateKey", **parameters)
    assert len(desk.keyring) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fake-key-id", "Invalid keyId 'fake-key-id'"),
        (ABSENT, f"Key '{ARN}key/{ABSENT}' does not exist"),
        (f"{ARN}key/{ABSENT}", f"Key '{ARN}key/{ABSENT}' does not exist"),
        ("alias/none", f"Alias {ARN}alias/none is not found."),
        (f"arn:aws:kms:eu-west-1:111122223333:key/{ABSENT}", "Invalid arn eu-west-1"),
    ],
)
def test_a_name_that_names_nothing_is_not_found(desk: Any, name: str, text: str) -> None:
    with pytest.raises(NotFoundException, match=refused(text)):
        desk.call("DescribeKey", KeyId=name)
