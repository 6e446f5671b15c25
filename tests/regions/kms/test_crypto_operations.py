"""Each cryptographic action through the loop, against a real vault: answers and exact refusals."""

import re
from typing import Any

import pytest

from regions.errors import (
    AccessDeniedException,
    DisabledException,
    DryRunOperationException,
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidKeyUsageException,
    UnknownOperationException,
    UnsupportedOperationException,
    ValidationException,
)

ARN = "arn:aws:kms:us-east-1:111122223333:"
ABSENT = "0987dcba-09fe-87dc-65ba-ab0987654321"


def refused(text: str) -> Any:
    """A pattern for exactly this text, as str(ServiceError) shows it behind the code."""
    return f"^[A-Za-z]+: {re.escape(text)}$"


def test_what_is_encrypted_is_decrypted_under_the_same_context_only(desk: Any) -> None:
    key_id = desk.create_key()
    context = {"tenant": "1", "table": "orders"}
    sealed = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin", EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    assert sealed == {
        "CiphertextBlob": blob,
        "KeyId": f"{ARN}key/{key_id}",
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }
    reordered = dict(reversed(context.items()))
    opened = desk.call("Decrypt", CiphertextBlob=blob, EncryptionContext=reordered)
    assert opened == {
        "KeyId": f"{ARN}key/{key_id}",
        "Plaintext": b"pin",
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": desk.keyring.key(key_id).materials[0].material_id,
    }
    with pytest.raises(InvalidCiphertextException, match=refused("")):
        desk.call("Decrypt", CiphertextBlob=blob, EncryptionContext={"tenant": "2"})


def test_plaintext_has_1_to_4096_bytes(desk: Any) -> None:
    """CMK-02: 4,096 bytes pass, 4,097 and none are refused."""
    key_id = desk.create_key()
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"x" * 4096)["CiphertextBlob"]
    assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"x" * 4096
    begin = "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
    with pytest.raises(
        ValidationException,
        match=refused(f"{begin}Member must have length less than or equal to 4096"),
    ):
        desk.call("Encrypt", KeyId=key_id, Plaintext=b"x" * 4097)
    with pytest.raises(
        ValidationException,
        match=refused(f"{begin}Member must have length greater than or equal to 1"),
    ):
        desk.call("Encrypt", KeyId=key_id, Plaintext=b"")


