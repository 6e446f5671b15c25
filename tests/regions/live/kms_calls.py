"""A call of every KMS operation by boto3; each function is named as boto3 names the operation."""

import pytest
from botocore.exceptions import ClientError
from stand import ROOT, Stand, policy


def _key(at: Stand) -> str:
    return str(at.kms.create_key()["KeyMetadata"]["KeyId"])


def _state(at: Stand, key: str) -> str:
    return str(at.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


def cancel_key_deletion(at: Stand) -> None:
    key = _key(at)
    at.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert at.kms.cancel_key_deletion(KeyId=key)["KeyId"].endswith(f":key/{key}")
    assert _state(at, key) == "Disabled"


def create_alias(at: Stand) -> None:
    key, alias = _key(at), f"alias/{at.name('a')}"
    at.kms.create_alias(AliasName=alias, TargetKeyId=key)
    assert at.kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key


def create_key(at: Stand) -> None:
    made = at.kms.create_key(Description="of the stand")["KeyMetadata"]
    assert (made["Description"], made["KeyState"]) == ("of the stand", "Enabled")
    assert made["Arn"] == f"arn:aws:kms:us-east-1:{made['AWSAccountId']}:key/{made['KeyId']}"


def decrypt(at: Stand) -> None:
    context = {"tenant": "7"}
    sealed = at.kms.encrypt(KeyId=_key(at), Plaintext=b"x" * 4096, EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    opened = at.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x" * 4096, sealed["KeyId"])
    with pytest.raises(ClientError, match="InvalidCiphertextException"):
        at.kms.decrypt(CiphertextBlob=blob, EncryptionContext={"tenant": "8"})


def describe_key(at: Stand) -> None:
    made = at.kms.create_key()["KeyMetadata"]
    assert at.kms.describe_key(KeyId=made["Arn"])["KeyMetadata"] == made


def disable_key(at: Stand) -> None:
    key = _key(at)
    at.kms.disable_key(KeyId=key)
    with pytest.raises(ClientError, match="DisabledException"):
        at.kms.encrypt(KeyId=key, Plaintext=b"x")


def enable_key(at: Stand) -> None:
    key = _key(at)
    at.kms.disable_key(KeyId=key)
    at.kms.enable_key(KeyId=key)
    assert _state(at, key) == "Enabled"


def encrypt(at: Stand) -> None:
    key = _key(at)
    sealed = at.kms.encrypt(KeyId=key, Plaintext=b"x")
    assert (sealed["EncryptionAlgorithm"], sealed["KeyId"].endswith(key)) == (
        "SYMMETRIC_DEFAULT",
        True,
    )
    assert at.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"] != sealed["CiphertextBlob"]


def generate_data_key(at: Stand) -> None:
    made = at.kms.generate_data_key(KeyId=_key(at), KeySpec="AES_256")
    assert len(made["Plaintext"]) == 32
    assert at.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]


def generate_data_key_without_plaintext(at: Stand) -> None:
    made = at.kms.generate_data_key_without_plaintext(KeyId=_key(at), NumberOfBytes=48)
    assert "Plaintext" not in made
    assert len(at.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"]) == 48


def generate_random(at: Stand) -> None:
    drawn = [at.kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(2)]
    assert [len(one) for one in drawn] == [1024, 1024]
    assert drawn[0] != drawn[1]


def get_key_policy(at: Stand) -> None:
    found = at.kms.get_key_policy(KeyId=_key(at), PolicyName="default")
    assert (found["PolicyName"], ROOT in found["Policy"]) == ("default", True)


def list_aliases(at: Stand) -> None:
    key, names = _key(at), sorted(f"alias/{at.name('l')}" for _ in range(3))
    for name in names:
        at.kms.create_alias(AliasName=name, TargetKeyId=key)
    pages = at.kms.get_paginator("list_aliases").paginate(
        KeyId=key, PaginationConfig={"PageSize": 2}
    )
    assert [one["AliasName"] for page in pages for one in page["Aliases"]] == names


def list_keys(at: Stand) -> None:
    made = {_key(at) for _ in range(3)}
    pages = at.kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    listed = [one["KeyId"] for page in pages for one in page["Keys"]]
    assert made <= set(listed)
    assert len(set(listed)) == len(listed)


def put_key_policy(at: Stand) -> None:
    key = _key(at)
    wanted = policy("kms:*", Principal={"AWS": ROOT}, Sid="all")
    at.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=wanted)
    assert at.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == wanted


def re_encrypt(at: Stand) -> None:
    first, second = _key(at), _key(at)
    blob = at.kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]
    moved = at.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=second)
    assert (moved["SourceKeyId"][-36:], moved["KeyId"][-36:]) == (first, second)
    opened = at.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=second)
    assert opened["Plaintext"] == b"x"


def schedule_key_deletion(at: Stand) -> None:
    key = _key(at)
    answer = at.kms.schedule_key_deletion(KeyId=key)
    assert (answer["KeyState"], answer["PendingWindowInDays"]) == ("PendingDeletion", 30)
    with pytest.raises(ClientError, match="KMSInvalidStateException"):
        at.kms.encrypt(KeyId=key, Plaintext=b"x")


def update_alias(at: Stand) -> None:
    alias, first, second = f"alias/{at.name('u')}", _key(at), _key(at)
    at.kms.create_alias(AliasName=alias, TargetKeyId=first)
    at.kms.update_alias(AliasName=alias, TargetKeyId=second)
    assert at.kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == second
