"""Imported key material: wrapping, re-import, expiry, several materials, and what is refused."""

import hmac
import re
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from fixture_keys import known
from kms_wrapping import bring, wrapped

from regions.crypto.rsa import RsaKey
from regions.errors import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    InvalidCiphertextException,
    InvalidImportTokenException,
    KMSInvalidStateException,
    NotFoundException,
    UnsupportedOperationException,
    ValidationException,
)
from sim.units import days, hours, seconds

ONE, TWO = bytes(range(32)), bytes(range(100, 132))
WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}


def arn(key_id: str) -> str:
    return f"arn:aws:kms:us-east-1:111122223333:key/{key_id}"


def state(desk: Any, key_id: str) -> str:
    return str(desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"])


def external(desk: Any) -> str:
    return str(desk.create_key(Origin="EXTERNAL"))


def sealed(desk: Any, key_id: str) -> Any:
    return desk.call("Encrypt", KeyId=key_id, Plaintext=b"pin")["CiphertextBlob"]


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
@pytest.mark.parametrize("form", ["", "wrap"])
def test_material_comes_in_by_every_algorithm(desk: Any, algorithm: str, form: str) -> None:
    if form:
        algorithm = algorithm.replace("RSAES_OAEP", "RSA_AES_KEY_WRAP")
    key_id = external(desk)
    assert state(desk, key_id) == "PendingImport"
    answer = bring(desk, key_id, ONE, algorithm=algorithm)
    shown = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
    assert answer == {"KeyId": arn(key_id), "KeyMaterialId": shown["CurrentKeyMaterialId"]}
    assert (shown["KeyState"], shown["Origin"], shown["ExpirationModel"]) == (
        "Enabled",
        "EXTERNAL",
        "KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    assert desk.call("Decrypt", CiphertextBlob=sealed(desk, key_id))["Plaintext"] == b"pin"
    assert desk.keyring.digest() == desk.twin.digest()


def test_larger_wrapping_keys_work_as_well(desk: Any) -> None:
    bring(desk, external(desk), ONE, wrapping="RSA_3072")


def test_kms_15_the_same_material_restores_the_key_and_no_other_does(desk: Any) -> None:
    """KMS-15: after loss the owner's copy opens what was sealed; another one is refused."""
    key_id = external(desk)
    bring(desk, key_id, ONE)
    blob = sealed(desk, key_id)
    desk.call("DeleteImportedKeyMaterial", KeyId=key_id)
    text = f"^KMSInvalidStateException: {arn(key_id)} is pending import.$"
    with pytest.raises(KMSInvalidStateException, match=text):
        desk.call("Decrypt", CiphertextBlob=blob)
    with pytest.raises(IncorrectKeyMaterialException):
        bring(desk, key_id, TWO)
    bring(desk, key_id, ONE)
    assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"pin"


def test_kms_17_imported_material_is_in_no_answer_record_or_log_entry(desk: Any) -> None:
    """KMS-17: neither the material nor its wrapping key leaves the HSM in the clear."""
    key_id = external(desk)
    bring(desk, key_id, ONE)
    hidden = [secret for kind, secret in desk.secrets if kind == "imported-key"]
    assert hidden == [ONE]
    shown = [*desk.frames, desk.keyring.snapshot(), repr(desk.records).encode()]
    for text in shown:
        assert ONE not in text
        assert ONE.hex().encode() not in text


def test_equal_material_of_two_keys_opens_no_blob_of_the_other(desk: Any) -> None:
    one, two = external(desk), external(desk)
    ids = [bring(desk, key_id, ONE)["KeyMaterialId"] for key_id in (one, two)]
    assert ids[0] != ids[1]
    assert desk.answer_code("Decrypt", KeyId=two, CiphertextBlob=sealed(desk, one)) == (
        "IncorrectKeyException"
    )


def test_material_expires_on_its_day_and_may_come_back(desk: Any) -> None:
    key_id = external(desk)
    valid_to_ns = desk.now_ns + days(30)
    bring(desk, key_id, ONE, ValidTo=valid_to_ns / 10**9)
    blob = sealed(desk, key_id)
    shown = desk.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
    assert (shown["ExpirationModel"], shown["ValidTo"]) == (
        "KEY_MATERIAL_EXPIRES",
        valid_to_ns / 10**9,
    )
    token = desk.keyring.key(key_id).current.token
    desk.run_jobs(days(30) - seconds(1))
    assert state(desk, key_id) == "Enabled"
    desk.run_jobs(seconds(1))
    assert state(desk, key_id) == "PendingImport"
    assert token not in desk.keyring.snapshot()
    expired = [record for record in desk.job_records if record.name.startswith("Delete")]
    assert [(r.name, r.event_type, r.resources[0].arn) for r in expired] == [
        ("DeleteExpiredKeyMaterial", "AwsServiceEvent", arn(key_id))
    ]
    bring(desk, key_id, ONE)
    assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"pin"


def test_a_second_import_sets_another_date(desk: Any) -> None:
    key_id = external(desk)
    bring(desk, key_id, ONE, ValidTo=(desk.now_ns + days(30)) / 10**9)
    bring(desk, key_id, ONE)
    desk.run_jobs(days(60))
    assert state(desk, key_id) == "Enabled"


def test_several_materials_rotate_on_demand_and_all_must_be_there(desk: Any) -> None:
    """CMK-12: rotation of imported material; ciphertext of both opens while both are there."""
    key_id = external(desk)
    first = bring(desk, key_id, ONE, KeyMaterialDescription="of 2025")["KeyMaterialId"]
    old = sealed(desk, key_id)
    second = bring(desk, key_id, TWO, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    assert listed(desk, key_id) == {
        first: ("CURRENT", "IMPORTED", "of 2025"),
        second: ("PENDING_ROTATION", "IMPORTED", None),
    }
    desk.call("RotateKeyOnDemand", KeyId=key_id)
    desk.run_due()
    new = sealed(desk, key_id)
    desk.call("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=first)
    assert listed(desk, key_id) == {
        first: ("NON_CURRENT", "PENDING_IMPORT", "of 2025"),
        second: ("CURRENT", "IMPORTED", None),
    }
    assert state(desk, key_id) == "PendingImport"
    bring(desk, key_id, ONE, KeyMaterialId=first)
    for blob in (old, new):
        assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"pin"
    (entry,) = desk.call("ListKeyRotations", KeyId=key_id)["Rotations"]
    assert (entry["KeyMaterialId"], entry["RotationType"]) == (second, "ON_DEMAND")
    assert desk.keyring.digest() == desk.twin.digest()


def listed(desk: Any, key_id: str) -> dict[str, tuple[str, str, str | None]]:
    found = desk.call("ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    return {
        one["KeyMaterialId"]: (
            one["KeyMaterialState"],
            one["ImportState"],
            one.get("KeyMaterialDescription"),
        )
        for one in found["Rotations"]
    }


def test_only_one_new_material_waits_for_a_rotation_and_may_be_replaced(desk: Any) -> None:
    key_id = external(desk)
    bring(desk, key_id, ONE)
    second = bring(desk, key_id, TWO, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    other = bytes(32)
    text = (
        "KMSInvalidStateException: New key material (id: ID) cannot be imported into KMS key"
        f" {key_id}, because another key material (id: {second}) is pending rotation."
    )
    pattern = re.escape(text).replace("ID\\)", "[0-9a-f]{64}\\)", 1)
    with pytest.raises(KMSInvalidStateException, match=f"^{pattern}$"):
        bring(desk, key_id, other, ImportType="NEW_KEY_MATERIAL")
    desk.call("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=second)
    assert state(desk, key_id) == "Enabled"
    bring(desk, key_id, other, ImportType="NEW_KEY_MATERIAL")
    assert [found[0] for found in listed(desk, key_id).values()] == ["CURRENT", "PENDING_ROTATION"]


def test_without_waiting_material_imported_keys_do_not_rotate(desk: Any) -> None:
    key_id = external(desk)
    text = f"^KMSInvalidStateException: {arn(key_id)} is pending import.$"
    with pytest.raises(KMSInvalidStateException, match=text):
        desk.call("RotateKeyOnDemand", KeyId=key_id)
    bring(desk, key_id, ONE)
    text = (
        "^KMSInvalidStateException: No available key material pending rotation for the key:"
        f" {arn(key_id)}.$"
    )
    with pytest.raises(KMSInvalidStateException, match=text):
        desk.call("RotateKeyOnDemand", KeyId=key_id)
    text = f"{arn(key_id)} origin is EXTERNAL which is not valid for this operation.$"
    for action in ("EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus"):
        with pytest.raises(UnsupportedOperationException, match=text):
            desk.call(action, KeyId=key_id)


def test_the_import_token_holds_for_a_day_and_for_its_key(desk: Any) -> None:
    key_id, other = external(desk), external(desk)
    given = desk.call("GetParametersForImport", KeyId=key_id, **WRAPPING)
    assert given["ParametersValidTo"] == (desk.now_ns + hours(24)) / 10**9
    with pytest.raises(InvalidImportTokenException):
        bring(desk, other, ONE, parameters=given)
    torn = given["ImportToken"][:-1] + bytes([given["ImportToken"][-1] ^ 1])
    for token in (torn, torn[:-9], b"token"):
        with pytest.raises(InvalidImportTokenException):
            bring(desk, key_id, ONE, parameters={**given, "ImportToken": token})
    desk.run_jobs(hours(24))
    bring(desk, key_id, ONE, parameters=given)
    desk.wait(1)
    with pytest.raises(ExpiredImportTokenException):
        bring(desk, key_id, ONE, parameters=given)


@pytest.mark.parametrize("size", [16, 31, 33])
def test_material_of_another_size_is_refused(desk: Any, size: int) -> None:
    key_id = external(desk)
    with pytest.raises(InvalidCiphertextException):
        bring(desk, key_id, bytes(size))
    assert state(desk, key_id) == "PendingImport"


def test_what_was_wrapped_otherwise_does_not_open(desk: Any) -> None:
    key_id = external(desk)
    given = desk.call("GetParametersForImport", KeyId=key_id, **WRAPPING)
    garbled = wrapped(given["PublicKey"], "RSAES_OAEP_SHA_1", ONE)
    for blob in (garbled, b"short"):
        with pytest.raises(InvalidCiphertextException):
            desk.call(
                "ImportKeyMaterial",
                KeyId=key_id,
                ImportToken=given["ImportToken"],
                EncryptedKeyMaterial=blob,
                ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
            )


def test_keys_of_other_origin_take_no_imports(desk: Any) -> None:
    key_id = desk.create_key()
    text = f"{arn(key_id)} origin is AWS_KMS which is not valid for this operation.$"
    with pytest.raises(UnsupportedOperationException, match=text):
        desk.call("GetParametersForImport", KeyId=key_id, **WRAPPING)
    with pytest.raises(UnsupportedOperationException, match=text):
        desk.call("DeleteImportedKeyMaterial", KeyId=key_id)


@pytest.mark.parametrize("algorithm", ["RSAES_PKCS1_V1_5", "SM2PKE"])
def test_retired_and_foreign_ways_of_wrapping_are_refused(desk: Any, algorithm: str) -> None:
    with pytest.raises(
        UnsupportedOperationException, match=f"^[A-Za-z]+: Wrapping with {algorithm}"
    ):
        desk.call(
            "GetParametersForImport",
            KeyId=external(desk),
            WrappingAlgorithm=algorithm,
            WrappingKeySpec="RSA_2048",
        )


MISSING = "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
UNWANTED = "A validTo date may be set only if the ExpirationModel is KEY_MATERIAL_EXPIRES"
FAR = "The validTo date must be within 365 days from now"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"ExpirationModel": "KEY_MATERIAL_EXPIRES"}, MISSING),
        ({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "ValidTo": 1.0}, UNWANTED),
        ({"ValidTo": 1.0}, FAR),
        ({"ValidTo": 1_767_268_800.0 + 366 * 86_400}, FAR),
    ],
)
def test_dates_that_do_not_fit_are_refused(desk: Any, more: dict[str, Any], text: str) -> None:
    key_id = external(desk)
    with pytest.raises(ValidationException, match=f"^ValidationException: {text}$"):
        bring(desk, key_id, ONE, **more)


def test_an_unknown_material_id_is_told(desk: Any) -> None:
    key_id = external(desk)
    bring(desk, key_id, ONE)
    with pytest.raises(NotFoundException):
        desk.call("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId="ab" * 32)
    with pytest.raises(IncorrectKeyMaterialException):
        bring(desk, key_id, ONE, KeyMaterialId="ab" * 32)


def test_deleting_what_is_not_there_changes_nothing(desk: Any) -> None:
    key_id = external(desk)
    before = desk.keyring.key(key_id)
    assert desk.call("DeleteImportedKeyMaterial", KeyId=key_id) == {"KeyId": arn(key_id)}
    assert desk.keyring.key(key_id) == before


def test_a_saved_key_whose_material_expired_awaits_it(desk: Any) -> None:
    key_id = external(desk)
    bring(desk, key_id, ONE, ValidTo=(desk.now_ns + days(3)) / 10**9)
    desk.call("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    desk.run_jobs(days(4))
    assert state(desk, key_id) == "PendingDeletion"
    desk.call("CancelKeyDeletion", KeyId=key_id)
    assert state(desk, key_id) == "PendingImport"


def test_tokens_of_imported_material_are_wrapped_anew_with_the_others(desk: Any) -> None:
    key_id = external(desk)
    bring(desk, key_id, ONE)
    blob = sealed(desk, key_id)
    desk.run_jobs(days(20))
    assert desk.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"pin"


def test_the_record_names_dates_and_ids_and_no_secret(desk: Any) -> None:
    key_id = external(desk)
    answer = bring(desk, key_id, ONE)
    parameters, imported = desk.records[-2], desk.records[-1]
    assert parameters.request_parameters == {
        "keyId": key_id,
        "wrappingAlgorithm": "RSAES_OAEP_SHA_256",
        "wrappingKeySpec": "RSA_2048",
    }
    assert (parameters.response_elements, parameters.read_only) == (None, True)
    assert imported.request_parameters == {
        "keyId": key_id,
        "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    assert imported.response_elements == {
        "keyId": arn(key_id),
        "keyMaterialId": answer["KeyMaterialId"],
    }


# ---- keys of other kinds ----


def test_an_imported_hmac_key_makes_the_macs_of_its_owner(desk: Any) -> None:
    key_id = desk.create_key(Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    secret = bytes(range(48))
    bring(desk, key_id, secret)
    given = {"KeyId": key_id, "Message": b"hello", "MacAlgorithm": "HMAC_SHA_256"}
    assert desk.call("GenerateMac", **given)["Mac"] == hmac.digest(secret, b"hello", "sha256")


def rsa_key() -> Any:
    return load_der_private_key(RsaKey(known(2048)[1][1]).private_der(), None)


@pytest.mark.parametrize(
    ("spec", "algorithm", "make"),
    [
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", rsa_key),
        ("ECC_NIST_P256", "ECDSA_SHA_256", lambda: ec.derive_private_key(7, ec.SECP256R1())),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256", lambda: ec.derive_private_key(7, ec.SECP256K1())),
        (
            "ECC_NIST_EDWARDS25519",
            "ED25519_SHA_512",
            lambda: ed25519.Ed25519PrivateKey.from_private_bytes(ONE),
        ),
    ],
)
def test_an_imported_private_key_signs_for_its_owner(
    desk: Any, spec: str, algorithm: str, make: Callable[[], Any]
) -> None:
    # The material is PKCS #8; its public half, which the owner has, is what the service tells.
    key_id = desk.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")
    private = make()
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    bring(desk, key_id, der, algorithm="RSA_AES_KEY_WRAP_SHA_256")
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert desk.call("GetPublicKey", KeyId=key_id)["PublicKey"] == public
    given = {"KeyId": key_id, "Message": b"hello", "SigningAlgorithm": algorithm}
    signature = desk.call("Sign", **given)["Signature"]
    assert desk.call("Verify", Signature=signature, **given)["SignatureValid"]


def test_the_key_of_another_curve_is_refused(desk: Any) -> None:
    key_id = desk.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    other = ec.derive_private_key(7, ec.SECP256K1())
    der = other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(InvalidCiphertextException):
        bring(desk, key_id, der, algorithm="RSA_AES_KEY_WRAP_SHA_256")


def test_an_rsa_key_is_too_long_for_oaep_alone(desk: Any) -> None:
    key_id = desk.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    text = "Material of a RSA_2048 key is too long for RSAES_OAEP_SHA_256 under RSA_2048."
    pattern = f"^UnsupportedOperationException: {re.escape(text)}$"
    with pytest.raises(UnsupportedOperationException, match=pattern):
        desk.call("GetParametersForImport", KeyId=key_id, **WRAPPING)


def test_keys_of_other_kinds_keep_their_first_material(desk: Any) -> None:
    key_id = desk.create_key(Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    bring(desk, key_id, ONE)
    with pytest.raises(IncorrectKeyMaterialException):
        bring(desk, key_id, TWO)
    text = "^ValidationException: ImportType is for symmetric encryption keys only$"
    with pytest.raises(ValidationException, match=text):
        bring(desk, key_id, TWO, ImportType="NEW_KEY_MATERIAL")


def test_keys_without_a_format_for_imports_are_refused(desk: Any) -> None:
    text = "^UnsupportedOperationException: Keys of spec ML_DSA_44 have no imported key material.$"
    with pytest.raises(UnsupportedOperationException, match=text):
        desk.create_key(Origin="EXTERNAL", KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")


@pytest.mark.parametrize(
    ("spec", "usage"), [("HMAC_256", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "SIGN_VERIFY")]
)
def test_only_symmetric_keys_rotate(desk: Any, spec: str, usage: str) -> None:
    key_id = desk.create_key(KeySpec=spec, KeyUsage=usage)
    for action in (
        "EnableKeyRotation",
        "DisableKeyRotation",
        "GetKeyRotationStatus",
        "RotateKeyOnDemand",
        "ListKeyRotations",
    ):
        with pytest.raises(
            UnsupportedOperationException, match=r"^UnsupportedOperationException: $"
        ):
            desk.call(action, KeyId=key_id)