@pytest.mark.parametrize(
    ("asked", "size"),
    [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 77}, 77)],
)
def test_a_data_key_is_returned_once_and_kept_nowhere(
    desk: Any, asked: dict[str, Any], size: int
) -> None:
    """CMK-03, CMK-08: made, sealed, decrypted again; optionally in plaintext; no copy is kept."""
    key_id = desk.create_key()
    made = desk.call("GenerateDataKey", KeyId=key_id, EncryptionContext={"a": "b"}, **asked)
    material_id = desk.keyring.key(key_id).materials[0].material_id
    assert len(made["Plaintext"]) == size
    assert (made["KeyId"], made["KeyMaterialId"]) == (f"{ARN}key/{key_id}", material_id)
    opened = desk.call(
        "Decrypt", CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"}
    )
    assert opened["Plaintext"] == made["Plaintext"]
    sealed = desk.call("GenerateDataKeyWithoutPlaintext", KeyId=key_id, **asked)
    assert sorted(sealed) == ["CiphertextBlob", "KeyId", "KeyMaterialId"]
    assert len(desk.call("Decrypt", CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"]) == size
    assert made["Plaintext"] not in desk.keyring.snapshot()


def test_the_size_of_a_data_key_is_said_once(desk: Any) -> None:
    key_id = desk.create_key()
    text = "Please specify either number of bytes or key spec."
    for asked in ({}, {"KeySpec": "AES_256", "NumberOfBytes": 32}):
        with pytest.raises(ValidationException, match=refused(text)):
            desk.call("GenerateDataKey", KeyId=key_id, **asked)


def test_random_bytes_need_their_number(desk: Any) -> None:
    assert len(desk.call("GenerateRandom", NumberOfBytes=1024)["Plaintext"]) == 1024
    with pytest.raises(ValidationException, match=refused("NumberOfBytes is required.")):
        desk.call("GenerateRandom")


def test_a_blob_is_sealed_again_under_another_key_without_being_seen(desk: Any) -> None:
    first, second = desk.create_key(), desk.create_key()
    blob = desk.call("Encrypt", KeyId=first, Plaintext=b"pin", EncryptionContext={"v": "1"})
    again = desk.call(
        "ReEncrypt",
        CiphertextBlob=blob["CiphertextBlob"],
        SourceEncryptionContext={"v": "1"},
        DestinationKeyId=second,
        DestinationEncryptionContext={"v": "2"},
    )
    assert again == {
        "CiphertextBlob": again["CiphertextBlob"],
        "SourceKeyId": f"{ARN}key/{first}",
        "KeyId": f"{ARN}key/{second}",
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": desk.keyring.key(first).materials[0].material_id,
        "DestinationKeyMaterialId": desk.keyring.key(second).materials[0].material_id,
    }
    opened = desk.call(
        "Decrypt", CiphertextBlob=again["CiphertextBlob"], EncryptionContext={"v": "2"}
    )
    assert (opened["KeyId"], opened["Plaintext"]) == (f"{ARN}key/{second}", b"pin")
    with pytest.raises(InvalidCiphertextException):
        desk.call("ReEncrypt", CiphertextBlob=blob["CiphertextBlob"], DestinationKeyId=second)


def test_naming_another_key_than_the_blobs_own_is_refused(desk: Any) -> None:
    first, second = desk.create_key(), desk.create_key()
    blob = desk.call("Encrypt", KeyId=first, Plaintext=b"pin")["CiphertextBlob"]
    assert desk.call("Decrypt", CiphertextBlob=blob, KeyId=first)["Plaintext"] == b"pin"
    text = "The key ID in the request does not identify a CMK that can perform this operation."
    with pytest.raises(IncorrectKeyException, match=refused(text)):
        desk.call("Decrypt", CiphertextBlob=blob, KeyId=second)
    with pytest.raises(IncorrectKeyException, match=refused(text)):
        desk.call("ReEncrypt", CiphertextBlob=blob, SourceKeyId=second, DestinationKeyId=first)


def test_bytes_that_are_no_blob_are_refused_without_detail(desk: Any) -> None:
    key_id = desk.create_key()
    for blob in (b"x", b"11N\x01" + bytes(300)):
        with pytest.raises((InvalidCiphertextException, AccessDeniedException)):
            desk.call("Decrypt", CiphertextBlob=blob)
    with pytest.raises(InvalidCiphertextException, match=refused("")):
        desk.call("Decrypt", CiphertextBlob=b"x", KeyId=key_id)
    with pytest.raises(
        ValidationException,
        match=refused(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy "
            "constraint: Member must not be null"
        ),
    ):
        desk.call("Decrypt")


def test_a_dry_run_answers_as_the_call_would_and_does_nothing(desk: Any) -> None:
    key_id = desk.create_key()
    blob = desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]
    asked = len(desk.hsm_commands)
    text = "The request would have succeeded, but the DryRun option is set."
    for action, parameters in (
        ("Encrypt", {"KeyId": key_id, "Plaintext": b"pin"}),
        ("Decrypt", {"CiphertextBlob": blob}),
        ("Decrypt", {"KeyId": key_id, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}),
        ("GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("GenerateDataKeyWithoutPlaintext", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key_id}),
    ):
        with pytest.raises(DryRunOperationException, match=refused(text)):
            desk.call(action, DryRun=True, **parameters)
    desk.call("DisableKey", KeyId=key_id)
    with pytest.raises(DisabledException):
        desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin", DryRun=True)
    assert len(desk.hsm_commands) == asked


def test_an_algorithm_that_symmetric_keys_lack_is_refused(desk: Any) -> None:
    key_id = desk.create_key()
    text = "Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT."
    with pytest.raises(InvalidKeyUsageException, match=refused(text)):
        desk.call("Encrypt", KeyId=key_id, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_1")


def test_what_is_not_modelled_says_so(desk: Any) -> None:
    key_id = desk.create_key()
    with pytest.raises(UnknownOperationException, match=refused("SignMore is not modelled.")):
        desk.call("SignMore", KeyId=key_id)
    owners = "ResourceOwners is not modelled."
    with pytest.raises(UnsupportedOperationException, match=refused(owners)):
        desk.call("ListKeys", ResourceOwners=("SELF",))
